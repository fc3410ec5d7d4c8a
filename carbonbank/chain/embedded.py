"""The embedded chain: eth-tester over py-evm on one SQLite file, behind an ordinary web3.

py-evm and SQLite connections belong to one thread, so one owner thread does everything and any
other thread queues for it. Each request is one SQLite transaction: a kill at any line leaves the
file at the last whole block. Gas is free here (base fee 0), so no key needs a coin.
"""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from eth.chains.base import MiningChain
from eth.db.atomic import AtomicDB
from eth.exceptions import PyEVMError
from eth.exceptions import TransactionNotFound as EvmTransactionNotFound
from eth.vm.forks import PragueVM
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.backends.pyevm.main import get_default_genesis_params
from eth_tester.backends.pyevm.serializers import (
    serialize_transaction,
    serialize_transaction_receipt,
)
from eth_tester.exceptions import TransactionNotFound
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException  # type: ignore[import-untyped]
from web3 import EthereumTesterProvider, Web3
from web3.providers.eth_tester.defaults import API_ENDPOINTS
from web3.types import RPCEndpoint, RPCResponse

from carbonbank.chain.kv import SqliteNodes
from carbonbank.errors import ChainFileBusy, ChainFileUnreadable
from carbonbank.ports import Clock

T = TypeVar("T")

# Random ids start above every registered network's and stay below 2^53 (exact in JSON everywhere).
CHAIN_ID_FIRST = 2**40
CHAIN_ID_COUNT = 2**52
# What opening meets in a file that is no chain: no SQLite, no head, no header, no block.
DAMAGE = (sqlite3.DatabaseError, PyEVMError, RLPException, KeyError, ValueError)


class _TrueTimeVM(PragueVM):  # type: ignore[misc]
    """Prague, except that blocks of the same second may share it.

    The rule "strictly later than the parent" would push a busy chain's clock ahead of the real
    one by a second per transaction, and with it every deadline.
    """

    @classmethod
    def validate_header(cls, header: Any, parent_header: Any) -> None:
        if parent_header is not None and header.timestamp == parent_header.timestamp:
            header = header.copy(timestamp=header.timestamp + 1)
        super().validate_header(header, parent_header)


class _FileChain(MiningChain):  # type: ignore[misc]
    vm_configuration = ((0, _TrueTimeVM),)
    newest: Any = None  # the last transaction applied, which knows its sender already

    def create_header_from_parent(self, parent_header: Any, **header_params: Any) -> Any:
        header_params.setdefault("gas_limit", parent_header.gas_limit)
        header_params.setdefault("timestamp", parent_header.timestamp + 1)
        return super().create_header_from_parent(parent_header, **header_params)

    def apply_transaction(self, transaction: Any) -> Any:
        # py-evm leaves this check (EIP-155) to the node around it.
        if transaction.chain_id != self.chain_id:
            raise ValidationError(f"signed for chain {transaction.chain_id}, not {self.chain_id}")
        applied = super().apply_transaction(transaction)
        self.newest = transaction
        return applied

    def get_transaction_builder(self) -> Any:
        return self.get_vm().get_transaction_builder()


