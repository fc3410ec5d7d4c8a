"""Recordings of Car Scanner, an OBD app: one value a line.

Columns as in exports that public readers of them are tested with
(`"SECONDS";"PID";"VALUE";"UNITS";"LATITUDE";"LONGTITUDE";`, spelt so, the last two from version to
version, every line ending in a delimiter). `SECONDS` count from midnight of the phone's local
clock and run on past the next midnight; there is no date and no zone in the file: the caller names
both. Of the speeds the car's is taken where there is any, else the receiver's, never both.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.trip import DistanceSource
from carbonbank.errors import DayNotNamed, ZoneNotNamed
from carbonbank.intake.clock import utc_seconds
from carbonbank.intake.log import Log, read_log
from carbonbank.intake.recording import Sample
from carbonbank.intake.records import named_vehicle
from carbonbank.intake.text_table import TextTable, read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RawTrips
from carbonbank.units import floor_div

NAME = "car_scanner_log"
REQUIRED = ("SECONDS", "PID", "VALUE", "UNITS")
FURTHER = ("LATITUDE", "LONGTITUDE", "LONGITUDE", "")
SPEEDS: tuple[tuple[str, DistanceSource], ...] = (
    ("Vehicle speed", "wheel"),
    ("Speed (GPS)", "gps"),
)
UNITS = {"km/h": Fraction(1), "mph": Fraction(1_609_344, 1_000_000)}

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?([eE]-?[0-9])?", re.ASCII)
_SECONDS_MAX = 2 * 86_400
_SPEED_MAX = 200_000_000


def fits(header: Sequence[str]) -> bool:
    """Say whether a header is of such a recording."""
    return len(set(header)) == len(header) and set(REQUIRED) <= set(header) <= {
        *REQUIRED,
        *FURTHER,
    }


def read(upload: Upload, delimiter: str = ";") -> RawTrips:
    """Read one recording of one vehicle, begun on one day.

    Raises:
        VehicleNotNamed: the caller names no vehicle.
        ZoneNotNamed: the caller names no time zone.
        DayNotNamed: the caller names no day.
    """
    vehicle_id = named_vehicle(upload, NAME)
    if upload.options.zone is None:
        raise ZoneNotNamed(filename=upload.filename, format=NAME)
    day = upload.options.first_day()
    if day is None:
        raise DayNotNamed(filename=upload.filename, format=NAME)
    table = read_text_table(upload, NAME, delimiter)
    told = set(table.texts("PID"))
    pid, source = next((speed for speed in SPEEDS if speed[0] in told), SPEEDS[0])
    if pid not in told:
        limit = " or ".join(name for name, _ in SPEEDS)
        table.issues.append(issue_at(0, "speed_missing", "PID", f"{len(told)} others", limit))
    samples = _samples(table, pid, day, upload.options.zone_or(""))
    return read_log(
        Log(
            upload=upload,
            name=NAME,
            vehicle_id=vehicle_id,
            distance_source=source,
            samples=list(samples),
            positions=_positions(table),
            rows_read=table.rows_read,
            issues=table.issues,
            clock="SECONDS",
            soc="",
            position="LATITUDE, LONGTITUDE",
        )
    )


def _positions(table: TextTable) -> dict[int, tuple[str, str]]:
    longitude = next((name for name in FURTHER[1:3] if name in table.columns), None)
    if longitude is None or "LATITUDE" not in table.columns:
        return {}
    places = zip(table.texts("LATITUDE"), table.texts(longitude), strict=True)
    rows = zip(table.lines.tolist(), places, strict=True)
    return {row: place for row, place in rows if place[0]}


def _samples(table: TextTable, pid: str, day: date, zone: ZoneInfo) -> Iterator[Sample]:
    cells = (table.texts(column) for column in REQUIRED)
    last_s: int | None = None
    for row, seconds, name, value, unit in zip(table.lines.tolist(), *cells, strict=True):
        if name != pid or not value:
            continue
        found = _sample(row, (seconds, value, unit), day, zone)
        if isinstance(found, RowIssue):
            table.issues.append(found)
        elif found.at_s != last_s:
            last_s = found.at_s
            yield found


def _sample(row: int, cells: tuple[str, str, str], day: date, zone: ZoneInfo) -> Sample | RowIssue:
    seconds, value, unit = cells
    if not _NUMBER.fullmatch(seconds):
        return issue_at(row, "unreadable_value", "SECONDS", seconds)
    if not _NUMBER.fullmatch(value) or unit not in UNITS:
        return issue_at(row, "unreadable_value", "VALUE, UNITS", f"{value} {unit}")
    since_midnight = int(Fraction(seconds))
    local = datetime.combine(day, time()) + timedelta(seconds=min(since_midnight, _SECONDS_MAX))
    at_s = utc_seconds(local, zone)
    if at_s is None or since_midnight >= _SECONDS_MAX:
        return issue_at(row, "impossible_date", "SECONDS", f"{seconds} s after midnight")
    speed = Fraction(value) * UNITS[unit] * 1_000_000
    millionths = floor_div(speed.numerator, speed.denominator)
    if millionths > _SPEED_MAX:
        return issue_at(row, "sample_out_of_range", "VALUE", f"{value} {unit}")
    return Sample(row, at_s, millionths, None)
