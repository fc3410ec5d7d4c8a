"""A log of samples to trips: in order, cut at pauses and charges, with every gap told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.trip import DistanceSource
from carbonbank.intake import recording
from carbonbank.intake.recording import Sample
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.rules.cells import cell_of, great_circle_m
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

Position = tuple[float, float]  # latitude and longitude in degrees

_CELL_SAMPLES = 30
_TELEPORT_M = 1_000
_TELEPORT_M_PER_S = 300 / 3.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Samples as a file has them, and the names of its columns for the issues.

    Attributes:
        name: the name of the format, which is also the `source` of its trips.
        distance_source: what the speed comes from.
        positions: latitude and longitude by line, as text.
        issues: those of reading; more are added here.
    """

    upload: Upload
    name: str
    vehicle_id: str
    distance_source: DistanceSource
    samples: Sequence[Sample]
    positions: Mapping[int, tuple[str, str]]
    rows_read: int
    issues: list[RowIssue] = field(default_factory=list)
    clock: str
    soc: str
    position: str


def read_log(log: Log) -> RawTrips:
    """Make the trips of a log; most are one trip, a pause or a charge makes more."""
    samples, out_of_order = recording.in_order(log.samples)
    log.issues.extend(
        issue_at(s.row, "clock_out_of_order", log.clock, _moment(s.at_s)) for s in out_of_order
    )
    samples, outliers = recording.without_soc_outliers(samples)
    log.issues.extend(
        issue_at(s.row, "soc_outlier", log.soc, f"{(s.soc or 0) / 1e6:g} %") for s in outliers
    )
    fixes = _fixes(log, samples)
    trips = []
    for ordinal, drive in enumerate(_drives(log, samples), start=1):
        log.issues.extend(_gaps(log, drive, log.upload.record_id(ordinal)))
        trips.append(_trip(log, ordinal, drive, fixes))
    return RawTrips(
        table=pa.Table.from_pylist(trips, schema=RAW_SCHEMA),
        issues=tuple(sorted(log.issues, key=lambda issue: (issue.row, issue.code))),
        format=log.name,
        rows_read=log.rows_read,
    )


def _drives(log: Log, samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    for number, piece in enumerate(recording.pieces(samples)):
        if number:
            value = _moment(piece[0].at_s)
            log.issues.append(issue_at(piece[0].row, "recording_split", log.clock, value))
        for part, drive in enumerate(recording.drives(piece)):
            if part:
                value = f"{(drive[0].soc or 0) / 1e6:g} %"
                log.issues.append(issue_at(drive[0].row, "charge_split", log.soc, value))
            if len(drive) < 2:
                issue = issue_at(drive[0].row, "piece_too_short", log.clock, "1 sample")
                log.issues.append(issue)
                continue
            yield drive


def _gaps(log: Log, drive: Sequence[Sample], trip: str) -> Iterator[RowIssue]:
    for before, after in pairwise(drive):
        gap_s = after.at_s - before.at_s
        if gap_s > 2:
            bridged = gap_s <= recording.GAP_BRIDGED_S_MAX
            code = "gap_bridged" if bridged else "gap_not_counted"
            yield issue_at(after.row, code, log.clock, f"{gap_s} s", trip=trip)


def _fixes(log: Log, samples: Sequence[Sample]) -> dict[int, Position]:
    """Return the positions of samples by line; what is no position is told and left out."""
    fixes: dict[int, Position] = {}
    last: tuple[int, Position] | None = None
    for sample in samples:
        told = log.positions.get(sample.row)
        if told is None:
            continue
        fix = _position(*told)
        if fix is None:
            text = ", ".join(told)
            log.issues.append(issue_at(sample.row, "gps_out_of_range", log.position, text))
            continue
        if 0 in fix:
            text = ", ".join(told)
            log.issues.append(issue_at(sample.row, "zero_gps_fix", log.position, text))
            continue
        if last is not None:
            step_m, elapsed_s = great_circle_m(*last[1], *fix), sample.at_s - last[0]
            if step_m > max(_TELEPORT_M, _TELEPORT_M_PER_S * elapsed_s):
                value = f"{step_m / 1000:.1f} km in {elapsed_s} s"
                log.issues.append(issue_at(sample.row, "gps_teleport", log.position, value))
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
    log: Log, ordinal: int, drive: Sequence[Sample], fixes: dict[int, Position]
) -> dict[str, object]:
    socs = [sample.soc for sample in drive if sample.soc is not None]
    return {
        "vehicle_id": log.vehicle_id,
        "driver_id": log.upload.options.driver_of(log.vehicle_id),
        "start_at": datetime.fromtimestamp(drive[0].at_s, UTC),
        "end_at": datetime.fromtimestamp(drive[-1].at_s, UTC),
        "distance_m": recording.distance_m_floor(drive),
        "distance_source": log.distance_source,
        # The drop is never understated: the start upward, the end downward.
        "soc_start_bps": -(-socs[0] // 10_000) if socs else None,
        "soc_end_bps": socs[-1] // 10_000 if socs else None,
        "start_cell": _cell(drive[:_CELL_SAMPLES], fixes),
        "end_cell": _cell(drive[-_CELL_SAMPLES:], fixes),
        "source": log.name,
        "source_record_id": log.upload.record_id(ordinal),
        "row": drive[0].row,
    }


def _moment(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()
