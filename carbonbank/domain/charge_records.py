"""What the store keeps of charging records, which are no trips: they measure energy.

Import them from `carbonbank.domain.records`, with the rest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFile:
    """One imported file of charging sessions, by the hash of its bytes within a fleet."""

    KEY: ClassVar = ("fleet", "file_hash")
    fleet: str
    file_hash: str
    filename: str
    format: str
    size_bytes: int
    received_at: datetime
    rows_read: int
    withdrawn: bool
    sessions_new: int
    sessions_known: int
    sessions_credited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTelling:
    """That a file tells a charging session, or (`credit`) takes it back."""

    KEY: ClassVar = ("session_id", "file_hash", "credit")
    session_id: str
    file_hash: str
    credit: bool
    fleet: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeSession:
    """A charging session, known by one id in the whole bank; `month` is the one it counts in.

    A credited one is taken back by a credit record and counts nothing; where the credit came first,
    only the id is known. Energy is on the grid's side.
    """

    KEY: ClassVar = ("session_id",)
    session_id: str
    fleet: str
    vehicle_id: str
    month: int
    start_at: datetime
    end_at: datetime
    energy_grid_wh: int
    source: str
    source_record_id: str
    state: str  # counted | credited
    file_hash: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeToken:
    """Whose a charging token or contract is: a vehicle's of the fleet, or (empty) nobody's."""

    KEY: ClassVar = ("fleet", "token")
    fleet: str
    token: str
    vehicle_id: str


CHARGES: tuple[type, ...] = (ChargeFile, ChargeTelling, ChargeSession, ChargeToken)
