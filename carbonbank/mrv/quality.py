"""How well a vehicle's month is known: four shares that discounts are taken from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.quantify import month_column
from carbonbank.mrv.rules.frame import Mask
from carbonbank.mrv.trips import RawTrips, ValidTrips
from carbonbank.units import BPS, floor_div


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleMonthQuality:
    """Shares of one vehicle's UTC month, in basis points, each rounded down.

    Attributes:
        trips: accepted trips.
        distance_m: their distance.
        odometer_share: distance with odometer readings at both ends.
        measured_energy_share: distance whose energy or fuel is metered, at grid, battery or pump.
        gap_free_share: distance of trips without a gap across which nothing is counted.
        accepted_share: accepted trips of all trips that came, copies not counted.
    """

    vehicle_id: str
    month: int
    trips: int
    distance_m: int
    odometer_share: int
    measured_energy_share: int
    gap_free_share: int
    accepted_share: int


def vehicle_months(raw: RawTrips, valid: ValidTrips) -> list[VehicleMonthQuality]:
    """Return the quality of every vehicle-month that has a trip, accepted or not, sorted."""
    copies = {(i.row, i.trip_source_record_id) for i in valid.issues if i.code == "duplicate_trip"}
    came = _counts(raw.table, copies)
    table = _with_marks(valid.table, valid.issues)
    sums = table.group_by(["vehicle_id", "month"]).aggregate(
        [
            ("distance_m", "sum"),
            ("distance_m", "count"),
            ("odometer_m", "sum"),
            ("measured_m", "sum"),
            ("gap_free_m", "sum"),
        ]
    )
    accepted = {(row["vehicle_id"], row["month"]): row for row in sums.to_pylist()}
    found = []
    for (vehicle_id, month), total in sorted(came.items()):
        row = accepted.get((vehicle_id, month), {})
        distance_m = row.get("distance_m_sum", 0)
        trips = row.get("distance_m_count", 0)
        found.append(
            VehicleMonthQuality(
                vehicle_id=vehicle_id,
                month=month,
                trips=trips,
                distance_m=distance_m,
                odometer_share=_share(row.get("odometer_m_sum", 0), distance_m),
                measured_energy_share=_share(row.get("measured_m_sum", 0), distance_m),
                gap_free_share=_share(row.get("gap_free_m_sum", 0), distance_m),
                # A start moved over midnight on the last of a month can bring one trip more.
                accepted_share=min(BPS, _share(trips, total)),
            )
        )
    return found


def _share(part: int, whole: int) -> int:
    return floor_div(part * BPS, whole) if whole > 0 else 0


def _counts(table: pa.Table, copies: set[tuple[int, str | None]]) -> dict[tuple[str, int], int]:
    if copies:
        rows = zip(table["row"].to_pylist(), table["source_record_id"].to_pylist(), strict=True)
        table = table.filter(pa.array([row not in copies for row in rows]))
    table = table.select(["vehicle_id"]).append_column("month", month_column(table))
    counts = table.group_by(["vehicle_id", "month"]).aggregate([([], "count_all")])
    return {(row["vehicle_id"], row["month"]): row["count_all"] for row in counts.to_pylist()}


def _with_marks(table: pa.Table, issues: Sequence[RowIssue]) -> pa.Table:
    distance_m = table["distance_m"].to_numpy()
    gapped = {i.trip_source_record_id for i in issues if i.code == "gap_not_counted"}
    gap_free: Mask = np.ones(table.num_rows, dtype=bool)
    if gapped:
        gap = pc.is_in(table["source_record_id"], pa.array(list(gapped), pa.string()))
        gap_free = ~np.asarray(gap.to_numpy(), dtype=bool)
    marks = {
        "odometer_m": _both(table, "odometer_start_m", "odometer_end_m"),
        "measured_m": _any(table, "energy_grid_wh", "energy_battery_wh", "fuel_ml"),
        "gap_free_m": gap_free,
    }
    table = table.append_column("month", month_column(table))
    for name, mark in marks.items():
        table = table.append_column(name, pa.array(np.where(mark, distance_m, 0)))
    return table


def _known(table: pa.Table, column: str) -> Mask:
    return np.asarray(pc.is_valid(table[column]).to_numpy(), dtype=bool)


def _both(table: pa.Table, first: str, second: str) -> Mask:
    return _known(table, first) & _known(table, second)


def _any(table: pa.Table, *columns: str) -> Mask:
    known: Mask = np.zeros(table.num_rows, dtype=bool)
    for column in columns:
        known |= _known(table, column)
    return known
