"""Hold the fleet of vehicle-months that are to be sealed: each belongs to one fleet, once.

The chain refuses the others as well; here it is said before anybody verifies them.
"""

from collections.abc import Iterable

from carbonbank.domain.records import ChainVehicle, Fleet, Vehicle, VehicleMonth
from carbonbank.errors import VehicleMonthInBatch, VehicleOfOtherFleet
from carbonbank.ports import Session
from carbonbank.units import month_label


def hold_fleet(session: Session, vehicles: Iterable[Vehicle], month: int) -> None:
    """Refuse vehicles that are not their fleet's in a month, or stand in a batch for it.

    A move that the bank has not made itself is known from the chain, once it is synced.

    Raises:
        VehicleOfOtherFleet: the month belongs to another fleet.
        VehicleMonthInBatch: a batch has the same vehicle-month.
    """
    for vehicle in vehicles:
        if not _belongs(session, vehicle, month):
            raise VehicleOfOtherFleet(
                vehicle_id=vehicle.vehicle_id, fleet=vehicle.fleet, month=month_label(month)
            )
        for other in session.find(Vehicle, commitment=vehicle.commitment):
            credited = session.get(VehicleMonth, other.fleet, other.vehicle_id, month)
            if credited is not None and credited.state in {"sealed", "issued"}:
                raise VehicleMonthInBatch(
                    vehicle_id=vehicle.vehicle_id,
                    month=month_label(month),
                    batch_id=credited.batch_id or "",
                    fleet=other.fleet,
                )


def _belongs(session: Session, vehicle: Vehicle, month: int) -> bool:
    if vehicle.until_month is not None and month >= vehicle.until_month:
        return False
    rows = session.find(ChainVehicle, vehicle_index=vehicle.vehicle_index)
    owners = {row.from_month: row.fleet_id for row in rows if row.from_month <= month}
    owner = owners[max(owners)] if owners else None
    return owner in {None, session.need(Fleet, vehicle.fleet).fleet_id}
