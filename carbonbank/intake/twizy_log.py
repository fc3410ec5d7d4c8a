"""1 Hz logs of a Renault Twizy (RSK_Twizy_EV_Dataset, N. Malek Youssef et al., CC BY 4.0).

Local clocks, month first (`07/01/2021` and `7/1/2021`), wheel speed in km/h, state of charge in
percent. Distance is the integral of the wheel speed; positions only name the cells of start and
end, and are never trusted with a distance.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.intake import recording
from carbonbank.intake.clock import us_local, utc_seconds
from carbonbank.intake.recording import Sample
from carbonbank.intake.text_table import TextTable, read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.rules.cells import cell_of, great_circle_m
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

NAME = "twizy_log"
COLUMNS = (
    "Date", "Time", "Soc", "Speed", "Mode", "LAT", "LON", "ALT", "GpsSpeed", "Temperature",
    "Humidity", "Weather", "WindSpeedAv", "Traffic", "SpeedLimit",
)  # fmt: skip
ZONE = "Africa/Casablanca"  # UTC+1, and UTC+0 around Ramadan
VEHICLE_ID = "twizy-01"

Position = tuple[float, float]  # latitude and longitude in degrees

_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)
_SPEED_MAX = 200_000_000
_SOC_MAX = 100_000_000
_CELL_SAMPLES = 30
_TELEPORT_M = 1_000
_TELEPORT_M_PER_S = 300 / 3.6


def read(upload: Upload, delimiter: str = ",") -> RawTrips:
    """Read one log; most are one trip, a pause or a charge makes more."""
    table = read_text_table(upload, NAME, delimiter)
    issues = table.issues
    samples = list(_samples(table, upload.options.zone_or(ZONE), issues))
    samples, out_of_order = recording.in_order(samples)
    issues.extend(
        issue_at(s.row, "clock_out_of_order", "Time", _moment(s.at_s)) for s in out_of_order
    )
    samples, outliers = recording.without_soc_outliers(samples)
    issues.extend(
        issue_at(s.row, "soc_outlier", "Soc", f"{(s.soc or 0) / 1e6:g} %") for s in outliers
    )
    fixes = _fixes(table, samples, issues)
    trips = []
    for ordinal, drive in enumerate(_drives(samples, issues), start=1):
        issues.extend(_gaps(drive, upload.record_id(ordinal)))
        trips.append(_trip(upload, ordinal, drive, fixes))
    return RawTrips(
        table=pa.Table.from_pylist(trips, schema=RAW_SCHEMA),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        format=NAME,
        rows_read=table.rows_read,
    )


def _samples(table: TextTable, zone: ZoneInfo, issues: list[RowIssue]) -> Iterator[Sample]:
    cells = (table.texts(column) for column in ("Date", "Time", "Speed", "Soc"))
    for row, date, time, speed_text, soc_text in zip(table.lines.tolist(), *cells, strict=True):
        local = us_local(date, time)
        at_s = None if local is None else utc_seconds(local, zone)
        if at_s is None:
            issues.append(issue_at(row, "impossible_date", "Date", f"{date} {time}"))
            continue
        speed, soc = _millionths(speed_text), _millionths(soc_text)
        if speed is None or soc is None:
            column = "Speed" if speed is None else "Soc"
            value = speed_text if speed is None else soc_text
            issues.append(issue_at(row, "unreadable_value", column, value))
        elif speed > _SPEED_MAX or soc > _SOC_MAX:
            value = f"{speed_text} km/h, {soc_text} %"
            issues.append(issue_at(row, "sample_out_of_range", "Speed, Soc", value))
        else:
            yield Sample(row, at_s, speed, soc)


def _millionths(text: str) -> int | None:
    """Read a decimal with up to six places as a whole number of millionths, exactly."""
    if not _DECIMAL.fullmatch(text):
        return None
    whole, _, part = text.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0"))


def _drives(samples: Sequence[Sample], issues: list[RowIssue]) -> Iterator[list[Sample]]:
    for number, piece in enumerate(recording.pieces(samples)):
        if number:
            issues.append(issue_at(piece[0].row, "recording_split", "Time", _moment(piece[0].at_s)))
        for part, drive in enumerate(recording.drives(piece)):
            if part:
                value = f"{(drive[0].soc or 0) / 1e6:g} %"
                issues.append(issue_at(drive[0].row, "charge_split", "Soc", value))
            if len(drive) < 2:
                issues.append(issue_at(drive[0].row, "piece_too_short", "Time", "1 sample"))
                continue
            yield drive


def _gaps(drive: Sequence[Sample], trip: str) -> Iterator[RowIssue]:
    for before, after in pairwise(drive):
        gap_s = after.at_s - before.at_s
        if gap_s > 2:
            bridged = gap_s <= recording.GAP_BRIDGED_S_MAX
            code = "gap_bridged" if bridged else "gap_not_counted"
            yield issue_at(after.row, code, "Time", f"{gap_s} s", trip=trip)


def _fixes(
    table: TextTable, samples: Sequence[Sample], issues: list[RowIssue]
) -> dict[int, Position]:
    """Return the positions of samples by line; what is no position is told and left out."""
    cells = zip(table.lines.tolist(), table.texts("LAT"), table.texts("LON"), strict=True)
    told = {row: (latitude, longitude) for row, latitude, longitude in cells}
    fixes: dict[int, Position] = {}
    last: tuple[int, Position] | None = None
    for sample in samples:
        text = ", ".join(told[sample.row])
        fix = _position(*told[sample.row])
        if fix is None:
            issues.append(issue_at(sample.row, "gps_out_of_range", "LAT, LON", text))
            continue
        if 0 in fix:
            issues.append(issue_at(sample.row, "zero_gps_fix", "LAT, LON", text))
            continue
        if last is not None:
            step_m, elapsed_s = great_circle_m(*last[1], *fix), sample.at_s - last[0]
            if step_m > max(_TELEPORT_M, _TELEPORT_M_PER_S * elapsed_s):
                value = f"{step_m / 1000:.1f} km in {elapsed_s} s"
                issues.append(issue_at(sample.row, "gps_teleport", "LAT, LON", value))
        fixes[sample.row] = fix
        last = sample.at_s, fix
    return fixes


def _position(latitude: str, longitude: str) -> Position | None:
    try:
        fix = float(latitude), float(longitude)
    except ValueError:
        return None
    return fix if abs(fix[0]) <= 90 and abs(fix[1]) <= 180 else None


def _cell(drive: Sequence[Sample], fixes: dict[int, Position]) -> str | None:
    """Return the cell of some samples: the median of their fixes, so that one error is none."""
    near = [fixes[sample.row] for sample in drive if sample.row in fixes]
    if not near:
        return None
    return cell_of(median(fix[0] for fix in near), median(fix[1] for fix in near))


def _trip(
    upload: Upload,
    ordinal: int,
    drive: Sequence[Sample],
    fixes: dict[int, Position],
) -> dict[str, object]:
    vehicle_id = upload.options.vehicle_id or VEHICLE_ID
    socs = [sample.soc for sample in drive if sample.soc is not None]
    return {
        "vehicle_id": vehicle_id,
        "driver_id": upload.options.driver_of(vehicle_id),
        "start_at": datetime.fromtimestamp(drive[0].at_s, UTC),
        "end_at": datetime.fromtimestamp(drive[-1].at_s, UTC),
        "distance_m": recording.distance_m_floor(drive),
        "distance_source": "wheel",
        # The drop is never understated: the start upward, the end downward.
        "soc_start_bps": -(-socs[0] // 10_000) if socs else None,
        "soc_end_bps": socs[-1] // 10_000 if socs else None,
        "start_cell": _cell(drive[:_CELL_SAMPLES], fixes),
        "end_cell": _cell(drive[-_CELL_SAMPLES:], fixes),
        "source": NAME,
        "source_record_id": upload.record_id(ordinal),
        "row": drive[0].row,
    }


def _moment(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()
