"""Tracks of GPX 1.1, one vehicle a file: the way between fixes is the geodesic of WGS84.

Times are UTC (the format says so; an offset is heeded). A straight line is never longer than the
road, so gaps in a segment count by it; nothing counts between segments, nor across pauses, which
make trips of their own. A receiver that stands still wanders: a step counts only once it is 10 m.
Elevation, routes, way points, names and extensions are not read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn
from xml.parsers import expat

import pyarrow as pa
from pyproj import Geod

from carbonbank.domain.issue import RowIssue
from carbonbank.errors import BrokenGpx, EntitiesRefused, NoRows, TooManyRows
from carbonbank.intake.record import Record, Unreadable
from carbonbank.intake.recording import GAP_SPLIT_S
from carbonbank.intake.records import named_vehicle
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.rules.cells import cell_of
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

NAME = "gpx_tracks"
NAMESPACE = "http://www.topografix.com/GPX/1/1"

STEP_M = 10
_SPEED_M_PER_S_MAX = 200 / 3.6
_LOST_AFTER = 5  # so many fixes out of reach in a row: the last good one was the wrong one
_DEPTH_MAX = 64
_SEGMENT = ["trk", "trkseg"]
_POINT = [*_SEGMENT, "trkpt"]
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Fix:
    """A position of a track; `segment` counts through the file."""

    row: int
    at_s: int
    latitude: float
    longitude: float
    segment: int


@dataclass(slots=True)
class _Drive:
    fixes: list[Fix] = field(default_factory=list)
    way_m: float = 0.0


def fits(content: bytes) -> bool:
    """Say whether a file is GPX: its first element is `gpx`."""
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and b"<gpx" in head


def read(upload: Upload) -> RawTrips:
    """Read the tracks of one vehicle.

    Raises:
        VehicleNotNamed: the caller names no vehicle.
        EntitiesRefused: the file declares a document type.
        BrokenGpx: no XML, or not GPX 1.1.
        NoRows: no track point in it.
        TooManyRows: more points than the options allow.
    """
    vehicle_id = named_vehicle(upload, NAME)
    points = _points(upload)
    if not points:
        raise NoRows(filename=upload.filename, format=NAME)
    issues: list[RowIssue] = []
    fixes = sorted(_fixes(points, issues), key=lambda fix: fix.at_s)
    trips = [
        _trip(upload, vehicle_id, ordinal, drive)
        for ordinal, drive in enumerate(_drives(fixes, issues), start=1)
    ]
    return RawTrips(
        table=pa.Table.from_pylist(trips, schema=RAW_SCHEMA),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        format=NAME,
        rows_read=len(points),
    )


def _points(upload: Upload) -> list[tuple[Record, int]]:
    """Return the track points as records, with the number of their segment."""
    reader = _Points(upload)
    try:
        reader.parser.Parse(upload.content, True)
    except (expat.ExpatError, ValueError) as error:
        raise BrokenGpx(filename=upload.filename, reason=str(error)[:200]) from error
    return reader.found


class _Points:
    """What a parser of XML tells, as records; a document type ends it at once."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self.found: list[tuple[Record, int]] = []
        self.path: list[str] = []
        self.cells: dict[str, str] = {}
        self.row = self.segment = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_: Any) -> NoReturn:
        raise EntitiesRefused(filename=self.upload.filename, row=self.parser.CurrentLineNumber)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = self.upload.filename
        if not self.path and tag != f"{NAMESPACE} gpx":
            raise BrokenGpx(filename=name, reason=f"it begins with {tag[:80]!r}")
        self.path.append(tag.removeprefix(f"{NAMESPACE} "))
        if len(self.path) > _DEPTH_MAX:
            raise BrokenGpx(filename=name, reason=f"nested deeper than {_DEPTH_MAX}")
        if self.path[1:] == _SEGMENT:
            self.segment += 1
        elif self.path[1:] == _POINT:
            self.row = self.parser.CurrentLineNumber
            self.cells = {one: attributes.get(one, "").strip() for one in ("lat", "lon")}

    def _text(self, data: str) -> None:
        if self.path[1:] == [*_POINT, "time"]:
            self.cells["time"] = (self.cells.get("time", "") + data)[:200]

    def _end(self, _: str) -> None:
        rows_max = self.upload.options.rows_max
        if self.path[1:] == _POINT:
            if len(self.found) >= rows_max:
                raise TooManyRows(
                    filename=self.upload.filename, rows=rows_max + 1, rows_max=rows_max
                )
            cells = self.cells | {"time": self.cells.get("time", "").strip()}
            self.found.append((Record(self.row, cells), self.segment))
        self.path.pop()


