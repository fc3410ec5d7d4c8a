"""`moveVehicle`: a vehicle belongs to another fleet from a future month on."""

import pytest
from eth_utils import keccak

from tests.contracts.getters import MARCH, watched
from tests.contracts.ledger_site import FIRST_MONTH, FLEET, FLEET_B, JANUARY
from tests.contracts.refusals import unauthorized

FEBRUARY = JANUARY + 1
UNKNOWN = keccak(text="unknown")


@pytest.fixture(autouse=True)
def fleet_b(site):
    site.do(site.bank.functions.enrolFleet(FLEET_B, site.at["operator_b"]), "registrar")


def move(site, vehicle, fleet, month):
    return site.bank.functions.moveVehicle(vehicle, fleet, month)


def test_it_is_refused_in_the_order_of_the_checks(site):
    # As its last move is ahead, a month that is not in the future is not after it either.
    site.do(move(site, 1, FLEET_B, MARCH), "registrar")
    call = move(site, 4, UNKNOWN, JANUARY)
    assert site.refused(call, "operator") == unauthorized(site, "operator", "REGISTRAR")
    for vehicle in (0, 4):
        assert site.refused(move(site, vehicle, UNKNOWN, JANUARY), "registrar") == (
            "VehicleNotFound",
            {"vehicleIndex": vehicle},
        )
    assert site.refused(move(site, 1, UNKNOWN, JANUARY), "registrar") == (
        "FleetNotFound",
        {"fleetId": UNKNOWN},
    )
    assert site.refused(move(site, 1, FLEET, JANUARY), "registrar") == (
        "MoveNotInFuture",
        {"fromMonth": JANUARY, "currentMonth": JANUARY},
    )
    for month in (FEBRUARY, MARCH):
        assert site.refused(move(site, 1, FLEET, month), "registrar") == (
            "MoveNotAfterLast",
            {"fromMonth": month, "lastFromMonth": MARCH},
        )


def test_it_is_in_the_other_fleet_from_that_month_on_and_nothing_else_changes(site):
    with watched(site) as changed:
        receipt = site.do(move(site, 1, FLEET_B, MARCH), "registrar")
    assert changed == {"vehicle 1 in March.fleetId": FLEET_B}
    commitment = keccak(text="vehicle 1")
    for month, fleet in ((FEBRUARY, FLEET), (MARCH, FLEET_B), (2**32 - 1, FLEET_B)):
        assert site.ask(site.bank.functions.vehicle(1, month)) == [commitment, fleet, FIRST_MONTH]
    assert site.events(receipt, site.bank, "VehicleMoved") == [
        {"vehicleIndex": 1, "toFleetId": FLEET_B, "fromMonth": MARCH}
    ]
