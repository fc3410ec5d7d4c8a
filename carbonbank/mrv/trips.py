"""Raw trips in, accepted trips and issues out. A bad row is never an exception."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.trip import COLUMNS, Trip
from carbonbank.mrv.rules import Rules, beside, copies, energy, odometer, places, retold, single
from carbonbank.mrv.rules.frame import MISSING, Frame, Mask

_MOMENT = pa.timestamp("s", "UTC")
_TEXT = ("vehicle_id", "driver_id", "distance_source", "start_cell", "end_cell", "source",
         "source_record_id")  # fmt: skip
REQUIRED = ("vehicle_id", "start_at", "end_at", "distance_m", "distance_source", "source",
            "source_record_id")  # fmt: skip


def _field(column: str) -> pa.Field:
    kind = _MOMENT if column.endswith("_at") else pa.string() if column in _TEXT else pa.int64()
    return pa.field(column, kind, nullable=column not in REQUIRED)


TRIP_SCHEMA: pa.Schema = pa.schema([_field(column) for column in COLUMNS])
RAW_SCHEMA: pa.Schema = TRIP_SCHEMA.append(pa.field("row", pa.int64(), nullable=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTrips:
    """What a file says, readable and not yet judged.

    Attributes:
        table: `RAW_SCHEMA`: the canonical columns, and `row`, the trip's line in its file.
        issues: what was dropped or mended while reading.
        format: the name of the format the file was recognised as.
        rows_read: data rows in the file (samples of a log, not its trips).
        files: how many files it came from.
    """

    table: pa.Table
    issues: tuple[RowIssue, ...]
    format: str
    rows_read: int
    files: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidTrips:
    """The trips that count (`RAW_SCHEMA`, rows in the order they came in) and all findings.

    `issues` holds those of reading first, then those of validation by row.
    """

    table: pa.Table
    issues: tuple[RowIssue, ...]


def to_trips(table: pa.Table) -> list[Trip]:
    """Return the rows of a table in `TRIP_SCHEMA` (further columns are left out) as trips."""
    return [Trip(**record) for record in table.select(list(COLUMNS)).to_pylist()]


def from_trips(trips: Sequence[Trip]) -> pa.Table:
    """Return trips as a table in `TRIP_SCHEMA`."""
    columns: dict[str, list[Any]] = {
        column: [getattr(trip, column) for trip in trips] for column in COLUMNS
    }
    return pa.table(columns, schema=TRIP_SCHEMA)


def concat(raws: Sequence[RawTrips]) -> RawTrips:
    """Join several files into one, so that copies and overlaps across them are seen.

    However a set of trips was split into files, validating the join gives the same trips.
    """
    formats = sorted({raw.format for raw in raws})
    return RawTrips(
        table=pa.concat_tables([raw.table for raw in raws]) if raws else RAW_SCHEMA.empty_table(),
        issues=tuple(issue for raw in raws for issue in raw.issues),
        format="+".join(formats),
        rows_read=sum(raw.rows_read for raw in raws),
        files=sum(raw.files for raw in raws),
    )


_Rule = Callable[[Frame, Rules], Iterator[RowIssue]]

# First what one row says by itself, then copies, then neighbours: a trip that is kept out by an
# earlier rule holds nothing against the others.
_SINGLE: tuple[_Rule, ...] = (
    single.end_not_after_start,
    single.date_too_early,
    single.distance_sentinel,
    single.speed_too_high,
    single.speed_too_low,
    single.below_great_circle,
    single.soc_out_of_range,
    single.soc_rises,
    single.negative_value,
)
_BESIDE: tuple[_Rule, ...] = (
    beside.duplicates,
    copies.copied_trips,
    copies.metered_twice,
    retold.retold_trips,
    beside.overlaps,
    places.driver_in_two_vehicles,
    places.teleports,
    odometer.odometer_sentinels,
    odometer.odometer_steps,
    odometer.odometer_sums,
    energy.energy_windows,
    energy.charge_balance,
)


def validate(
    raw: RawTrips,
    rules: Rules,
    now_at: datetime,
    fixed: Mask | None = None,
    *,
    whole_fleet: bool = True,
) -> ValidTrips:
    """Hold every trip against the rules and return those that count, with all findings.

    Args:
        raw: all raw trips of the vehicles concerned; join several files with `concat` first.
        rules: the thresholds of the programme.
        now_at: the bank's clock; trips that end later are kept out.
        fixed: which trips count already, and are not the ones to fall as copies of others.
        whole_fleet: whether no trip of the fleet is missing; only then are vehicles compared by
            what they metered.

    Returns:
        The accepted trips (starts and odometers mended where an issue says so) and the issues.
        The result does not depend on the order of the rows.
    """
    trips = Frame(raw.table, fixed, whole_fleet=whole_fleet)
    issues = judged(trips, rules, now_at)
    return ValidTrips(table=_mended(trips), issues=(*raw.issues, *issues))


def judged(trips: Frame, rules: Rules, now_at: datetime) -> list[RowIssue]:
    """Hold every trip against the rules: `alive` are those that count afterwards."""
    assert now_at.tzinfo is not None
    issues = list(single.future_date(trips, int(now_at.timestamp())))
    for rule in (*_SINGLE, *_BESIDE):
        issues.extend(rule(trips, rules))
    issues.sort(key=lambda issue: (issue.row, issue.code))
    return issues


def _mended(trips: Frame) -> pa.Table:
    """Return the alive trips with the starts and odometers that the rules mended."""
    table = trips.table
    for column, values in (
        ("start_at", trips.start_s),
        ("odometer_start_m", trips.odometer_start_m),
        ("odometer_end_m", trips.odometer_end_m),
    ):
        field = table.schema.field(column)
        array = pa.array(values, mask=values == MISSING).cast(field.type)
        table = table.set_column(table.schema.get_field_index(column), field, array)
    return table.filter(pa.array(np.asarray(trips.alive)))
