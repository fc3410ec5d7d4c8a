"""`enrolFleet`: a registrar enters a fleet once, for somebody who holds no role."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FLEET, FLEET_B, role
from tests.contracts.refusals import unauthorized

NOBODY = "0x" + "0" * 40


def enrol(site, fleet, operator):
    return site.bank.functions.enrolFleet(fleet, operator)


def test_it_is_refused_in_the_order_of_the_checks(site):
    call = enrol(site, FLEET, NOBODY)
    assert site.refused(call, "issuer") == unauthorized(site, "issuer", "REGISTRAR")
    assert site.refused(call, "registrar") == ("FleetExists", {"fleetId": FLEET})
    assert site.refused(enrol(site, FLEET_B, NOBODY), "registrar") == ("ZeroAddress", {})
    for held in ("verifier", "registrar"):
        assert site.refused(enrol(site, FLEET_B, site.at[held]), "registrar") == (
            "RoleConflict",
            {"account": site.at[held], "heldRole": role(held.upper())},
        )


def test_it_gets_the_next_number_and_its_operator_and_nothing_else_changes(site):
    with watched(site) as changed:
        receipt = site.do(enrol(site, FLEET_B, site.at["operator_b"]), "registrar")
    assert changed == {"fleet b operatorOf": site.at["operator_b"]}
    assert site.events(receipt, site.bank, "FleetEnrolled") == [
        {"fleetId": FLEET_B, "number": 2, "operator": site.at["operator_b"]}
    ]


def test_one_may_operate_several_fleets_and_gets_no_role_before_all_are_given_away(site):
    site.do(enrol(site, FLEET_B, site.at["operator"]), "registrar")
    grant = site.bank.functions.grantRole(role("ISSUER"), site.at["operator"])
    for left, fleet in ((2, FLEET), (1, FLEET_B)):
        assert site.refused(grant, "admin") == (
            "AccountOperatesFleet",
            {"account": site.at["operator"], "fleets": left},
        )
        given = site.bank.functions.setOperator(fleet, site.at["operator_b"])
        site.do(given, "registrar")
    site.do(grant, "admin")
