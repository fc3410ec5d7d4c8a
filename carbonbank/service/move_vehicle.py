"""Move a vehicle to another fleet: it was sold, or the fleets were arranged anew.

A vehicle-month belongs wholly to one fleet, so a move acts from the first of a month that has not
begun. The months before stay with the fleet that drove them, sealed or not.
"""

from dataclasses import replace

from carbonbank.domain.commands import MoveVehicle
from carbonbank.domain.records import Fleet, Vehicle
from carbonbank.errors import Conflict, FieldInvalid, VehicleLeft
from carbonbank.service.bank import Bank
from carbonbank.service.judge_trips import judge_trips
from carbonbank.service.register_fleet import REGISTRAR
from carbonbank.units import month_label


def move_vehicle(
    bank: Bank,
    *,
    fleet: str,
    vehicle_id: str,
    to_fleet: str,
    to_vehicle_id: str = "",
    from_month: int,
) -> Vehicle:
    """Move a vehicle and return its record in the new fleet.

    The chain comes first, so a retry after a kill finds the move there. Trips of both fleets that
    lie from that month on are judged again.

    Args:
        bank: the bank.
        fleet: handle of the fleet it leaves.
        vehicle_id: that fleet's name for it.
        to_fleet: handle of the fleet it goes to.
        to_vehicle_id: the other fleet's name for it; the same without one.
        from_month: first month number of the new fleet.

    Raises:
        FieldInvalid: both fleets are one.
        NotFound: there is no such fleet or vehicle.
        VehicleLeft: it left this fleet before.
        Conflict: the other fleet has another vehicle of that name.
        MoveNotInFuture: the month has begun.
        MoveNotAfterLast: the vehicle came only in that month or later.
    """
    if to_fleet == fleet:
        raise FieldInvalid(field="to_fleet", value=to_fleet, expected="another fleet")
    name = to_vehicle_id or vehicle_id
    with bank.store.read() as session:
        session.need(Fleet, fleet)
        target = bytes.fromhex(session.need(Fleet, to_fleet).fleet_id)
        vehicle = session.need(Vehicle, fleet, vehicle_id)
        there = session.get(Vehicle, to_fleet, name)
    arrived = replace(
        vehicle, fleet=to_fleet, vehicle_id=name, from_month=from_month, until_month=None
    )
    if vehicle.until_month is not None:
        if vehicle.until_month == from_month and _is_same(there, arrived):
            assert there is not None  # it is the vehicle that arrived
            return there
        raise VehicleLeft(
            vehicle_id=vehicle_id, fleet=fleet, until_month=month_label(vehicle.until_month)
        )
    if there is not None:
        raise Conflict(
            kind="vehicle", key=name, difference=f"{to_fleet} has a vehicle of that name"
        )
    _move_on_chain(bank, vehicle, target, from_month)
    with bank.store.begin() as session:
        session.put(replace(vehicle, until_month=from_month))
        session.add(arrived)
        judge_trips(bank, session, fleet=fleet, vehicle_ids=[vehicle_id])
        judge_trips(bank, session, fleet=to_fleet, vehicle_ids=[name])
    return arrived


def _is_same(there: Vehicle | None, arrived: Vehicle) -> bool:
    """Tell whether a vehicle there is the one that arrived, even if it has moved on since."""
    return there is not None and replace(there, until_month=None) == arrived


def _move_on_chain(bank: Bank, vehicle: Vehicle, target: bytes, from_month: int) -> None:
    commitment, index = bytes.fromhex(vehicle.commitment), vehicle.vehicle_index
    assert index is not None  # a recorded vehicle is enrolled on the chain
    after = bank.chain.vehicle(commitment, from_month)
    before = bank.chain.vehicle(commitment, from_month - 1)
    assert after is not None
    assert before is not None
    if after.fleet_id == target != before.fleet_id:
        return  # an earlier try got that far
    command = MoveVehicle(vehicle_index=index, to_fleet_id=target, from_month=from_month)
    bank.chain.submit(command, REGISTRAR)
