"""Close a month: the operator says that all its trips are in."""

from dataclasses import dataclass, replace

from carbonbank.domain.records import Fleet, StoredTrip, Vehicle, VehicleMonth
from carbonbank.domain.trip import iso_at
from carbonbank.errors import MonthAlreadyCredited, MonthNotOpened, MonthNotOver, MonthSealed
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.units import month_label, month_start_at


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthsClosed:
    """Vehicles whose month is closed now, and those that were beyond that already."""

    month: str
    closed: tuple[str, ...]
    sealed: tuple[str, ...]


def close_month(
    bank: Bank, *, fleet: str, month: int, vehicle_id: str | None = None
) -> MonthsClosed:
    """Close a month of one vehicle, or of every vehicle of the fleet that has trips in it.

    Closing again changes nothing. With all vehicles, those in a batch already are passed over.

    Args:
        bank: the bank.
        fleet: the fleet's handle.
        month: month number.
        vehicle_id: the vehicle; absent for all.

    Raises:
        NotFound: no such fleet or vehicle.
        MonthNotOver: the month has not passed in UTC.
        MonthNotOpened: the fleet has no trips in that month.
        MonthSealed: the named vehicle's month is in a batch.
        MonthAlreadyCredited: the named vehicle's month was issued.
    """
    ends_at = month_start_at(month + 1)
    if bank.clock.now_at() < ends_at:
        raise MonthNotOver(month=month_label(month), ends_at=iso_at(ends_at))
    with bank.store.begin() as session:
        session.need(Fleet, fleet)
        named = [vehicle_id] if vehicle_id is not None else _with_trips(session, fleet, month)
        if not named:
            raise MonthNotOpened(
                fleet=fleet, vehicle_id="no trips", month=month_label(month), state="open"
            )
        months = [vehicle_month(session, fleet, one, month) for one in named]
        if vehicle_id is not None:
            refuse_beyond(months[0])
        closed = [one for one in months if one.state in {"open", "closed"}]
        for one in closed:
            session.put(replace(one, state="closed"))
    return MonthsClosed(
        month=month_label(month),
        closed=tuple(one.vehicle_id for one in closed),
        sealed=tuple(one.vehicle_id for one in months if one not in closed),
    )


def vehicle_month(session: Session, fleet: str, vehicle_id: str, month: int) -> VehicleMonth:
    """Return a vehicle's month; one that was never touched is open."""
    session.need(Vehicle, fleet, vehicle_id)
    return session.get(VehicleMonth, fleet, vehicle_id, month) or VehicleMonth(
        fleet=fleet, vehicle_id=vehicle_id, month=month, state="open", batch_id=None
    )


def refuse_beyond(month: VehicleMonth) -> None:
    """Refuse a month that is sealed or issued.

    Raises:
        MonthSealed: it is in a batch.
        MonthAlreadyCredited: its batch was issued.
    """
    label = month_label(month.month)
    if month.state == "issued":
        raise MonthAlreadyCredited(
            vehicle_id=month.vehicle_id, month=label, batch_id=month.batch_id or ""
        )
    if month.state == "sealed":
        raise MonthSealed(
            vehicle_id=month.vehicle_id,
            month=label,
            batch_id=month.batch_id or "",
            state=month.state,
        )


def _with_trips(session: Session, fleet: str, month: int) -> list[str]:
    enrolled = {v.vehicle_id for v in session.find(Vehicle, fleet=fleet)}
    trips = session.find(StoredTrip, fleet=fleet, month=month)
    return sorted({t.vehicle_id for t in trips} & enrolled)
