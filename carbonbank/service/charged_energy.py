"""Energy of trips from charging records: what a vehicle's month drew from the grid (ADR 36)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from carbonbank.domain.charge import Charge, Month, allotted_wh, charged_wh
from carbonbank.domain.records import ChargeSession, StoredTrip, Vehicle
from carbonbank.domain.trip import trip_of_record_text, trip_record_bytes
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.ports import Session
from carbonbank.units import month_label, month_start_at


def is_metered_by_charges(package: MethodologyPackage) -> bool:
    """Say whether a programme declares its energy by charging records."""
    return getattr(package.programme.project, "metered_by", None) == "charging_records"


def charged_energy(session: Session, *, fleet: str, vehicle_ids: Sequence[str]) -> dict[Month, int]:
    """Return the energy that vehicles' months with trips drew from the grid, in Wh.

    A session counts whole, in the month in which it starts, or in the next one that was in no
    batch when it came (`ChargeSession.month`). A month with charges and without trips hands them to
    the vehicle's next month with trips; what was charged before the vehicle is creditable for
    (`from_month`) counts nowhere. Credited sessions count nothing.

    Args:
        session: an open transaction.
        fleet: the fleet's handle.
        vehicle_ids: the vehicles asked for.

    Returns:
        Wh by (vehicle id, month number); a month with trips and no charge is not in it.
    """
    ids = list(vehicle_ids)
    counted = session.find(ChargeSession, fleet=fleet, vehicle_id=ids, state="counted")
    charged = charged_wh(_in_its_month(one) for one in counted)
    first = {v.vehicle_id: v.from_month for v in session.find(Vehicle, fleet=fleet)}
    trips = session.find(StoredTrip, fleet=fleet, vehicle_id=ids)
    driven = {(t.vehicle_id, t.month) for t in trips if t.state != "late"}
    energy: dict[Month, int] = {}
    for vehicle_id in ids:
        months = sorted(month for name, month in driven if name == vehicle_id)
        begins = first.get(vehicle_id, 0)
        for month in months:
            due = sum(charged.get((vehicle_id, one), 0) for one in range(begins, month + 1))
            if due:
                energy[vehicle_id, month] = due
            begins = max(begins, month + 1)
    return energy


def with_charged_energy(
    session: Session, package: MethodologyPackage, trips: Sequence[StoredTrip]
) -> list[StoredTrip]:
    """Return trips with their energy from charges, in the same order; nothing is stored.

    The trips given share the whole energy of their vehicle's month by distance. Where they tell
    more energy themselves (at the grid, else at the battery), the larger counts. Trips of a month
    without any charge have no energy. Programmes that do not measure so get their trips back.
    """
    if not is_metered_by_charges(package) or not trips:
        return list(trips)
    vehicle_ids = sorted({t.vehicle_id for t in trips})
    energy = charged_energy(session, fleet=trips[0].fleet, vehicle_ids=vehicle_ids)
    done: dict[str, StoredTrip] = {}
    for key, own in by_month(trips).items():
        told = [trip_of_record_text(one.record) for one in own]
        due = energy.get(key)
        parts: list[int] | list[None] = [None] * len(own)
        if due is not None:
            parts = allotted_wh(max(due, told_wh(own)), [trip.distance_m for trip in told])
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


def _in_its_month(session: ChargeSession) -> Charge:
    """Return a session as a charge of the month it counts in."""
    at = month_start_at(session.month)
    return Charge(
        vehicle_id=session.vehicle_id,
        start_at=at,
        end_at=at,
        energy_grid_wh=session.energy_grid_wh,
        source=session.source,
        source_record_id=session.source_record_id,
    )


def charges_beside(
    session: Session, package: MethodologyPackage, trips: Sequence[StoredTrip]
) -> Iterator[tuple[StoredTrip, str, str]]:
    """Hold charges against trips: yield the trips that have none, and the first of too few.

    Yields:
        A trip, the code of what is found on it, and the value to show.
    """
    if not is_metered_by_charges(package) or not trips:
        return
    vehicle_ids = sorted({t.vehicle_id for t in trips})
    energy = charged_energy(session, fleet=trips[0].fleet, vehicle_ids=vehicle_ids)
    for key, own in by_month(trips).items():
        label = month_label(key[1])
        if key not in energy:
            yield from ((one, "charges_missing", f"no charge in {label}") for one in own)
        elif told_wh(own) > energy[key]:
            value = f"{energy[key]} Wh charged, {told_wh(own)} Wh told by trips of {label}"
            yield own[0], "charges_below_trips", value
