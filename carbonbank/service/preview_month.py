"""Preview a month: what sealing it now would find, vehicle by vehicle."""

from collections import Counter
from dataclasses import dataclass

from carbonbank.domain.records import Fleet, StoredTrip, VehicleMonth
from carbonbank.mrv.discount import DiscountLine
from carbonbank.service.bank import Bank
from carbonbank.service.hold_terms import refusals, versions_of
from carbonbank.service.judge_trips import package_of
from carbonbank.service.reckon import reckon
from carbonbank.units import month_label


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePreview:
    """A vehicle's month as it stands; grams are after the discount.

    `discount_lines` say measure by measure what the data lose and what would raise them. They and
    the month's `fixed_discount_bps` add up to `discount_bps`, unless that is the whole.
    `project_ug_per_kwh` is told where the hours of charging decide it; `charges` are sessions.
    """

    vehicle_id: str
    state: str
    trips_accepted: int
    trips_quarantined: int
    trips_late: int
    distance_m: int
    discount_bps: int
    discount_lines: tuple[DiscountLine, ...]
    reduction_g: int
    charges: int
    project_ug_per_kwh: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPreview:
    """A fleet's month under a programme.

    `fixed_discount_bps` is what every gain loses, whatever the data are worth: a biofuel blend.
    `refusals` says what of the programme's terms would keep the month from being sealed;
    `may_issue` is False where the method is shown alone.
    """

    month: str
    method: str
    may_issue: bool
    fixed_discount_bps: int
    vehicles: tuple[VehiclePreview, ...]
    reduction_g: int
    refusals: tuple[str, ...]


def preview_month(bank: Bank, *, fleet: str, programme: str, month: int) -> MonthPreview:
    """Show what a month holds; nothing is stored.

    Raises:
        NotFound: no such fleet or programme.
        ProgrammeOfOtherFleet: the programme belongs to another fleet.
        YearBeforeBase: the month lies before the programme's base year.
    """
    with bank.store.read() as session:
        session.need(Fleet, fleet)
        package = package_of(session, fleet=fleet, programme=programme)
        trips = session.find(StoredTrip, fleet=fleet, month=month)
        months = session.find(VehicleMonth, fleet=fleet, month=month)
        reckoned = reckon(session, package, month=month, trips=trips).vehicles
        told = refusals(
            session,
            package,
            versions_of(session, fleet, programme),
            month=month,
            batch_g=sum(one.reduction_g for one in reckoned),
            vehicles=len(reckoned),
        )
    states = {one.vehicle_id: one.state for one in months}
    counts = Counter((t.vehicle_id, t.state) for t in trips)
    found = {one.vehicle_id: one for one in reckoned}
    vehicles = []
    for vehicle_id in sorted({t.vehicle_id for t in trips} | states.keys()):
        one = found.get(vehicle_id)
        vehicles.append(
            VehiclePreview(
                vehicle_id=vehicle_id,
                state=states.get(vehicle_id, "open"),
                trips_accepted=counts[vehicle_id, "accepted"],
                trips_quarantined=counts[vehicle_id, "quarantined"],
                trips_late=counts[vehicle_id, "late"],
                distance_m=one.distance_m if one else 0,
                discount_bps=one.discount_bps if one else 0,
                discount_lines=one.discount_lines if one else (),
                reduction_g=one.reduction_g if one else 0,
                charges=len(one.charges) if one else 0,
                project_ug_per_kwh=one.project_ug_per_kwh if one else None,
            )
        )
    return MonthPreview(
        month=month_label(month),
        method=package.programme.method,
        may_issue=not package.programme.NEVER_ISSUED,
        fixed_discount_bps=package.programme.fixed_discount_bps,
        vehicles=tuple(vehicles),
        reduction_g=sum(v.reduction_g for v in vehicles),
        refusals=told,
    )
