"""Projections: what the chain's events tell, as tables; sync alone writes them.

They can be dropped and drawn again. Import them from `carbonbank.domain.records`, with the rest.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBlock:
    """A block that was synced."""

    KEY: ClassVar = ("number",)
    number: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLog:
    """An event that was synced; `fields` is JSON (integers above 2^53 and bytes as text)."""

    KEY: ClassVar = ("block_number", "log_index")
    block_number: int
    log_index: int
    tx_hash: str
    name: str
    actor: str
    nonce: int
    fields: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBatch:
    """A batch as the events tell it, in grams."""

    KEY: ClassVar = ("batch_id",)
    batch_id: str
    fleet_id: str
    month: int
    status: str
    issued_g: int
    claimable_g: int
    buffer_g: int
    retired_g: int
    cancelled_g: int
    block_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHolding:
    """Grams of a batch held by an address."""

    KEY: ClassVar = ("address", "batch_id")
    address: str
    batch_id: str
    held_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPayout:
    """A payout leaf that was paid."""

    KEY: ClassVar = ("batch_id", "address", "tx_hash")
    batch_id: str
    address: str
    tx_hash: str
    amount_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRetirement:
    """A retirement with its serial range (offsets in the batch, both included)."""

    KEY: ClassVar = ("retirement_id",)
    retirement_id: int
    batch_id: str
    holder: str
    amount_g: int
    beneficiary: str
    purpose: str
    serial_first: int
    serial_last: int
    tx_hash: str
    block_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTrade:
    """A settlement: credits one way, money the other."""

    KEY: ClassVar = ("tx_hash", "log_index")
    tx_hash: str
    log_index: int
    batch_id: str
    seller: str
    buyer: str
    amount_g: int
    paid_units: int
    fee_units: int
    sell_hash: str | None
    buy_hash: str | None
    block_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainMoney:
    """Settlement money of an address, in micro-units."""

    KEY: ClassVar = ("address",)
    address: str
    held_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVehicle:
    """Whose a vehicle is from a month on, until the next of its rows."""

    KEY: ClassVar = ("vehicle_index", "from_month")
    vehicle_index: int
    from_month: int
    fleet_id: str


PROJECTIONS: tuple[type, ...] = (
    ChainBlock,
    ChainLog,
    ChainBatch,
    ChainHolding,
    ChainPayout,
    ChainRetirement,
    ChainTrade,
    ChainMoney,
    ChainVehicle,
)
