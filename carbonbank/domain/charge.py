"""Charging as a measure of energy: sessions of vehicles, and what a month's trips used of them.

Energy is whole watt-hours on the grid's side. A session counts whole in the UTC month in which it
starts. Energy is handed to trips by distance, and what does not divide goes upward.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from carbonbank.domain.issue import RowIssue
from carbonbank.units import floor_div

Month = tuple[str, int]  # vehicle id, month number


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A charging session of a vehicle; `source_record_id` is unique within its source."""

    vehicle_id: str
    start_at: datetime
    end_at: datetime
    energy_grid_wh: int
    source: str
    source_record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedCharges:
    """What a file says about charging, credits netted.

    Attributes:
        charges: with their lines; those of nobody's token are not among them.
        credited: record ids of charges that are taken back, in this file or another.
        issues: what was taken back, told twice, or could not be read.
        left_out: charges that happened and are not among `charges`; they make a claim larger.
        source: what record ids are unique within: `ocpi_cdrs` anywhere, others in their fleet.
        rows_read: records in the file.
    """

    charges: tuple[tuple[int, Charge], ...]
    credited: tuple[str, ...]
    issues: tuple[RowIssue, ...]
    left_out: int
    source: str
    rows_read: int


def allotted_wh(energy_wh: int, distances_m: Sequence[int]) -> list[int]:
    """Hand energy to trips by distance; the parts add up to the whole exactly.

    Part n is what is due to trips 1 to n, upward, less what those before it got. Trips of no
    distance at all share as if each had gone one metre.

    Args:
        energy_wh: in Wh.
        distances_m: of the trips, in their order in time.
    """
    weights = list(distances_m) if sum(distances_m) > 0 else [1] * len(distances_m)
    total = sum(weights)
    parts: list[int] = []
    done = given = 0
    for weight in weights:
        done += weight
        due = -floor_div(-energy_wh * done, total)
        parts.append(due - given)
        given = due
    return parts
