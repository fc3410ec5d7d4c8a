"""Charging as a measure of energy: sessions of vehicles, and what a month's trips used of them.

Energy is whole watt-hours on the grid's side. A session counts whole in the UTC month in which it
starts. Energy is handed to trips by distance, and what does not divide goes upward.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from carbonbank.units import floor_div, month_of

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


def charged_wh(charges: Iterable[Charge]) -> dict[Month, int]:
    """Return the energy charged per vehicle and month, in Wh on the grid's side."""
    totals: dict[Month, int] = {}
    for one in charges:
        key = one.vehicle_id, month_of(one.start_at)
        totals[key] = totals.get(key, 0) + one.energy_grid_wh
    return totals


def moved_to_open(charged: Mapping[Month, int], credited: Iterable[Month]) -> dict[Month, int]:
    """Move energy that came after its month was credited to the vehicle's next month that is not.

    Args:
        charged: energy in Wh per vehicle and month, of charges that came too late.
        credited: the vehicle-months that are in a batch.
    """
    beyond = set(credited)
    moved: dict[Month, int] = {}
    for (vehicle_id, month), energy_wh in charged.items():
        while (vehicle_id, month) in beyond:
            month += 1  # noqa: PLW2901 - the next month
        moved[vehicle_id, month] = moved.get((vehicle_id, month), 0) + energy_wh
    return moved


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
