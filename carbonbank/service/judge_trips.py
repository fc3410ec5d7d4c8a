"""Judge the trips of vehicles: which count, which are kept out and why.

All trips of a fleet whose months are open are judged together and again with every import, so
that splitting or reordering files changes nothing, not even for drivers who change vehicles and
for copies under another vehicle. Trips of months that are closed, sealed or issued keep their
state; they still hold their time against others. What counts for another fleet stays there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from carbonbank.domain.issue import RowIssue, Severity
from carbonbank.domain.records import Programme, StoredTrip, Upload, Vehicle, VehicleMonth
from carbonbank.errors import ProgrammeOfOtherFleet, VehicleNotEligible
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.package import MethodologyPackage, check_eligible, parse_package
from carbonbank.mrv.programme import rules_of
from carbonbank.mrv.quantify import split_by_energy
from carbonbank.mrv.rules import ISSUE_CODES
from carbonbank.mrv.trips import RawTrips, validate
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.charged_energy import charges_beside, with_charged_energy
from carbonbank.service.reckon import raw_table
from carbonbank.service.retold_elsewhere import keep_prints, retold_elsewhere
from carbonbank.service.told_elsewhere import told_elsewhere
from carbonbank.units import month_label

OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Finding:
    """An issue on a stored trip."""

    trip: StoredTrip
    issue: RowIssue


def package_of(session: Session, *, fleet: str, programme: str) -> MethodologyPackage:
    """Return the methodology package of a fleet's programme.

    Raises:
        NotFound: there is no such programme.
        ProgrammeOfOtherFleet: it belongs to another fleet.
    """
    record = session.need(Programme, programme)
    if record.fleet != fleet:
        raise ProgrammeOfOtherFleet(programme=programme, owner=record.fleet, fleet=fleet)
    return parse_package(record.package.encode())


def judge_trips(
    bank: Bank, session: Session, *, fleet: str, vehicle_ids: Sequence[str]
) -> list[Finding]:
    """Judge all trips of a fleet in open months, because some came or went, and keep their states.

    A vehicle is held against the rules of the programme its newest upload was offered to.

    Args:
        bank: the bank.
        session: a unit of work that may write.
        fleet: the fleet's handle.
        vehicle_ids: the vehicles whose trips changed; without any trip there is nothing to judge.

    Returns:
        What was found, on every judged trip.
    """
    if not session.count(StoredTrip, fleet=fleet, vehicle_id=list(vehicle_ids)):
        return []
    uploads = {u.file_hash: u for u in session.find(Upload, fleet=fleet)}
    by_programme: dict[str, list[StoredTrip]] = {}
    for trips in _by_vehicle(session, fleet):
        newest = max((uploads[t.file_hash] for t in trips), key=lambda u: u.received_at)
        by_programme.setdefault(newest.programme, []).extend(trips)
    findings: list[Finding] = []
    accepted: list[pa.Table] = []
    fixed_months = _fixed_months(session, fleet)
    for programme, trips in by_programme.items():
        package = package_of(session, fleet=fleet, programme=programme)
        found, counting = _judged(bank, session, fleet, package, trips)
        findings += found
        accepted.append(counting)
    months = {
        trip.month
        for trips in by_programme.values()
        for trip in trips
        if (trip.vehicle_id, trip.month) not in fixed_months
    }
    keep_prints(session, fleet, months, pa.concat_tables(accepted))
    return findings


def issue_on(row: int, code: str, column: str, value: str, record: str) -> RowIssue:
    """Make the issue of a code as the bank found it on a trip."""
    known = ISSUE_CODES[code]
    return RowIssue(
        row=row,
        column=column,
        code=code,
        severity=known.severity,
        value=value,
        limit=known.limit,
        hint=known.remedy,
        trip_source_record_id=record,
    )


def _by_vehicle(session: Session, fleet: str) -> list[list[StoredTrip]]:
    vehicles: dict[str, list[StoredTrip]] = {}
    for trip in session.find(StoredTrip, fleet=fleet):
        if trip.state != "late":
            vehicles.setdefault(trip.vehicle_id, []).append(trip)
    return list(vehicles.values())


def _fixed_months(session: Session, fleet: str) -> set[tuple[str, int]]:
    months = session.find(VehicleMonth, fleet=fleet)
    return {(one.vehicle_id, one.month) for one in months if one.state != "open"}


def _judged(
    bank: Bank, session: Session, fleet: str, package: MethodologyPackage, trips: list[StoredTrip]
) -> tuple[list[Finding], pa.Table]:
    """Judge the trips of a programme; return what was found, and the trips that count."""
    fixed_months = _fixed_months(session, fleet)
    vehicles = {v.vehicle_id: v for v in session.find(Vehicle, fleet=fleet)}
    fixed = [t for t in trips if (t.vehicle_id, t.month) in fixed_months and t.state == "accepted"]
    ours = [t for t in trips if (t.vehicle_id, t.month) not in fixed_months]
    findings = _not_creditable(package, vehicles, ours)
    nowhere = {one.trip.trip_id for one in findings}
    free = [t for t in ours if t.trip_id not in nowhere]
    for trip, code, value in charges_beside(session, package, free):
        findings.append(Finding(trip, _issue(trip, code, "energy_grid_wh", value)))
    completed = with_charged_energy(session, package, free + fixed)
    table = raw_table(completed)
    findings += _held_against_rules(bank, package, completed, table, len(free))
    rules = rules_of(package.programme)
    out = _kept_out(findings).keys()
    standing = table.filter(pa.array([t.trip_id not in out for t in free] + [False] * len(fixed)))
    told = {t.trip_id: value for t, value in told_elsewhere(session, free, trips, rules)}
    here = {t.vehicle_id for t in trips}
    for place, value in retold_elsewhere(session, fleet, here, standing, rules):
        told.setdefault(free[place].trip_id, value)
    for trip in free:
        if trip.trip_id in told:
            issue = _issue(trip, "told_by_other_fleet", "start_at", told[trip.trip_id])
            findings.append(Finding(trip, issue))
    kept_out = _kept_out(findings)
    in_the_way = [t for t in fixed if t.trip_id in kept_out]
    for trip in ours:
        if trip.trip_id not in kept_out and (other := _blocking(trip, in_the_way, package)):
            issue = _issue(trip, OVERLAP, "start_at", f"with trip {other.trip_id}")
            findings.append(Finding(trip, issue))
            kept_out[trip.trip_id] = OVERLAP
    for trip in ours:
        reason = kept_out.get(trip.trip_id, "")
        judged = replace(trip, state="quarantined" if reason else "accepted", reason=reason)
        if judged != trip:
            session.put(judged)
    fixed_ids = {t.trip_id for t in fixed}
    counting = [t.trip_id in fixed_ids or t.trip_id not in kept_out for t in free + fixed]
    found = [one for one in findings if one.trip.trip_id not in fixed_ids]
    return found, table.filter(pa.array(counting))


def _kept_out(findings: Sequence[Finding]) -> dict[str, str]:
    """Return the trips that are kept out, with the code that says so first."""
    return {
        one.trip.trip_id: one.issue.code
        for one in reversed(findings)
        if one.issue.severity in {Severity.QUARANTINED, Severity.DROPPED}
    }


def _not_creditable(
    package: MethodologyPackage, vehicles: dict[str, Vehicle], trips: list[StoredTrip]
) -> list[Finding]:
    """Trips that no rule needs to look at: no such vehicle, or before anything may count."""
    findings = []
    base_year = package.programme.base_year
    for trip in trips:
        vehicle = vehicles.get(trip.vehicle_id)
        if vehicle is None:
            issue = _issue(trip, "vehicle_not_enrolled", "vehicle_id", trip.vehicle_id)
        elif trip.month < vehicle.from_month:
            issue = _issue(trip, "before_enrolment", "start_at", month_label(trip.month))
        elif vehicle.until_month is not None and trip.month >= vehicle.until_month:
            issue = _issue(trip, "after_move", "start_at", month_label(trip.month))
        elif trip.month // 12 < base_year:
            issue = _issue(trip, "before_base_year", "start_at", month_label(trip.month))
        elif reason := _ineligible(package, vehicle):
            issue = _issue(trip, "vehicle_not_eligible", "vehicle_id", reason)
        else:
            continue
        findings.append(Finding(trip, issue))
    return findings


def _ineligible(package: MethodologyPackage, vehicle: Vehicle) -> str:
    try:
        check_eligible(
            package,
            powertrain=vehicle.powertrain,
            category=vehicle.category,
            vehicle_id=vehicle.vehicle_id,
            has_energy=True,  # trips without it are kept out one by one
        )
    except VehicleNotEligible as error:
        return error.reason
    return ""


def _held_against_rules(
    bank: Bank,
    package: MethodologyPackage,
    trips: list[StoredTrip],
    table: pa.Table,
    first_fixed: int,
) -> list[Finding]:
    programme = package.programme
    raw = RawTrips(table=table, issues=(), format="stored", rows_read=len(trips))
    fixed = np.arange(len(trips)) >= first_fixed
    valid = validate(raw, rules_of(programme), bank.clock.now_at(), fixed)
    energy = split_by_energy(valid.table, compile_coefficients(package, programme.base_year))
    return [
        Finding(trips[issue.row], replace(issue, row=trips[issue.row].row))
        for issue in (*valid.issues, *energy.issues)
    ]


def _blocking(
    trip: StoredTrip, others: list[StoredTrip], package: MethodologyPackage
) -> StoredTrip | None:
    limit_s = rules_of(package.programme).overlap_s_max
    for other in others:
        if other.vehicle_id != trip.vehicle_id:
            continue
        over = min(trip.end_at, other.end_at) - max(trip.start_at, other.start_at)
        if over.total_seconds() > limit_s:
            return other
    return None


def _issue(trip: StoredTrip, code: str, column: str, value: str) -> RowIssue:
    record = json.loads(trip.record)["source_record_id"]
    return issue_on(trip.row, code, column, value, record)
