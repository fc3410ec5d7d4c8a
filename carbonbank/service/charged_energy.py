"""Energy of trips from charging records: what a vehicle's month drew from the grid (ADR 36)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from carbonbank.domain.charge import Month, allotted_wh
from carbonbank.domain.records import ChargeSession, StoredTrip, Vehicle
from carbonbank.domain.trip import trip_of_record_text, trip_record_bytes
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.ports import Session
from carbonbank.units import month_label


def is_metered_by_charges(package: MethodologyPackage) -> bool:
    """Say whether a programme declares its energy by charging records."""
    return getattr(package.programme.project, "metered_by", None) == "charging_records"


def charged_sessions(
    session: Session, *, fleet: str, vehicle_ids: Sequence[str]
) -> dict[Month, list[ChargeSession]]:
    """Return the sessions that count for vehicles' months with trips.

    A session counts whole, in the month in which it starts, or in the next one that was in no
    batch when it came (`ChargeSession.month`). A month with charges and without trips hands them to
    the vehicle's next month with trips; what was charged before the vehicle is creditable for
    (`from_month`) counts nowhere. Credited sessions count nothing.

    Args:
        session: an open transaction.
        fleet: the fleet's handle.
        vehicle_ids: the vehicles asked for.

    Returns:
        Sessions by (vehicle id, month number); a month with trips and no charge is not in it.
    """
    ids = list(vehicle_ids)
    waiting: dict[str, list[ChargeSession]] = {}
    for one in session.find(ChargeSession, fleet=fleet, vehicle_id=ids, state="counted"):
        waiting.setdefault(one.vehicle_id, []).append(one)
    first = {v.vehicle_id: v.from_month for v in session.find(Vehicle, fleet=fleet)}
    trips = session.find(StoredTrip, fleet=fleet, vehicle_id=ids)
    driven = {(t.vehicle_id, t.month) for t in trips if t.state != "late"}
    counted: dict[Month, list[ChargeSession]] = {}
    for vehicle_id in ids:
        begins = first.get(vehicle_id, 0)
        for month in sorted(month for name, month in driven if name == vehicle_id):
            due = [s for s in waiting.get(vehicle_id, ()) if begins <= s.month <= month]
            if any(one.energy_grid_wh for one in due):
                counted[vehicle_id, month] = due
            begins = max(begins, month + 1)
    return counted


def charged_energy(session: Session, *, fleet: str, vehicle_ids: Sequence[str]) -> dict[Month, int]:
    """Return the energy of `charged_sessions` in Wh, by (vehicle id, month number)."""
    sessions = charged_sessions(session, fleet=fleet, vehicle_ids=vehicle_ids)
    return {month: energy_wh_of(counted) for month, counted in sessions.items()}


def energy_wh_of(sessions: Iterable[ChargeSession]) -> int:
    """Return what sessions drew from the grid, in Wh."""
    return sum(one.energy_grid_wh for one in sessions)


def sessions_of(
    session: Session, package: MethodologyPackage, trips: Sequence[StoredTrip]
) -> dict[Month, list[ChargeSession]]:
    """Return the sessions that a fleet's trips share; none where a programme measures otherwise."""
    if not is_metered_by_charges(package) or not trips:
        return {}
    vehicle_ids = sorted({t.vehicle_id for t in trips})
    return charged_sessions(session, fleet=trips[0].fleet, vehicle_ids=vehicle_ids)


def with_charged_energy(
    session: Session, package: MethodologyPackage, trips: Sequence[StoredTrip]
) -> list[StoredTrip]:
    """Return trips with their energy from charges, in the same order (see `sharing`)."""
    return sharing(package, trips, sessions_of(session, package, trips))


def sharing(
    package: MethodologyPackage,
    trips: Sequence[StoredTrip],
    sessions: Mapping[Month, Sequence[ChargeSession]],
) -> list[StoredTrip]:
    """Return trips with their shares of what was charged, in the same order; nothing is stored.

    The trips given share the whole energy of their vehicle's month by distance. Where they tell
    more energy themselves (at the grid, else at the battery), the larger counts; by approach 2,
    where more energy would claim more, what was charged counts alone. Trips of a month without any
    charge have no energy. Programmes that do not measure so get their trips back.
    """
    if not is_metered_by_charges(package):
        return list(trips)
    is_claimed_by_energy = package.programme.project.energy_source == "charged"
    done: dict[str, StoredTrip] = {}
    for key, own in by_month(trips).items():
        told = [trip_of_record_text(one.record) for one in own]
        parts: list[int] | list[None] = [None] * len(own)
        if key in sessions:
            due = energy_wh_of(sessions[key])
            energy_wh = due if is_claimed_by_energy else max(due, told_wh(own))
            parts = allotted_wh(energy_wh, [trip.distance_m for trip in told])
        for stored, trip, part in zip(own, told, parts, strict=True):
            record = trip_record_bytes(replace(trip, energy_grid_wh=part)).decode()
            done[stored.trip_id] = replace(stored, record=record)
    return [done[one.trip_id] for one in trips]


def by_month(trips: Iterable[StoredTrip]) -> dict[Month, list[StoredTrip]]:
    """Return trips by vehicle and month, in the order of time."""
    months: dict[Month, list[StoredTrip]] = {}
    for one in sorted(trips, key=lambda t: (t.start_at, t.trip_id)):
        months.setdefault((one.vehicle_id, one.month), []).append(one)
    return months


def told_wh(trips: Iterable[StoredTrip]) -> int:
    """Return the energy that trips tell themselves, in Wh: at the grid, else at the battery."""
    told = (trip_of_record_text(one.record) for one in trips)
    return sum(trip.energy_grid_wh or max(trip.energy_battery_wh or 0, 0) for trip in told)


def charges_beside(
    session: Session, package: MethodologyPackage, trips: Sequence[StoredTrip]
) -> Iterator[tuple[StoredTrip, str, str]]:
    """Hold charges against trips: yield the trips that have none, and the first of too few.

    Yields:
        A trip, the code of what is found on it, and the value to show.
    """
    if not is_metered_by_charges(package):
        return
    sessions = sessions_of(session, package, trips)
    for key, own in by_month(trips).items():
        label, due = month_label(key[1]), energy_wh_of(sessions.get(key, ()))
        if key not in sessions:
            yield from ((one, "charges_missing", f"no charge in {label}") for one in own)
        elif told_wh(own) > due:
            value = f"{due} Wh charged, {told_wh(own)} Wh told by trips of {label}"
            yield own[0], "charges_below_trips", value
