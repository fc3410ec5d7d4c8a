"""Import a file of trips: read, compare with what is known, store, judge, estimate."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow.compute as pc

from carbonbank.domain.erasure import driver_subject
from carbonbank.domain.hashing import sha256
from carbonbank.domain.issue import RowIssue
from carbonbank.domain.records import (
    ErasableKey,
    Fleet,
    StoredIssue,
    StoredTrip,
    Upload,
    Vehicle,
)
from carbonbank.domain.trip import Trip, unlinked
from carbonbank.errors import Conflict, VehicleNotEnrolled
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.package import MethodologyPackage, check_eligible
from carbonbank.mrv.quantify import columns_read
from carbonbank.mrv.trips import RawTrips, to_trips
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.charged_energy import is_metered_by_charges
from carbonbank.service.compare_trips import compare_trips
from carbonbank.service.judge_trips import judge_trips, package_of
from carbonbank.service.map_columns import mappings_of
from carbonbank.service.reckon import reckon
from carbonbank.units import month_label

NOT_STORED = ("conflicting_copies", "number_too_large")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEstimate:
    """What the accepted trips of an upload would save, before other trips and quality count."""

    month: str
    trips: int
    reduction_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a file. `repeated` says that it was imported before; nothing changed then."""

    upload: Upload
    issues: tuple[StoredIssue, ...]
    months: tuple[MonthEstimate, ...]
    repeated: bool


class _DryRun(Exception):
    pass


