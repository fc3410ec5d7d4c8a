"""Methodologies, fleets and vehicles: who enters them, what is refused, what stands there after."""

from eth_abi import encode
from eth_utils import keccak

from tests.contracts.ledger_site import (
    DECEMBER,
    FIRST_MONTH,
    FLEET,
    FLEET_B,
    JANUARY,
    METHOD,
    METHOD_B,
    NOVEMBER,
    role,
)

UNKNOWN = keccak(text="unknown")
FEBRUARY = JANUARY + 1


def unauthorized(site, sender, name):
    return (
        "AccessControlUnauthorizedAccount",
        {"account": site.at[sender], "neededRole": role(name)},
    )


# --- methodologies ------------------------------------------------------------------------------


def test_a_certifier_certifies_a_methodology_once(site):
    certify = site.bank.functions.certifyMethodology
    call = certify(METHOD_B, "VM0038", 500, False)
    assert site.refused(call, "admin") == unauthorized(site, "admin", "CERTIFIER")
    assert site.refused(certify(METHOD, "again", 0, False), "certifier") == (
        "MethodologyExists",
        {"methodologyId": METHOD},
    )
    assert site.refused(certify(METHOD_B, "x", 10_001, False), "certifier") == (
        "BufferShareTooLarge",
        {"bufferBps": 10_001, "maxBps": 10_000},
    )
    assert site.refused(certify(METHOD_B, "x" * 32, 0, False), "certifier")[0] == "StringTooLong"

    receipt = site.do(call, "certifier")
    assert site.ask(site.bank.functions.methodology(METHOD_B)) == (2, 500, False, False, "VM0038")
    assert site.events(receipt, site.bank, "MethodologyCertified") == [
        {
            "methodologyId": METHOD_B,
            "number": 2,
            "classLabel": "VM0038",
            "bufferBps": 500,
            "demo": False,
        }
    ]


def test_what_is_for_demonstration_says_so_in_its_class_and_its_batches(site):
    call = site.bank.functions.certifyMethodology(METHOD_B, "AMS-III.C/16", 1000, True)
    site.do(call, "certifier")
    assert site.ask(site.bank.functions.methodology(METHOD_B))[4] == "DEMO AMS-III.C/16"
    demo = site.issue({0: 0b10}, methodologyId=METHOD_B)
    real = site.issue({0: 0b100})
    assert site.batch(demo)["demo"]
    for batch_id, label in ((demo, "DEMO AMS-III.C/16"), (real, "AMS-III.C/16")):
        expected = keccak(encode(["string", "uint256"], [label, 2039]))
        assert site.ask(site.bank.functions.classOf(batch_id)) == expected
    assert site.ask(site.bank.functions.classOf(7)) == bytes(32)


def test_a_methodology_is_withdrawn_once_and_known(site):
    withdraw = site.bank.functions.withdrawMethodology
    assert site.refused(withdraw(METHOD), "guardian") == unauthorized(site, "guardian", "CERTIFIER")
    assert site.refused(withdraw(UNKNOWN), "certifier") == (
        "MethodologyNotFound",
        {"methodologyId": UNKNOWN},
    )
    receipt = site.do(withdraw(METHOD), "certifier")
    said = site.events(receipt, site.bank, "MethodologyWithdrawn")
    assert said == [{"methodologyId": METHOD}]
    assert site.refused(withdraw(METHOD), "certifier") == (
        "MethodologyIsWithdrawn",
        {"methodologyId": METHOD},
    )
    assert site.ask(site.bank.functions.methodology(METHOD))[3]


# --- fleets -------------------------------------------------------------------------------------


def test_a_registrar_enrols_a_fleet_once_for_somebody(site):
    enrol = site.bank.functions.enrolFleet
    call = enrol(FLEET_B, site.at["operator_b"])
    assert site.refused(call, "issuer") == unauthorized(site, "issuer", "REGISTRAR")
    known = enrol(FLEET, site.at["operator_b"])
    assert site.refused(known, "registrar") == ("FleetExists", {"fleetId": FLEET})
    nobody = enrol(FLEET_B, "0x" + "0" * 40)
    assert site.refused(nobody, "registrar") == ("ZeroAddress", {})

    receipt = site.do(call, "registrar")
    assert site.ask(site.bank.functions.operatorOf(FLEET_B)) == site.at["operator_b"]
    assert site.events(receipt, site.bank, "FleetEnrolled") == [
        {"fleetId": FLEET_B, "number": 2, "operator": site.at["operator_b"]}
    ]