def _fixes(points: list[tuple[Record, int]], issues: list[RowIssue]) -> Iterator[Fix]:
    """Yield the fixes whose time rises within their segment; the first of a second counts."""
    last: tuple[int, int] | None = None
    for record, segment in points:
        try:
            at_s = int(record.moment("time", naive_is_utc=True).timestamp())
            position = record.position("lat", "lon")
        except Unreadable as wrong:
            issues.append(issue_at(record.row, wrong.code, wrong.column, wrong.value, wrong.limit))
            continue
        issues.extend(record.issues)
        last_s = last[1] if last is not None and last[0] == segment else None
        if position is None or at_s == last_s:
            continue
        if last_s is not None and at_s < last_s:
            value = datetime.fromtimestamp(at_s, UTC).isoformat()
            issues.append(issue_at(record.row, "clock_out_of_order", "time", value))
            continue
        last = segment, at_s
        yield Fix(record.row, at_s, *position, segment)


def _drives(fixes: list[Fix], issues: list[RowIssue]) -> Iterator[_Drive]:
    """Cut at pauses and add up the steps."""
    drive = _Drive()
    anchor: Fix | None = None
    lost = 0
    for fix in fixes:
        last = drive.fixes[-1] if drive.fixes else None
        if last is not None and fix.at_s - last.at_s > GAP_SPLIT_S:
            issues.append(issue_at(fix.row, "recording_split", "time", f"{fix.at_s - last.at_s} s"))
            yield from _whole(drive, issues)
            drive, anchor, lost = _Drive(), None, 0
        if anchor is None or anchor.segment != fix.segment:
            anchor, lost = fix, 0
        else:
            step_m = _step_m(anchor, fix)
            if step_m > max(STEP_M, (fix.at_s - anchor.at_s) * _SPEED_M_PER_S_MAX):
                lost += 1
                value = f"{step_m / 1000:.1f} km in {fix.at_s - anchor.at_s} s"
                issues.append(issue_at(fix.row, "sample_out_of_range", "lat, lon", value))
                if lost >= _LOST_AFTER:
                    anchor, lost = fix, 0
                continue
            lost = 0
            if step_m >= STEP_M:
                drive.way_m += step_m
                anchor = fix
        drive.fixes.append(fix)
    yield from _whole(drive, issues)


def _whole(drive: _Drive, issues: list[RowIssue]) -> Iterator[_Drive]:
    if len(drive.fixes) == 1:
        issues.append(issue_at(drive.fixes[0].row, "piece_too_short", "time", "1 point"))
    elif drive.fixes:
        yield drive


def _step_m(one: Fix, other: Fix) -> float:
    _, _, metres = _GEOD.inv(one.longitude, one.latitude, other.longitude, other.latitude)
    return float(metres)


def _trip(upload: Upload, vehicle_id: str, ordinal: int, drive: _Drive) -> dict[str, Any]:
    first, last = drive.fixes[0], drive.fixes[-1]
    return {
        "vehicle_id": vehicle_id,
        "driver_id": upload.options.driver_of(vehicle_id),
        "start_at": datetime.fromtimestamp(first.at_s, UTC),
        "end_at": datetime.fromtimestamp(last.at_s, UTC),
        "distance_m": int(drive.way_m),
        "distance_source": "gps",
        "start_cell": cell_of(first.latitude, first.longitude),
        "end_cell": cell_of(last.latitude, last.longitude),
        "source": NAME,
        "source_record_id": upload.record_id(ordinal),
        "row": first.row,
    }