def import_trips(
    bank: Bank,
    *,
    fleet: str,
    programme: str,
    filename: str,
    data: bytes,
    options: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> Imported:
    """Import a file of trips for a fleet's programme.

    The same bytes again give the stored answer and change nothing. A trip that is known already
    is not stored again; one of a closed month is kept as late and never credited.

    Args:
        bank: the bank.
        fleet: the fleet's handle.
        programme: the programme whose rules the trips are held against.
        filename: shown in messages and part of the record ids.
        data: the file.
        options: reading options that override the programme's.
        dry_run: give the same answer and store nothing.

    Raises:
        InputError: the file is not what it claims.
        NotFound: no such fleet or programme.
        VehicleNotEnrolled: no row belongs to an enrolled vehicle.
        VehicleNotEligible: the programme's conditions leave a vehicle out; nothing is stored.
        Conflict: the same file was imported for another programme.
    """
    file_hash = sha256(data).hex()
    with bank.store.read() as session:
        session.need(Fleet, fleet)
        mappings = mappings_of(session, fleet)
        package = package_of(session, fleet=fleet, programme=programme)
        known = session.get(Upload, fleet, file_hash)
        if known is not None and known.programme == programme and not known.withdrawn:
            return stored_answer(session, package, known, repeated=True)  # without reading it
    said = {k: v for k, v in (options or {}).items() if v is not None}
    terms = package.programme.reading.model_dump() | {"mappings": mappings}
    raw = bank.reader.read(data, filename, terms | said)
    upload = Upload(
        fleet=fleet,
        file_hash=file_hash,
        programme=programme,
        filename=filename,
        format=raw.format,
        size_bytes=len(data),
        received_at=bank.clock.now_at(),
        withdrawn=False,
        rows_read=raw.rows_read,
        trips_accepted=0,
        trips_quarantined=0,
        trips_duplicate=0,
        trips_late=0,
    )
    answer = None
    try:
        with bank.store.begin() as session:
            answer = _import(bank, session, package, upload, raw)
            if dry_run:
                raise _DryRun  # noqa: TRY301 - leaving by exception is what rolls back
    except _DryRun:
        pass
    assert answer is not None  # _DryRun is raised after it is set
    return answer


def stored_answer(
    session: Session, package: MethodologyPackage, upload: Upload, *, repeated: bool
) -> Imported:
    """Return what became of an upload, from the store."""
    fleet, file_hash = upload.fleet, upload.file_hash
    trips = session.find(StoredTrip, fleet=fleet, file_hash=file_hash, state="accepted")
    months = []
    for month in sorted({t.month for t in trips}):
        own = [t for t in trips if t.month == month]
        vehicles = reckon(session, package, month=month, trips=own).vehicles
        grams = sum(v.reduction_g for v in vehicles)
        months.append(MonthEstimate(month=month_label(month), trips=len(own), reduction_g=grams))
    return Imported(
        upload=upload,
        issues=tuple(session.find(StoredIssue, order="number", fleet=fleet, file_hash=file_hash)),
        months=tuple(months),
        repeated=repeated,
    )


def _import(
    bank: Bank, session: Session, package: MethodologyPackage, upload: Upload, raw: RawTrips
) -> Imported:
    known = session.get(Upload, upload.fleet, upload.file_hash)
    if known is not None and not known.withdrawn:
        if known.programme == upload.programme:
            return stored_answer(session, package, known, repeated=True)
        # Whether its vehicles may take part is the same answer at any time, so it comes first.
        _check_vehicles(session, package, upload.fleet, raw)
        difference = f"it was imported for programme {known.programme}"
        raise Conflict(kind="upload", key=upload.file_hash, difference=difference)
    rows = raw.table["row"].to_pylist()
    trips = _without_erased(session, upload.fleet, to_trips(raw.table))
    _check_vehicles(session, package, upload.fleet, raw)
    session.put(upload)
    new, issues = compare_trips(session, upload, list(zip(rows, trips, strict=True)))
    for stored in new:
        session.put(stored)
    vehicle_ids = sorted({stored.vehicle_id for stored in new})
    for finding in judge_trips(bank, session, fleet=upload.fleet, vehicle_ids=vehicle_ids):
        if finding.trip.file_hash == upload.file_hash:
            issues.append(finding.issue)
    return _kept(session, package, upload, (*raw.issues, *sorted(issues, key=_by_row)))


def _kept(
    session: Session, package: MethodologyPackage, upload: Upload, issues: Iterable[RowIssue]
) -> Imported:
    issues = tuple(issues)
    for number, issue in enumerate(issues):
        session.put(_stored_issue(upload, number, issue))
    stored = session.find(StoredTrip, fleet=upload.fleet, file_hash=upload.file_hash)
    states = Counter(t.state for t in stored)
    codes = Counter(issue.code for issue in issues)
    counted = replace(
        upload,
        trips_accepted=states["accepted"],
        trips_quarantined=states["quarantined"] + sum(codes[code] for code in NOT_STORED),
        trips_duplicate=codes["duplicate_trip"],
        trips_late=states["late"],
    )
    session.put(counted)
    return stored_answer(session, package, counted, repeated=False)


def _check_vehicles(
    session: Session, package: MethodologyPackage, fleet: str, raw: RawTrips
) -> None:
    """Refuse the whole offer if no vehicle is enrolled, or if one that is may not take part."""
    enrolled = {v.vehicle_id: v for v in session.find(Vehicle, fleet=fleet)}
    named = sorted(pc.unique(raw.table["vehicle_id"]).to_pylist())
    if named and not any(vehicle_id in enrolled for vehicle_id in named):
        raise VehicleNotEnrolled(fleet=fleet, vehicle_ids=named)
    columns = columns_read(compile_coefficients(package, package.programme.base_year))
    for vehicle_id in named:
        if vehicle_id not in enrolled:
            continue
        own = raw.table.filter(pc.equal(raw.table["vehicle_id"], vehicle_id))
        check_eligible(
            package,
            powertrain=enrolled[vehicle_id].powertrain,
            category=enrolled[vehicle_id].category,
            vehicle_id=vehicle_id,
            has_energy=is_metered_by_charges(package)
            or all(own[column].null_count < own.num_rows for column in columns),
        )


def _without_erased(session: Session, fleet: str, trips: list[Trip]) -> list[Trip]:
    """Take the link off trips of drivers who were erased: it is not made again."""
    drivers = {t.driver_id for t in trips if t.driver_id is not None}
    keys = [session.get(ErasableKey, driver_subject(fleet, one)) for one in sorted(drivers)]
    gone = {key.subject for key in keys if key is not None and not key.secret}
    return [
        unlinked(t) if t.driver_id and driver_subject(fleet, t.driver_id) in gone else t
        for t in trips
    ]


def _stored_issue(upload: Upload, number: int, issue: RowIssue) -> StoredIssue:
    return StoredIssue(
        fleet=upload.fleet,
        file_hash=upload.file_hash,
        number=number,
        row=issue.row,
        column=issue.column,
        code=issue.code,
        severity=issue.severity.value,
        value=issue.value,
        limit=issue.limit,
        hint=issue.hint,
        trip=issue.trip_source_record_id,
    )


def _by_row(issue: RowIssue) -> tuple[int, str]:
    return issue.row, issue.code
