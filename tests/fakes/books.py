"""All state of the contracts in plain Python, which `Turn` changes by one command at a time."""

from collections import defaultdict
from dataclasses import dataclass, field

from carbonbank.domain.chain_facts import BatchStatus, ChainIdentity


@dataclass
class Batch:
    month: int
    class_label: str
    issued_at_s: int
    issued_g: int
    claimable_g: int
    buffer_g: int
    payout_root: bytes
    status: BatchStatus = BatchStatus.ACTIVE
    retired_g: int = 0
    frozen_until_s: int = 0
    claimed: set[int] = field(default_factory=set)


@dataclass
class Fill:
    filled_g: int = 0
    paid_units: int = 0
    cancelled: bool = False


@dataclass
class Ledger:
    """All state of the contracts."""

    at: ChainIdentity
    first_month: int
    fee_bps: int
    fee_to: str
    roles: dict[str, str]  # address -> role
    administrators: set[tuple[bytes, str]] = field(default_factory=set)  # power, address
    admin_delay_s: int = 0
    operations: dict[bytes, int] = field(default_factory=dict)  # id -> ready at, 1 if done
    methodologies: dict[bytes, tuple[str, int, bool]] = field(default_factory=dict)
    fleets: dict[bytes, str] = field(default_factory=dict)
    vehicles: list[tuple[bytes, bytes, int]] = field(default_factory=list)
    moves: list[tuple[int, bytes, int]] = field(default_factory=list)  # index, fleet, from
    credited: set[tuple[int, int]] = field(default_factory=set)
    batches: dict[int, Batch] = field(default_factory=dict)
    held_g: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    approved: set[tuple[str, str]] = field(default_factory=set)
    retirements: int = 0
    money: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    allowed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    fills: dict[bytes, Fill] = field(default_factory=lambda: defaultdict(Fill))

    def stays(self, index: int) -> list[tuple[bytes, int]]:
        """The fleets of a vehicle, each with its first month there."""
        _, fleet_id, from_month = self.vehicles[index - 1]
        moves = [(to, month) for moved, to, month in self.moves if moved == index]
        return [(fleet_id, from_month), *moves]

    def fleet_of(self, index: int, month: int) -> bytes:
        came = [fleet_id for fleet_id, first in self.stays(index) if first <= month]
        return came[-1] if came else bytes(32)
