"""Track logs of Torque Pro, an OBD app (`trackLog.csv`).

Columns as in logs that public readers of them are tested with (`GPS Time, Device Time, Longitude,
Latitude,GPS Speed (Meters/second), …,Speed (OBD)(km/h)`): names begin with blanks, carry their
unit, and are as many as the user chose; `-` is no value; each start of the app repeats the header
in the middle of the file, perhaps with other columns. `Device Time` is the phone's local clock and
says no zone: the caller does. The wheel's speed by OBD is taken where there is any, else that of
the receiver, never both; of several samples in one second the first counts.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.trip import DistanceSource
from carbonbank.errors import ZoneNotNamed
from carbonbank.intake.clock import utc_seconds
from carbonbank.intake.log import Log, read_log
from carbonbank.intake.recording import Sample
from carbonbank.intake.records import named_vehicle
from carbonbank.intake.text_table import read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RawTrips
from carbonbank.units import floor_div

NAME = "torque_log"
CLOCK = "Device Time"
REQUIRED = ("GPS Time", CLOCK, "Longitude", "Latitude")


class Speed(NamedTuple):
    """A column of speed: where it comes from, and its unit in km/h."""

    column: str
    source: DistanceSource
    kmh: Fraction


_MILE = Fraction(1_609_344, 1_000_000)
SPEEDS = (
    Speed("Speed (OBD)(km/h)", "wheel", Fraction(1)),
    Speed("Speed (OBD)(mph)", "wheel", _MILE),
    Speed("GPS Speed (Meters/second)", "gps", Fraction(36, 10)),
    Speed("GPS Speed(km/h)", "gps", Fraction(1)),
    Speed("Speed (GPS)(km/h)", "gps", Fraction(1)),
    Speed("Speed (GPS)(mph)", "gps", _MILE),
)

_NOTHING = ("", "-")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?([eE]-?[0-9])?", re.ASCII)
_LOCAL = re.compile(
    r"([0-9]{1,2})-([A-Z][a-z]{2})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SPEED_MAX = 200_000_000

Columns = dict[str, list[str]]


def fits(header: Sequence[str]) -> bool:
    """Say whether a header is of such a log."""
    names = [name.strip() for name in header]
    once = len(set(names)) == len(names)
    return once and set(REQUIRED) <= set(names) and any(s.column in names for s in SPEEDS)


def read(upload: Upload, delimiter: str = ",") -> RawTrips:
    """Read one log of one vehicle.

    Raises:
        VehicleNotNamed: the caller names no vehicle.
        ZoneNotNamed: the caller names no time zone.
    """
    vehicle_id = named_vehicle(upload, NAME)
    if upload.options.zone is None:
        raise ZoneNotNamed(filename=upload.filename, format=NAME)
    table = read_text_table(upload, NAME, delimiter)
    cells: Columns = {name.strip(): table.texts(name) for name in table.columns}
    speed = next(
        (s for s in SPEEDS if any(map(_NUMBER.fullmatch, cells.get(s.column, ())))), SPEEDS[0]
    )
    lines: list[int] = table.lines.tolist()
    kept = list(_under_the_header(cells, lines, table.issues))
    samples = _samples(cells, lines, kept, speed, upload.options.zone_or(""), table.issues)
    places = ((lines[i], (cells["Latitude"][i], cells["Longitude"][i])) for i in kept)
    return read_log(
        Log(
            upload=upload,
            name=NAME,
            vehicle_id=vehicle_id,
            distance_source=speed.source,
            samples=list(samples),
            positions={row: place for row, place in places if place[0] not in _NOTHING},
            rows_read=table.rows_read,
            issues=table.issues,
            clock=CLOCK,
            soc="",
            position="Latitude, Longitude",
        )
    )


def _under_the_header(cells: Columns, lines: list[int], issues: list[RowIssue]) -> Iterator[int]:
    """Yield the places of rows under the file's own header, not under another in the middle."""
    own = True
    for place, clock in enumerate(cells[CLOCK]):
        here = [values[place].strip() for values in cells.values()]
        if CLOCK in here or clock.strip() == CLOCK:
            own = here == list(cells)
            if not own:
                issues.append(issue_at(lines[place], "header_changed", "", ", ".join(here)))
        elif own:
            yield place


def _samples(
    cells: Columns,
    lines: list[int],
    kept: list[int],
    speed: Speed,
    zone: ZoneInfo,
    issues: list[RowIssue],
) -> Iterator[Sample]:
    clocks, speeds = cells[CLOCK], cells.get(speed.column, [])
    last_s: int | None = None
    for place in kept:
        text = speeds[place].strip() if speeds else ""
        if text in _NOTHING:
            continue
        local = _local(clocks[place].strip())
        at_s = None if local is None else utc_seconds(local, zone)
        if at_s is None:
            issues.append(issue_at(lines[place], "impossible_date", CLOCK, clocks[place]))
        elif not _NUMBER.fullmatch(text):
            issues.append(issue_at(lines[place], "unreadable_value", speed.column, text))
        elif (millionths := _millionths(text, speed)) > _SPEED_MAX:
            issues.append(issue_at(lines[place], "sample_out_of_range", speed.column, text))
        elif at_s != last_s:
            last_s = at_s
            yield Sample(lines[place], at_s, millionths, None)


def _millionths(text: str, speed: Speed) -> int:
    exact = Fraction(text) * speed.kmh * 1_000_000
    return floor_div(exact.numerator, exact.denominator)


def _local(text: str) -> datetime | None:
    """Read `22-May-2015 07:00:25.730` down to the second, None where there is no such time."""
    found = _LOCAL.fullmatch(text)
    if not found or found[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[part]) for part in (1, 3, 4, 5, 6))
    try:
        month = _MONTHS.index(found[2]) + 1
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - local by meaning
    except ValueError:
        return None
