"""Compare the trips of an upload with each other and with those stored: which are new."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from carbonbank.domain.codec import JSON_SAFE
from carbonbank.domain.issue import RowIssue
from carbonbank.domain.records import StoredTrip, TripCopy, Upload, VehicleMonth
from carbonbank.domain.trip import Trip, trip_record
from carbonbank.mrv.bulk.hashes import Hashes
from carbonbank.mrv.bulk.texts import CanonicalTexts
from carbonbank.mrv.trips import from_trips
from carbonbank.ports import Session
from carbonbank.service.judge_trips import issue_on
from carbonbank.units import month_label, month_of

NOT_COMPARED = "source_record_id"  # the same trip in another file has another place there
Offered = Sequence[tuple[int, Trip]]  # row and trip


def compare_trips(
    session: Session, upload: Upload, offered: Offered
) -> tuple[list[StoredTrip], list[RowIssue]]:
    """Return the trips to store (not yet judged), and an issue for each that is not, or is late.

    A copy is remembered, so that it tells the trip should the first upload be withdrawn. A stored
    trip that was kept out is replaced by a mended telling.
    """
    fleet = upload.fleet
    offered, issues = _writable(offered)
    by_id: dict[str, list[tuple[int, Trip]]] = {}
    records: dict[str, str] = {}
    table = from_trips([trip for _, trip in offered])
    told, identities = CanonicalTexts(fleet, table).of(0, table.num_rows)
    ids = Hashes(table.num_rows).of_texts(identities)
    texts = zip(ids, told.to_pylist(), strict=True)
    for telling, (content_id, record) in zip(offered, texts, strict=True):
        identity = content_id.tobytes().hex()
        by_id.setdefault(identity, []).append(telling)
        records.setdefault(identity, record)
    stored = {t.trip_id: t for t in session.find(StoredTrip, trip_id=list(by_id))}
    closed = {
        (m.vehicle_id, m.month): m.state
        for m in session.find(VehicleMonth, fleet=fleet)
        if m.state != "open"
    }
    new: list[StoredTrip] = []
    for identity, copies in by_id.items():
        row, trip = copies[0]
        differing = sorted({name for _, other in copies[1:] for name in _differing(trip, other)})
        if differing:
            issues += [_conflict(r, t, differing, f"{len(copies)} rows") for r, t in copies]
            continue
        issues += [_duplicate(r, t, f"as row {row}") for r, t in copies[1:]]
        known = stored.get(identity)
        if known is not None:
            differing = _differing_record(json.loads(known.record), trip)
            if not differing:
                issues.append(_duplicate(row, trip, f"in upload {known.file_hash[:8]}"))
                copy = TripCopy(trip_id=identity, file_hash=upload.file_hash, fleet=fleet, row=row)
                session.put(copy)
                continue
            if known.state != "quarantined":
                issues.append(_conflict(row, trip, differing, f"upload {known.file_hash[:8]}"))
                continue
        state = closed.get((trip.vehicle_id, month_of(trip.start_at)))
        if state is not None:
            value = f"{month_label(month_of(trip.start_at))} is {state}"
            issues.append(issue_on(row, "month_closed", "start_at", value, trip.source_record_id))
        told = _stored(upload, identity, row, trip, records[identity])
        new.append(replace(told, state="late") if state else told)
    return new, issues


def _differing(one: Trip, other: Trip) -> list[str]:
    return _differing_record(trip_record(one), other)


def _differing_record(record: dict[str, Any], trip: Trip) -> list[str]:
    told = trip_record(trip)
    return [name for name in told if name != NOT_COMPARED and told[name] != record[name]]


def _duplicate(row: int, trip: Trip, value: str) -> RowIssue:
    return issue_on(row, "duplicate_trip", NOT_COMPARED, value, trip.source_record_id)


def _conflict(row: int, trip: Trip, differing: list[str], others: str) -> RowIssue:
    told = trip_record(trip)
    values = ", ".join(f"{name} {told[name]}" for name in differing)
    value = f"{values}; other in {others}"
    return issue_on(row, "conflicting_copies", differing[0], value, trip.source_record_id)


def _stored(upload: Upload, identity: str, row: int, trip: Trip, record: str) -> StoredTrip:
    return StoredTrip(
        trip_id=identity,
        fleet=upload.fleet,
        vehicle_id=trip.vehicle_id,
        month=month_of(trip.start_at),
        state="accepted",
        reason="",
        erased=False,
        file_hash=upload.file_hash,
        row=row,
        start_at=trip.start_at,
        end_at=trip.end_at,
        record=record,
    )


def _writable(offered: Offered) -> tuple[list[tuple[int, Trip]], list[RowIssue]]:
    """Take out what no canonical record can hold: numbers beyond 2^53, sentinels of devices.

    An odometer of that kind is set aside; any other number keeps its trip out.
    """
    kept: list[tuple[int, Trip]] = []
    issues: list[RowIssue] = []
    for row, trip in offered:
        large = {k: v for k, v in trip_record(trip).items() if isinstance(v, int) and _is_large(v)}
        beyond = [name for name in large if not name.startswith("odometer_")]
        for name in beyond or large:
            code = "number_too_large" if beyond else "odometer_sentinel"
            issues.append(issue_on(row, code, name, str(large[name]), trip.source_record_id))
        if not beyond:
            set_aside: dict[str, Any] = dict.fromkeys(large)
            kept.append((row, replace(trip, **set_aside)))
    return kept, issues


def _is_large(value: int) -> bool:
    return abs(value) > JSON_SAFE