class _FileBackend(PyEVMBackend):  # type: ignore[misc]
    """eth-tester's backend over a chain in a file; transactions are found by index, not by scan."""

    def __init__(self, nodes: SqliteNodes, chain_id: int, clock: Clock) -> None:
        self.account_keys = ()
        self._db = AtomicDB(nodes)
        self._clock = clock
        self._chain_class = _FileChain.configure(chain_id=chain_id)

    def begin(self) -> None:
        """Write the genesis block: no accounts, free gas, now."""
        genesis = get_default_genesis_params({"timestamp": self._now_s()})
        self._chain_class.from_genesis(self._db, genesis | {"base_fee_per_gas": 0})

    def open(self) -> None:
        """Take the chain up where the file left it."""
        self.chain = self._chain_class(self._db)

    def set_time(self) -> None:
        """Give the pending block the real second, never before its parent's."""
        parent = self.chain.get_block_header_by_hash(self.chain.header.parent_hash)
        self.chain.set_header_timestamp(max(self._now_s(), parent.timestamp))

    def get_transaction_by_hash(self, transaction_hash: bytes) -> Any:
        block, transaction, index = self._located(transaction_hash)
        return serialize_transaction(block, transaction, index, is_pending=False)

    def get_transaction_receipt(self, transaction_hash: bytes) -> Any:
        block, transaction, index = self._located(transaction_hash)
        receipts = block.get_receipts(self.chain.chaindb)
        return serialize_transaction_receipt(
            block, receipts, transaction, index, is_pending=False, vm=self.chain.get_vm()
        )

    def _located(self, transaction_hash: bytes) -> tuple[Any, Any, int]:
        try:
            number, index = self.chain.get_canonical_transaction_index(transaction_hash)
        except EvmTransactionNotFound as unknown:
            raise TransactionNotFound(str(unknown)) from unknown
        block, newest = self.chain.get_canonical_block_by_number(number), self.chain.newest
        # Both answers name the sender, and recovering one takes longer than all the rest.
        fresh = newest is not None and newest.hash == transaction_hash
        return block, newest if fresh else block.transactions[index], index

    def _now_s(self) -> int:
        return int(self._clock.now_at().timestamp())


class _QueuedProvider(EthereumTesterProvider):
    """web3's eth-tester provider, with every request handed to the chain's owner thread."""

    def __init__(self, chain: "EmbeddedChain", tester: EthereumTester) -> None:
        # eth-tester answers every chain's id with one constant; ours is the file's.
        eth = API_ENDPOINTS["eth"] | {"chainId": lambda *_: chain.chain_id}
        super().__init__(tester, API_ENDPOINTS | {"eth": eth})
        self._chain = chain

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        return self._chain.do(lambda: super(_QueuedProvider, self).make_request(method, params))


class EmbeddedChain:
    """One chain in one file, owned by one process.

    Attributes:
        path: the file.
        chain_id: random when the file was made; every signature is bound to it.
        web3: a web3 that any thread may use.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the chain, or begin one with a new random chain id.

        Raises:
            ChainFileBusy: another process (or another opening in this one) has the file.
            ChainFileUnreadable: the file is no chain, or is damaged.
        """
        self.path = path
        self._lock = _lock(path)
        self._owner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-chain")
        try:
            self._owner.submit(self._open, clock).result()
            self.web3 = Web3(_QueuedProvider(self, EthereumTester(self._backend)))
        except BaseException as broken:
            self._owner.shutdown()
            os.close(self._lock)
            if isinstance(broken, DAMAGE):
                raise ChainFileUnreadable(path=str(path), reason=str(broken)) from broken
            raise

    def _open(self, clock: Clock) -> None:
        self._nodes = SqliteNodes(self.path)
        with self._nodes.one_transaction():
            found = self._nodes.fact("chain_id")
            self.chain_id = int(found or CHAIN_ID_FIRST + secrets.randbelow(CHAIN_ID_COUNT))
            self._backend = _FileBackend(self._nodes, self.chain_id, clock)
            if found is None:
                self._nodes.keep_fact("chain_id", str(self.chain_id))
                self._backend.begin()
            self._backend.open()

    def do(self, act: Callable[[], T]) -> T:
        """Run `act` in the owner thread as one transaction of the file, after those before it."""
        return self._owner.submit(self._in_one_transaction, act).result()

    def _in_one_transaction(self, act: Callable[[], T]) -> T:
        self._backend.set_time()
        try:
            with self._nodes.one_transaction():
                return act()
        except BaseException:
            self._backend.open()  # what the chain holds in memory must not outlive the rollback
            raise

    def backup(self, target: Path) -> None:
        """Copy the chain, consistent while in use, into a new file."""
        self._owner.submit(self._nodes.backup, target).result()

    def close(self) -> None:
        """Finish what is queued, close the file and give up the lock. Closing twice is fine."""
        if self._lock >= 0:
            self._owner.submit(self._nodes.close).result()
            self._owner.shutdown()
            os.close(self._lock)
            self._lock = -1


def _lock(path: Path) -> int:
    """Take the file's lock, which the system drops with its process, however that ends."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        pid = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise ChainFileBusy(path=str(path), pid=pid) from held
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock
