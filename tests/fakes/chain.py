"""A Chain in memory: the contracts' rules, one act a block, the same errors and events."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from eth_abi.abi import decode

from carbonbank.chain.abi import snake
from carbonbank.chain.calls import call_of, operation_hash
from carbonbank.chain.deploy import Roles
from carbonbank.chain.reading import DOMAIN_NAMES, NOBODY
from carbonbank.chain.signed import read_signed
from carbonbank.chain.typed_data import Domain, ForwardRequest
from carbonbank.chain.words import call_in_words
from carbonbank.domain.admin_acts import AdminAct
from carbonbank.domain.chain_facts import (
    BatchAmounts,
    BatchStatus,
    BlockRef,
    ChainEvent,
    ChainIdentity,
    MethodologyOnChain,
    Operation,
    Receipt,
    VehicleOnChain,
)
from carbonbank.domain.claim import BatchClaim, batch_id
from carbonbank.domain.commands import (
    AllowMoney,
    ApproveMarket,
    CancelOrders,
    Command,
    FillAndRetire,
    FillOrder,
    FreezeBatch,
    Retire,
    Transfer,
    UnfreezeBatch,
)
from carbonbank.domain.order import Order, order_struct_hash
from carbonbank.domain.signature import signer_of
from carbonbank.domain.signed_call import SignedCall, UnsignedCall, UnsignedRequest
from carbonbank.errors import (
    ERC2771ForwarderExpiredRequest,
    ERC2771ForwarderInvalidSigner,
    InvariantBroken,
    NonceAhead,
    NonceSpent,
)
from carbonbank.ports import Clock, Signer
from tests.fakes.books import Ledger
from tests.fakes.timelock import (
    CANCELLER,
    DONE_S,
    EXECUTOR,
    PROPOSER,
    AdminTurn,
    state_of,
)

ACCOUNT_OF = {
    Transfer: "sender",
    ApproveMarket: "owner",
    Retire: "holder",
    CancelOrders: "maker",
    AllowMoney: "owner",
    FillOrder: "taker",
    FillAndRetire: "taker",
}


def made_up_address(name: str) -> str:
    """An address that is its own EIP-55 form: digits alone have no case."""
    return "0x" + str(int(hashlib.sha256(name.encode()).hexdigest(), 16))[:40]


@dataclass(frozen=True)
class Block:
    ref: BlockRef
    time_s: int
    events: tuple[ChainEvent, ...]
    ledger: Ledger
    nonces: dict[tuple[bool, str], int]


class FakeChain:
    """`Roles` and the first month as a deployment fixes them; the fee is 0 unless given."""

    def __init__(
        self,
        signer: Signer,
        clock: Clock,
        roles: Roles,
        *,
        first_month: int = 2000 * 12,
        fee_bps: int = 0,
        confirmations: int = 0,
        chain_id: int = 777,
    ) -> None:
        self._signer, self._clock, self._confirmations = signer, clock, confirmations
        self._turn = threading.Lock()
        self._forks = 0
        self._relayed: dict[str, Receipt] = {}
        self._requests: dict[str, tuple[Command, int, int, bytes]] = {}
        names = ("bank", "challenge", "market", "money", "forwarder", "timelock")
        addresses = {name: made_up_address(name) for name in names}
        self._identity = ChainIdentity(chain_id=chain_id, **addresses, embedded=True)
        self._domains = {
            name: Domain(name=title, version="1", chain_id=chain_id, contract=addresses[name])
            for name, title in DOMAIN_NAMES.items()
        }
        held = {
            getattr(roles, name): name.upper().replace("TREASURER", "MINTER")
            for name in ("certifier", "verifier", "issuer", "registrar", "guardian", "treasurer")
        }
        ledger = Ledger(
            at=self._identity,
            first_month=first_month,
            fee_bps=fee_bps,
            fee_to=roles.treasurer,
            roles={addresses["timelock"]: "ADMIN"} | held,
            administrators={
                (power, signer.address("role/admin")) for power in (PROPOSER, EXECUTOR, CANCELLER)
            },
        )
        first = BlockRef(number=0, block_hash="0x" + hashlib.sha256(b"genesis").hexdigest())
        self._blocks = [Block(first, self._now_s(), (), ledger, defaultdict(int))]

    @property
    def identity(self) -> ChainIdentity:
        return self._identity

    # --- acts ---

    def next_nonce(self, command: Command, sender: str) -> int:
        return self._blocks[-1].nonces[self._counter(command, self._signer.address(sender))]

    def submit(self, command: Command, sender: str, nonce: int | None = None) -> Receipt:
        actor = self._signer.address(sender)
        account = getattr(command, ACCOUNT_OF.get(type(command), ""), actor)
        if account != actor:
            raise InvariantBroken(f"{type(command).__name__} of {account} by {actor}")
        with self._turn:
            counter = self._counter(command, actor)
            expected = self._blocks[-1].nonces[counter]
            self._check_nonce(actor, expected if nonce is None else nonce, expected)
            return self._mine(command, actor, counter)

    def _check_nonce(self, sender: str, nonce: int, expected: int) -> None:
        if nonce < expected:
            raise NonceSpent(sender=sender, nonce=nonce, next_nonce=expected)
        if nonce > expected:
            raise NonceAhead(sender=sender, nonce=nonce, next_nonce=expected)

    def _counter(self, command: Command, actor: str) -> tuple[bool, str]:
        """Accounts' acts are counted by the forwarder, everything else by its sender."""
        return (type(command) in ACCOUNT_OF, actor)

    def _played(self, command: Command, actor: str) -> AdminTurn:
        parent = self._blocks[-1]
        turn = AdminTurn(
            deepcopy(parent.ledger),
            actor,
            max(self._now_s(), parent.time_s),
            self.claim_digest,
            self.order_digest,
        )
        getattr(turn, snake(type(command).__name__))(command)
        return turn

    def _mine(
        self, command: Command, actor: str, counter: tuple[bool, str], tx_hash: str = ""
    ) -> Receipt:
        parent, turn = self._blocks[-1], self._played(command, actor)
        nonces = deepcopy(parent.nonces)
        nonce = nonces[counter]
        nonces[counter] += 1
        relayed, _ = counter
        if relayed:
            turn.emit(
                "forwarder", "ExecutedForwardRequest", signer=actor, nonce=nonce, success=True
            )
        seed = f"{parent.ref.block_hash} {command} {actor} {nonce} {self._forks}".encode()
        tx_hash = tx_hash or "0x" + hashlib.sha256(seed).hexdigest()
        ref = BlockRef(
            number=parent.ref.number + 1,
            block_hash="0x" + hashlib.sha256(tx_hash.encode()).hexdigest(),
        )
        events = tuple(
            ChainEvent(
                block_number=ref.number,
                block_hash=ref.block_hash,
                tx_hash=tx_hash,
                log_index=index,
                contract=getattr(self._identity, contract),
                name=name,
                fields=fields,
                actor=actor,
                nonce=nonce,
            )
            for index, (contract, name, fields) in enumerate(turn.emitted)
        )
        self._blocks.append(Block(ref, turn.now_s, events, turn.ledger, nonces))
        return Receipt(
            tx_hash=tx_hash,
            block_number=ref.number,
            block_hash=ref.block_hash,
            gas_used=21_000,
            events=events,
        )

    def unsigned(self, command: Command, sender: str) -> UnsignedCall:
        self._played(command, sender)
        call = call_of(command, self._identity)
        return UnsignedCall(
            chain_id=self._identity.chain_id,
            sender=sender,
            nonce=self._blocks[-1].nonces[False, sender],
            to=getattr(self._identity, call.contract),
            data=call.data,
            gas=call.gas,
            max_fee_per_gas=0,
            max_priority_fee_per_gas=0,
        )

    def request(self, command: Command, deadline: int) -> UnsignedRequest:
        asked = self._asked(command, deadline)
        self._played(command, asked.account)
        return UnsignedRequest(
            account=asked.account,
            nonce=asked.nonce,
            deadline=deadline,
            to=asked.to,
            data=asked.data,
            typed_data=asked.typed_data(self._domains["forwarder"]),
        )

    def submit_request(
        self, command: Command, nonce: int, deadline: int, signature: bytes
    ) -> Receipt:
        asked = replace(self._asked(command, deadline), nonce=nonce)
        account = asked.account
        signer = signer_of(self._domains["forwarder"].digest(asked.struct_hash()), signature)
        if signer != account:
            raise ERC2771ForwarderInvalidSigner(signer=signer or NOBODY, from_=account)
        with self._turn:
            self._check_nonce(account, nonce, self._blocks[-1].nonces[True, account])
            if deadline < self._now_s():
                raise ERC2771ForwarderExpiredRequest(deadline=deadline)
            receipt = self._mine(command, account, (True, account))
        self._requests[receipt.tx_hash] = (command, nonce, deadline, signature)
        return receipt

    def relayed_in(
        self, tx_hash: str, command: Command, nonce: int, deadline: int, signature: bytes
    ) -> bool:
        return self._requests.get(tx_hash) == (command, nonce, deadline, signature)

    def _asked(self, command: Command, deadline: int) -> ForwardRequest:
        call = call_of(command, self._identity)
        account = getattr(command, ACCOUNT_OF[type(command)])
        return ForwardRequest(
            account=account,
            to=getattr(self._identity, call.contract),
            gas=call.gas,
            nonce=self._blocks[-1].nonces[True, account],
            deadline=deadline,
            data=call.data,
        )

    def read_signed(self, raw: bytes) -> SignedCall:
        return read_signed(raw, self._identity)

    def relay(self, raw: bytes) -> Receipt:
        """Plays freezing and its end; other calls are relayed on real chains alone."""
        signed = self.read_signed(raw)
        if signed.tx_hash in self._relayed:
            return self._relayed[signed.tx_hash]
        types = {"freeze": ["uint256", "string"], "unfreeze": ["uint256"]}[signed.function or ""]
        number, *reason = decode(types, signed.data[4:])
        command: Command = (
            FreezeBatch(batch_id=number, reason=reason[0])
            if reason
            else UnfreezeBatch(batch_id=number)
        )
        with self._turn:
            expected = self._blocks[-1].nonces[False, signed.sender]
            self._check_nonce(signed.sender, signed.nonce, expected)
            receipt = self._mine(command, signed.sender, (False, signed.sender), signed.tx_hash)
        self._relayed[signed.tx_hash] = receipt
        return receipt

    def _now_s(self) -> int:
        return int(self._clock.now_at().timestamp())

    def rewind(self, number: int) -> None:
        """Forget every block after `number`, as a re-organisation does; what follows differs."""
        with self._turn:
            del self._blocks[number + 1 :]
            self._forks += 1

    # --- blocks and events ---

    def head(self) -> BlockRef:
        return self._blocks[max(0, len(self._blocks) - 1 - self._confirmations)].ref

    def block(self, number: int) -> BlockRef | None:
        return self._blocks[number].ref if 0 <= number < len(self._blocks) else None

    def events(self, first_block: int, last_block: int) -> Iterator[ChainEvent]:
        for block in self._blocks[first_block : last_block + 1]:
            for event in block.events:
                yield replace(event, fields=deepcopy(event.fields))

    # --- what is signed ---

    def claim_digest(self, claim: BatchClaim) -> bytes:
        return self._domains["bank"].digest(batch_id(claim).to_bytes(32, "big"))

    def order_digest(self, order: Order) -> bytes:
        return self._domains["market"].digest(order_struct_hash(order))

    # --- reading ---

    @property
    def _ledger(self) -> Ledger:
        return self._blocks[-1].ledger

    def operator_of(self, fleet_id: bytes) -> str | None:
        return self._ledger.fleets.get(fleet_id)

    def vehicle(self, commitment: bytes, month: int = 2**32 - 1) -> VehicleOnChain | None:
        for index, (known, _, from_month) in enumerate(self._ledger.vehicles, 1):
            if known == commitment:
                fleet_id = self._ledger.fleet_of(index, month)
                return VehicleOnChain(index=index, fleet_id=fleet_id, from_month=from_month)
        return None

    def methodology(self, methodology_id: bytes) -> MethodologyOnChain | None:
        known = self._ledger.methodologies.get(methodology_id)
        if known is None:
            return None
        label, buffer_bps, demo = known
        return MethodologyOnChain(
            class_label=label, buffer_bps=buffer_bps, demo=demo, withdrawn=False
        )

    def batch(self, batch_id: int) -> BatchAmounts:
        found = self._ledger.batches.get(batch_id)
        amounts: dict[str, Any] = {
            name: getattr(found, name, 0)
            for name in ("month", "issued_g", "claimable_g", "buffer_g", "retired_g")
        }
        status = found.status if found else BatchStatus.NONE
        return BatchAmounts(status=status, cancelled_g=0, **amounts)

    def held_g(self, account: str, batch_id: int) -> int:
        return self._ledger.held_g.get((account, batch_id), 0)

    def is_claimed(self, claim: BatchClaim, index: int) -> bool:
        found = self._ledger.batches.get(batch_id(claim))
        return found is not None and index in found.claimed

    def is_credited(self, vehicle_index: int, month: int) -> bool:
        return (vehicle_index, month) in self._ledger.credited

    def money_units(self, account: str) -> int:
        return self._ledger.money.get(account, 0)

    # --- accounts that are contracts: there are none here ---

    def contract_signed(self, account: str, digest: bytes, signature: bytes) -> bool:
        return False

    def takes_credits(self, account: str) -> bool:
        return True

    # --- the timelock ---

    def operation_id(self, act: AdminAct, salt: bytes) -> bytes:
        return operation_hash(act, salt, self._identity)

    def operation(self, operation_id: bytes) -> Operation:
        ready_s = self._ledger.operations.get(operation_id, 0)
        return Operation(
            operation_id=operation_id,
            state=state_of(self._ledger, operation_id, self._now_s()),
            ready_at_s=ready_s if ready_s > DONE_S else 0,
        )

    def admin_delay_s(self) -> int:
        return self._ledger.admin_delay_s

    def call_in_words(self, to: str, data: bytes) -> str:
        return call_in_words(to, data, self._identity)
