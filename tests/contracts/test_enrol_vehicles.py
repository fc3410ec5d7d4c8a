"""`enrolVehicles`: a vehicle is entered once ever, into a known fleet, from its first month on."""

from eth_utils import keccak

from tests.contracts.getters import NEW_VEHICLE, watched
from tests.contracts.ledger_site import DECEMBER, FLEET, FLEET_B, NOVEMBER
from tests.contracts.refusals import unauthorized

UNKNOWN = keccak(text="unknown")
KNOWN = keccak(text="vehicle 2")


def enrol(site, fleet, commitments, from_month=DECEMBER):
    return site.bank.functions.enrolVehicles(fleet, commitments, from_month)


def test_it_is_refused_in_the_order_of_the_checks(site):
    call = enrol(site, UNKNOWN, [KNOWN])
    assert site.refused(call, "operator") == unauthorized(site, "operator", "REGISTRAR")
    assert site.refused(call, "registrar") == ("FleetNotFound", {"fleetId": UNKNOWN})
    assert site.refused(enrol(site, FLEET, [NEW_VEHICLE, KNOWN]), "registrar") == (
        "VehicleExists",
        {"commitment": KNOWN, "vehicleIndex": 2},
    )


def test_a_vehicle_enrols_once_ever_also_within_one_call_and_in_another_fleet(site):
    assert site.refused(enrol(site, FLEET, [NEW_VEHICLE] * 2), "registrar") == (
        "VehicleExists",
        {"commitment": NEW_VEHICLE, "vehicleIndex": 4},
    )
    site.do(site.bank.functions.enrolFleet(FLEET_B, site.at["operator_b"]), "registrar")
    assert site.refused(enrol(site, FLEET_B, [KNOWN]), "registrar") == (
        "VehicleExists",
        {"commitment": KNOWN, "vehicleIndex": 2},
    )


def test_it_gets_the_next_index_and_its_fleet_from_its_first_month_on(site):
    other = keccak(text="another new vehicle")
    call = enrol(site, FLEET, [NEW_VEHICLE, other])
    assert site.ask(call, "registrar") == 4

    with watched(site) as changed:
        receipt = site.do(call, "registrar")

    assert changed == {
        "state.vehicles": 5,
        "vehicleIndexOf": 4,
        **{
            f"vehicle 4 in {month}.{name}": value
            for month, fleet in (("November", None), ("December", FLEET), ("March", FLEET))
            for name, value in (
                ("commitment", NEW_VEHICLE),
                ("fleetId", fleet),
                ("fromMonth", DECEMBER),
            )
            if value is not None
        },
    }
    assert site.ask(site.bank.functions.vehicle(4, NOVEMBER)) == [NEW_VEHICLE, bytes(32), DECEMBER]
    assert site.ask(site.bank.functions.vehicle(6, DECEMBER)) == [bytes(32), bytes(32), 0]
    assert site.events(receipt, site.bank, "VehicleEnrolled") == [
        {"vehicleIndex": 4, "commitment": NEW_VEHICLE, "fleetId": FLEET, "fromMonth": DECEMBER},
        {"vehicleIndex": 5, "commitment": other, "fleetId": FLEET, "fromMonth": DECEMBER},
    ]


def test_none_is_nothing(site):
    with watched(site) as changed:
        receipt = site.do(enrol(site, FLEET, []), "registrar")
    assert (changed, receipt["logs"]) == ({}, [])
