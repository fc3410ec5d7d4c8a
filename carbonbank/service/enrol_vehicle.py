"""Enrol a vehicle: a keyed commitment to its VIN goes onto the chain, the VIN is not kept."""

from carbonbank.domain.commands import EnrolVehicle
from carbonbank.domain.records import Fleet, Vehicle
from carbonbank.domain.vin import vin_commitment
from carbonbank.errors import Conflict, FieldInvalid, VehicleLeft
from carbonbank.service.bank import Bank
from carbonbank.service.judge_trips import judge_trips
from carbonbank.service.register_fleet import REGISTRAR
from carbonbank.units import month_label


def enrol_vehicle(
    bank: Bank,
    *,
    fleet: str,
    vehicle_id: str,
    vin: str = "",
    commitment: str = "",
    category: str,
    powertrain: str,
    from_month: int,
) -> Vehicle:
    """Enrol a vehicle in a fleet.

    The chain comes first, so a retry after a kill finds it there and takes its index. Trips of the
    vehicle that were kept out for want of enrolment are judged again.

    Args:
        bank: the bank.
        fleet: the fleet's handle.
        vehicle_id: the fleet's own name for it.
        vin: vehicle identification number, or `FRAME:<maker>:<number>`.
        commitment: in place of the VIN, its commitment as hex, where the VIN must not be handed on.
        category: vehicle category such as M1 or L7e.
        powertrain: as in the programme's eligibility.
        from_month: first creditable month number.

    Raises:
        VinMalformed: the VIN is none.
        FieldInvalid: no vehicle id.
        NotFound: there is no such fleet.
        Conflict: the vehicle id, or the VIN, is enrolled with other content.
        VehicleLeft: the vehicle moved to another fleet.
    """
    if not vehicle_id:
        raise FieldInvalid(field="vehicle_id", value="", expected="the fleet's name of the vehicle")
    committed = bytes.fromhex(commitment) or vin_commitment(bank.registry_key, vin)
    with bank.store.read() as session:
        owner = session.need(Fleet, fleet)
        known = session.get(Vehicle, fleet, vehicle_id)
    if known is not None and known.commitment != committed.hex():
        raise Conflict(kind="vehicle", key=vehicle_id, difference="it is enrolled with another VIN")
    if known is not None and known.until_month is not None:
        raise VehicleLeft(
            vehicle_id=vehicle_id, fleet=fleet, until_month=month_label(known.until_month)
        )
    command = EnrolVehicle(
        commitment=committed, fleet_id=bytes.fromhex(owner.fleet_id), from_month=from_month
    )
    vehicle = Vehicle(
        fleet=fleet,
        vehicle_id=vehicle_id,
        commitment=committed.hex(),
        vehicle_index=_index_on_chain(bank, command, vehicle_id),
        category=category,
        powertrain=powertrain,
        from_month=from_month,
    )
    with bank.store.begin() as session:
        for other in session.find(Vehicle, commitment=vehicle.commitment):
            if (other.fleet, other.vehicle_id) != (fleet, vehicle_id):
                difference = f"its VIN is enrolled as {other.fleet}/{other.vehicle_id}"
                raise Conflict(kind="vehicle", key=vehicle_id, difference=difference)
        if session.add(vehicle):
            judge_trips(bank, session, fleet=fleet, vehicle_ids=[vehicle_id])
    return vehicle


def _index_on_chain(bank: Bank, command: EnrolVehicle, vehicle_id: str) -> int:
    found = bank.chain.vehicle(command.commitment)
    if found is None:
        bank.chain.submit(command, REGISTRAR)
        found = bank.chain.vehicle(command.commitment)
    assert found is not None  # the gateway checked status and event
    if (found.fleet_id, found.from_month) != (command.fleet_id, command.from_month):
        difference = f"on the chain it is in fleet {found.fleet_id.hex()} from {found.from_month}"
        raise Conflict(kind="vehicle", key=vehicle_id, difference=difference)
    return found.index
