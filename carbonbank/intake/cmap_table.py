"""The Chicago household survey of 2007 as a table of trips (NREL/fastsim, Apache-2.0).

`sampno` and `vehno` name the car, clocks are local, `distance_km` is the integral of the speed
logged each second by a GPS receiver, `max_speed` is in miles per hour and not used.
"""

import re
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.intake.clock import is_ambiguous, iso_local, utc_seconds
from carbonbank.intake.recording import GAP_BRIDGED_S_MAX
from carbonbank.intake.text_table import read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

NAME = "cmap_table"
COLUMNS = (
    "sampno", "vehno", "day_id", "trip_id", "start_ts", "end_ts", "max_speed",
    "max_gap_between_samples_s", "non_recorded_time_hrs", "absolute_time_duration_hrs",
    "distance_km", "implied_kmh",
)  # fmt: skip
ZONE = "America/Chicago"

_GAP = "max_gap_between_samples_s"
_USED = ("sampno", "vehno", "start_ts", "end_ts", "distance_km", _GAP)
_NAME = re.compile(r"[0-9]+", re.ASCII)
_KM = re.compile(r"[0-9]{1,7}(\.[0-9]{1,9})?", re.ASCII)


def read(upload: Upload, delimiter: str = ",") -> RawTrips:
    """Read the table; one line is one trip."""
    table = read_text_table(upload, NAME, delimiter)
    zone = upload.options.zone_or(ZONE)
    issues = table.issues
    trips = []
    cells = (table.texts(column) for column in _USED)
    for row, *values in zip(table.lines.tolist(), *cells, strict=True):
        trip = _trip(upload, row, dict(zip(_USED, values, strict=True)), zone, issues)
        if trip is not None:
            trips.append(trip)
    return RawTrips(
        table=pa.Table.from_pylist(trips, schema=RAW_SCHEMA),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        format=NAME,
        rows_read=table.rows_read,
    )


def _trip(
    upload: Upload, row: int, cells: dict[str, str], zone: ZoneInfo, issues: list[RowIssue]
) -> dict[str, object] | None:
    for column, shape in (("sampno", _NAME), ("vehno", _NAME), ("distance_km", _KM), (_GAP, _KM)):
        if not shape.fullmatch(cells[column]):
            issues.append(issue_at(row, "unreadable_value", column, cells[column]))
            return None
    times: dict[str, datetime] = {}
    for column in ("start_ts", "end_ts"):
        local = iso_local(cells[column])
        at_s = None if local is None else utc_seconds(local, zone)
        if local is None or at_s is None:
            issues.append(issue_at(row, "impossible_date", column, cells[column]))
            return None
        if is_ambiguous(local, zone):
            issues.append(issue_at(row, "ambiguous_local_time", column, cells[column]))
        times[column] = datetime.fromtimestamp(at_s, UTC)
    if Decimal(cells[_GAP]) > GAP_BRIDGED_S_MAX:
        gap = f"{cells[_GAP]} s"
        issues.append(issue_at(row, "gap_not_counted", _GAP, gap, trip=upload.record_id(row - 1)))
    vehicle_id = f"{cells['sampno']}-{cells['vehno']}"
    metres = (Decimal(cells["distance_km"]) * 1_000).to_integral_value(rounding=ROUND_FLOOR)
    return {
        "vehicle_id": vehicle_id,
        "driver_id": upload.options.driver_of(vehicle_id),
        "start_at": times["start_ts"],
        "end_at": times["end_ts"],
        "distance_m": int(metres),
        "distance_source": "gps",
        "source": NAME,
        "source_record_id": upload.record_id(row - 1),
        "row": row,
    }
