"""The Chain adapter: simulate, decode the revert, sign, send, wait, check status and event.

The same code talks to the embedded chain and to any JSON-RPC node. An account's act is an
ERC-2771 request: the account signs, the relayer's key pays. Its sequence number is the
forwarder's; everybody else's is the nonce of their own transactions.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator

from eth_typing import BlockNumber
from eth_utils.address import to_checksum_address
from eth_utils.exceptions import ValidationError
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BlockNotFound, TransactionNotFound
from web3.types import TxData, TxReceipt

from carbonbank.chain.calls import Call, Contract, abi_data, call_of
from carbonbank.chain.logs import Logs
from carbonbank.chain.reading import NOBODY, Reading
from carbonbank.chain.reverts import REFUSALS, ledger_error
from carbonbank.chain.signed import read_signed
from carbonbank.chain.transactions import ask, fees, send_raw, wait_mined
from carbonbank.chain.typed_data import ForwardRequest
from carbonbank.domain.chain_facts import BlockRef, ChainEvent, ChainIdentity, Receipt
from carbonbank.domain.commands import Command
from carbonbank.domain.signature import signer_of
from carbonbank.domain.signed_call import SignedCall, UnsignedCall, UnsignedRequest
from carbonbank.errors import (
    ContractsMissing,
    ERC2771ForwarderExpiredRequest,
    ERC2771ForwarderInvalidSigner,
    EventMissing,
    InvariantBroken,
    NonceAhead,
    NonceSpent,
    SignedCallUnreadable,
    TransactionFailed,
    WrongChain,
)
from carbonbank.ports import Clock, Signer

RELAYER = "role/relayer"
DEADLINE_S = 300  # of a relayed request; the house allows ten minutes
RELAY_GAS = 8_000_000  # at most what is looked at; the signer set the transaction's own
FORWARD_GAS = 100_000  # what the forwarder itself spends around the inner call


class Gateway(Reading):
    """The bank's contracts on one chain, as the Chain port asks for them."""

    def __init__(
        self,
        web3: Web3,
        signer: Signer,
        identity: ChainIdentity,
        clock: Clock,
        *,
        confirmations: int = 0,
        wait_s: float = 120,
    ) -> None:
        """Check that the node has this chain and its contracts.

        Args:
            web3: of an `EmbeddedChain`, or from `rpc.connect`.
            signer: holds the keys that are named as senders, and `role/relayer`.
            identity: as `deploy` returned it.
            clock: the deadlines of relayed requests come from it.
            confirmations: blocks on top before a block counts as the head.
            wait_s: how long to wait for a transaction to be mined, in seconds.

        Raises:
            WrongChain: the node is on another chain.
            ContractsMissing: the chain does not know the contracts.
            ChainUnreachable: no answer.
        """
        super().__init__(web3, identity)
        self._signer, self._clock = signer, clock
        self._confirmations, self._wait_s = confirmations, wait_s
        found = web3.eth.chain_id
        if found != identity.chain_id:
            raise WrongChain(expected_chain_id=identity.chain_id, found_chain_id=found)
        if not web3.eth.get_code(self._addresses["bank"]):
            raise ContractsMissing(chain_id=found, bank=identity.bank)
        self._logs = Logs(web3, self._addresses, walk=identity.embedded)
        # One act at a time per address: a sequence number is read, used and seen mined in a row.
        self._turns: dict[str, threading.RLock] = defaultdict(threading.RLock)
        self._taking_turns = threading.Lock()

    # --- acts -----------------------------------------------------------------------------------

    def next_nonce(self, command: Command, sender: str) -> int:
        """Return the sequence number `submit` would use now for this command and key reference."""
        return self._nonce(call_of(command, self._identity), self._signer.address(sender))

    def submit(self, command: Command, sender: str, nonce: int | None = None) -> Receipt:
        """Do one command with the key reference `sender` and return its mined receipt.

        Raises:
            NonceSpent: `nonce` is used already; nothing is sent.
            NonceAhead: `nonce` leaves a gap; nothing is sent.
            RuleError: the contract's own refusal, under its name.
            UnknownRevert: a refusal without a name.
            TransactionFailed: mined without effect, for a reason that is gone.
            TransactionNotMined: sent, and not seen mined in time.
            ChainUnreachable: no answer; whether it was sent is unknown, `nonce` tells.
        """
        call = call_of(command, self._identity)
        name = type(command).__name__
        actor = self._signer.address(sender)
        if call.account is not None and to_checksum_address(call.account) != actor:
            raise InvariantBroken(f"{name} of {call.account} was given the key of {actor}")
        with self._turn(actor):
            expected = self._nonce(call, actor)
            if nonce is not None:
                self._check_nonce(actor, nonce, expected)
            self._simulate(call, actor, name)
            if call.account is None:
                mined = self._send(sender, call.contract, call.data, call.gas, name, expected)
            else:
                data = self._request(call, sender, actor, expected)
                mined = self._send(RELAYER, "forwarder", data, call.gas + FORWARD_GAS, name)
            if mined["status"] != 1:
                self._simulate(call, actor, name)  # tells why, if the reason is still there
                raise TransactionFailed(command=name, tx_hash=mined["transactionHash"].to_0x_hex())
        return self._receipt(mined, call, name, (actor, expected))

    # --- what others sign -----------------------------------------------------------------------

    def unsigned(self, command: Command, sender: str) -> UnsignedCall:
        """Return a command as the transaction that the address `sender` is to sign now.

        Raises:
            RuleError: the contract would refuse it.
            ChainUnreachable: no answer.
        """
        call = call_of(command, self._identity)
        self._simulate(call, sender, type(command).__name__)
        paid = fees(self._web3, free=self._identity.embedded)
        return UnsignedCall(
            chain_id=self._identity.chain_id,
            sender=sender,
            nonce=self._nonce(call, sender),
            to=self._addresses[call.contract],
            data=call.data,
            gas=call.gas,
            max_fee_per_gas=int(paid["maxFeePerGas"]),
            max_priority_fee_per_gas=int(paid["maxPriorityFeePerGas"]),
        )

    def read_signed(self, raw: bytes) -> SignedCall:
        """Return what a raw signed transaction says.

        Raises:
            SignedCallUnreadable: it is no transaction that the bank relays.
        """
        return read_signed(raw, self._identity)

    def relay(self, raw: bytes) -> Receipt:
        """Send a raw signed transaction and return its receipt; sent before, it is looked up.

        Raises:
            SignedCallUnreadable: it is none, or the chain does not take it.
            NonceSpent, NonceAhead: another transaction of its sender has or needs to go first.
            RuleError: the contract refuses it; nothing is sent.
            TransactionFailed, TransactionNotMined, ChainUnreachable: as for `submit`.
        """
        signed = self.read_signed(raw)
        tx_hash, name = HexBytes(signed.tx_hash), signed.function or signed.to
        with self._turn(signed.sender):
            if self._transaction(tx_hash) is None:
                self._send_signed(raw, signed, name)
            mined = wait_mined(self._web3, tx_hash, self._wait_s)
        if mined["status"] != 1:
            raise TransactionFailed(command=name, tx_hash=signed.tx_hash)
        return self._told(mined, (signed.sender, signed.nonce))

    def request(self, command: Command, deadline: int) -> UnsignedRequest:
        """Return an account's act as its own key is to sign it now; a refusal raises its error."""
        call = call_of(command, self._identity)
        account = _account_of(call, command)
        self._simulate(call, account, type(command).__name__)
        asked = self._asked(call, account, self._nonce(call, account), deadline)
        return UnsignedRequest(
            account=account,
            nonce=asked.nonce,
            deadline=deadline,
            to=asked.to,
            data=asked.data,
            typed_data=asked.typed_data(self._domains["forwarder"]),
        )

    def submit_request(
        self, command: Command, nonce: int, deadline: int, signature: bytes
    ) -> Receipt:
        """Relay an account's act that its own key signed, and return the receipt.

        Raises:
            ERC2771ForwarderInvalidSigner, ERC2771ForwarderExpiredRequest: it does not count.
            NonceSpent, NonceAhead: another request of the account has or needs to go first.
            RuleError: the contract refuses the act; nothing is sent.
            TransactionFailed, TransactionNotMined, ChainUnreachable: as for `submit`.
        """
        call, name = call_of(command, self._identity), type(command).__name__
        account = _account_of(call, command)
        asked = self._asked(call, account, nonce, deadline)
        signer = signer_of(self._domains["forwarder"].digest(asked.struct_hash()), signature)
        if signer != account:
            raise ERC2771ForwarderInvalidSigner(signer=signer or NOBODY, from_=account)
        with self._turn(account):
            # Before the deadline: what was relayed in time stays relayed when asked for late.
            self._check_nonce(account, nonce, self._nonce(call, account))
            if deadline < self._clock.now_at().timestamp():
                raise ERC2771ForwarderExpiredRequest(deadline=deadline)
            self._simulate(call, account, name)
            data = abi_data("forwarder", "execute", asked.signed(signature))
            mined = self._send(RELAYER, "forwarder", data, call.gas + FORWARD_GAS, name)
            if mined["status"] != 1:
                # An earlier sending, given up as not mined, may have come first after all.
                self._check_nonce(account, nonce, self._nonce(call, account))
                raise TransactionFailed(command=name, tx_hash=mined["transactionHash"].to_0x_hex())
        return self._receipt(mined, call, name, (account, nonce))

    def relayed_in(
        self, tx_hash: str, command: Command, nonce: int, deadline: int, signature: bytes
    ) -> bool:
        """Tell whether a transaction relayed this very request, under this very signature."""
        call = call_of(command, self._identity)
        asked = self._asked(call, _account_of(call, command), nonce, deadline)
        sent = self._transaction(HexBytes(tx_hash))
        data = abi_data("forwarder", "execute", asked.signed(signature))
        return sent is not None and bytes(sent["input"]) == data

    def _transaction(self, tx_hash: HexBytes) -> TxData | None:
        try:
            return self._web3.eth.get_transaction(tx_hash)
        except TransactionNotFound:
            return None

    def _send_signed(self, raw: bytes, signed: SignedCall, name: str) -> None:
        sender = to_checksum_address(signed.sender)
        expected = self._web3.eth.get_transaction_count(sender, "pending")
        self._check_nonce(sender, signed.nonce, expected)
        to, free = to_checksum_address(signed.to), self._identity.embedded
        try:
            ask(self._web3, caller=sender, to=to, data=signed.data, gas=RELAY_GAS, free=free)
            self._web3.eth.send_raw_transaction(HexBytes(raw))
        except REFUSALS as refusal:
            raise ledger_error(refusal, name) from refusal
        except ValidationError as refusal:  # the embedded chain's: gas or fees that can not be
            raise SignedCallUnreadable(reason=str(refusal)) from refusal

    # --- sending --------------------------------------------------------------------------------

    def _check_nonce(self, sender: str, nonce: int, expected: int) -> None:
        if nonce < expected:
            raise NonceSpent(sender=sender, nonce=nonce, next_nonce=expected)
        if nonce > expected:
            raise NonceAhead(sender=sender, nonce=nonce, next_nonce=expected)

    def _nonce(self, call: Call, actor: str) -> int:
        if call.account is None:
            return int(self._web3.eth.get_transaction_count(to_checksum_address(actor), "pending"))
        return int(self._read("forwarder", "nonces", actor)[0])

    def _simulate(self, call: Call, actor: str, name: str) -> None:
        """Raise the ledger's error if the call would revert now.

        The account calls the contract itself: the forwarder would hide why the inner call failed.
        """
        try:
            self._call(call.contract, call.data, actor, call.gas)
        except REFUSALS as refusal:
            raise ledger_error(refusal, name) from refusal

    def _request(self, call: Call, sender: str, actor: str, nonce: int) -> bytes:
        """Return the forwarder's calldata for an account's signed request."""
        deadline = int(self._clock.now_at().timestamp()) + DEADLINE_S
        request = self._asked(call, actor, nonce, deadline)
        digest = self._domains["forwarder"].digest(request.struct_hash())
        signature = self._signer.sign_digest(sender, digest)
        return abi_data("forwarder", "execute", request.signed(signature))

    def _asked(self, call: Call, account: str, nonce: int, deadline: int) -> ForwardRequest:
        return ForwardRequest(
            account=account,
            to=self._addresses[call.contract],
            gas=call.gas,
            nonce=nonce,
            deadline=deadline,
            data=call.data,
        )

    def _send(
        self, key: str, to: Contract, data: bytes, gas: int, name: str, nonce: int | None = None
    ) -> TxReceipt:
        """Send a transaction under the key's next nonce and wait until it is mined."""
        address = to_checksum_address(self._signer.address(key))
        with self._turn(address):
            if nonce is None:
                nonce = self._web3.eth.get_transaction_count(address, "pending")
            try:
                tx_hash = send_raw(
                    self._web3,
                    self._signer,
                    key,
                    chain_id=self._identity.chain_id,
                    nonce=nonce,
                    to=self._addresses[to],
                    data=data,
                    gas=gas,
                    free=self._identity.embedded,
                )
            except REFUSALS as refusal:
                raise ledger_error(refusal, name) from refusal
        return wait_mined(self._web3, tx_hash, self._wait_s)

    def _receipt(self, mined: TxReceipt, call: Call, name: str, cause: tuple[str, int]) -> Receipt:
        receipt = self._told(mined, cause)
        wanted = self._addresses[call.contract]
        if not any(e.name == call.event and e.contract == wanted for e in receipt.events):
            raise EventMissing(command=name, event=call.event, tx_hash=receipt.tx_hash)
        return receipt

    def _told(self, mined: TxReceipt, cause: tuple[str, int]) -> Receipt:
        return Receipt(
            tx_hash=mined["transactionHash"].to_0x_hex(),
            block_number=mined["blockNumber"],
            block_hash=mined["blockHash"].to_0x_hex(),
            gas_used=mined["gasUsed"],
            events=tuple(self._logs.of_receipt(mined, cause)),
        )

    def _turn(self, address: str) -> threading.RLock:
        with self._taking_turns:
            return self._turns[address]

    # --- blocks and events ----------------------------------------------------------------------

    def head(self) -> BlockRef:
        """Return the newest block that has the required confirmations."""
        block = self.block(max(0, int(self._web3.eth.block_number) - self._confirmations))
        if block is None:  # the chain became shorter in between
            return self.head()
        return block

    def block(self, number: int) -> BlockRef | None:
        """Return a block by number, None if the chain is not that long."""
        try:
            block = self._web3.eth.get_block(BlockNumber(number))
        except BlockNotFound:
            return None
        return BlockRef(number=block["number"], block_hash=block["hash"].to_0x_hex())

    def events(self, first_block: int, last_block: int) -> Iterator[ChainEvent]:
        """Yield all events of the bank's contracts in order."""
        return self._logs.between(first_block, last_block)


def _account_of(call: Call, command: Command) -> str:
    if call.account is None:
        raise InvariantBroken(f"{type(command).__name__} is no account's act")
    return to_checksum_address(call.account)