def test_a_registrar_changes_the_operator_of_a_known_fleet(site):
    to = site.at["operator_b"]
    change = site.bank.functions.setOperator
    assert site.refused(change(FLEET, to), "operator") == unauthorized(
        site, "operator", "REGISTRAR"
    )
    assert site.refused(change(UNKNOWN, to), "registrar") == ("FleetNotFound", {"fleetId": UNKNOWN})
    receipt = site.do(change(FLEET, to), "registrar")
    assert site.ask(site.bank.functions.operatorOf(FLEET)) == to
    said = site.events(receipt, site.bank, "OperatorSet")
    assert said == [{"fleetId": FLEET, "operator": to}]


# --- vehicles -----------------------------------------------------------------------------------


def test_a_vehicle_enrols_once_ever_in_a_known_fleet(site):
    enrol = site.bank.functions.enrolVehicles
    known = keccak(text="vehicle 2")
    call = enrol(FLEET, [UNKNOWN], DECEMBER)
    assert site.refused(call, "operator") == unauthorized(site, "operator", "REGISTRAR")
    assert site.refused(enrol(UNKNOWN, [UNKNOWN], 0), "registrar")[0] == "FleetNotFound"
    expected = ("VehicleExists", {"commitment": known, "vehicleIndex": 2})
    assert site.refused(enrol(FLEET, [UNKNOWN, known], 0), "registrar") == expected
    twice = site.refused(enrol(FLEET, [UNKNOWN, UNKNOWN], 0), "registrar")
    assert twice == ("VehicleExists", {"commitment": UNKNOWN, "vehicleIndex": 4})

    assert site.ask(site.bank.functions.vehicleIndexOf(UNKNOWN)) == 0
    receipt = site.do(call, "registrar")
    assert site.ask(site.bank.functions.vehicleIndexOf(UNKNOWN)) == 4
    assert site.state()["vehicles"] == 4
    assert site.ask(site.bank.functions.vehicle(4, DECEMBER)) == [UNKNOWN, FLEET, DECEMBER]
    assert site.ask(site.bank.functions.vehicle(4, NOVEMBER)) == [UNKNOWN, bytes(32), DECEMBER]
    assert site.ask(site.bank.functions.vehicle(5, DECEMBER)) == [bytes(32), bytes(32), 0]
    assert site.events(receipt, site.bank, "VehicleEnrolled") == [
        {"vehicleIndex": 4, "commitment": UNKNOWN, "fleetId": FLEET, "fromMonth": DECEMBER}
    ]


def test_a_vehicle_moves_from_a_future_month_after_its_last_move(site):
    move = site.bank.functions.moveVehicle
    site.do(site.bank.functions.enrolFleet(FLEET_B, site.at["operator_b"]), "registrar")
    call = move(1, FLEET_B, FEBRUARY + 1)
    assert site.refused(call, "operator") == unauthorized(site, "operator", "REGISTRAR")
    for index in (0, 4):
        assert site.refused(move(index, FLEET_B, FEBRUARY), "registrar") == (
            "VehicleNotFound",
            {"vehicleIndex": index},
        )
    assert site.refused(move(1, UNKNOWN, FEBRUARY), "registrar")[0] == "FleetNotFound"
    assert site.refused(move(1, FLEET_B, JANUARY), "registrar") == (
        "MoveNotInFuture",
        {"fromMonth": JANUARY, "currentMonth": JANUARY},
    )

    receipt = site.do(call, "registrar")
    vehicle = keccak(text="vehicle 1")
    now, later = (site.ask(site.bank.functions.vehicle(1, m)) for m in (FEBRUARY, FEBRUARY + 1))
    assert now == [vehicle, FLEET, FIRST_MONTH]
    assert later == [vehicle, FLEET_B, FIRST_MONTH]
    assert site.events(receipt, site.bank, "VehicleMoved") == [
        {"vehicleIndex": 1, "toFleetId": FLEET_B, "fromMonth": FEBRUARY + 1}
    ]
    assert site.refused(move(1, FLEET, FEBRUARY + 1), "registrar") == (
        "MoveNotAfterLast",
        {"fromMonth": FEBRUARY + 1, "lastFromMonth": FEBRUARY + 1},
    )


# --- months -------------------------------------------------------------------------------------
