"""What the chain answers: facts read back, never written by the bank."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class BatchStatus(IntEnum):
    """Twin of `Status` in contracts/interfaces; the list is closed."""

    NONE = 0
    ACTIVE = 1
    FROZEN = 2
    DISPROVEN = 3
    CANCELLED = 4


class OperationState(IntEnum):
    """Twin of `OperationState` in OpenZeppelin's TimelockController."""

    UNKNOWN = 0
    WAITING = 1
    READY = 2
    DONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainIdentity:
    """Which chain and which contracts; every signature is bound to it.

    `timelock` is None where the contracts were deployed before one was their admin.
    """

    chain_id: int
    bank: str
    challenge: str
    market: str
    money: str
    forwarder: str
    embedded: bool
    timelock: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRef:
    """One block by number and hash."""

    number: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEvent:
    """One event as decoded: name and snake_case fields of its twin in domain/events.py.

    `actor` and `nonce` name the account and sequence number of the act that caused it: the
    forwarder's signer where the transaction was relayed, else the sender of the transaction.
    """

    block_number: int
    block_hash: str
    tx_hash: str
    log_index: int
    contract: str
    name: str
    fields: dict[str, Any]
    actor: str
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A mined transaction, status checked."""

    tx_hash: str
    block_number: int
    block_hash: str
    gas_used: int
    events: tuple[ChainEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAmounts:
    """A batch on the chain, in grams.

    issued_g == sum of balances + claimable_g + buffer_g + retired_g + cancelled_g (BANK_A).
    `unreplaced_g` of the grams retired from a cancelled batch have no others in their place.
    """

    status: BatchStatus
    month: int
    issued_g: int
    claimable_g: int
    buffer_g: int
    retired_g: int
    cancelled_g: int
    unreplaced_g: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleOnChain:
    """A vehicle as enrolled."""

    index: int
    fleet_id: bytes
    from_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodologyOnChain:
    """A methodology as certified."""

    class_label: str
    buffer_bps: int
    demo: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An act of the admin in the timelock; `ready_at_s` (Unix seconds) is 0 unless it waits."""

    operation_id: bytes
    state: OperationState
    ready_at_s: int
