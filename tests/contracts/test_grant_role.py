"""`grantRole`: the admin gives a role to who has none and operates no fleet."""

import pytest

from tests.contracts.getters import ROLES, watched
from tests.contracts.ledger_site import FLEET, FLEET_B, role
from tests.contracts.refusals import ADMIN, unauthorized


def grant(site, name, who):
    return site.bank.functions.grantRole(role(name), site.at[who])


def operated(site, fleet, who):
    site.do(site.bank.functions.enrolFleet(fleet, site.at[who]), "registrar")


def test_it_is_refused_in_the_order_of_the_checks(site):
    call = grant(site, "VERIFIER", "issuer")
    assert site.refused(call, "guardian") == unauthorized(site, "guardian", "ADMIN")
    admins = site.bank.functions.grantRole(ADMIN, site.at["issuer"])
    assert site.refused(admins, "admin") == ("AccessControlEnforcedDefaultAdminRules", {})
    assert site.refused(call, "admin") == (
        "RoleConflict",
        {"account": site.at["issuer"], "heldRole": role("ISSUER")},
    )
    operated(site, FLEET_B, "operator")
    assert site.refused(grant(site, "VERIFIER", "operator"), "admin") == (
        "AccountOperatesFleet",
        {"account": site.at["operator"], "fleets": 2},
    )


@pytest.mark.parametrize("name", ROLES)
def test_the_role_is_there_and_nothing_else_changes(site, name):
    with watched(site) as changed:
        receipt = site.do(grant(site, name, "stranger"), "admin")
    assert changed == {f"hasRole.{name}.stranger": True}
    assert site.events(receipt, site.bank, "RoleGranted") == [
        {"role": role(name), "account": site.at["stranger"], "sender": site.at["admin"]}
    ]


@pytest.mark.parametrize("held", ROLES)
def test_one_address_holds_one_role_at_most(site, held):
    for other in set(ROLES) - {held}:
        assert site.refused(grant(site, other, held.lower()), "admin") == (
            "RoleConflict",
            {"account": site.at[held.lower()], "heldRole": role(held)},
        )
    assert site.refused(grant(site, held, "admin"), "admin") == (
        "RoleConflict",
        {"account": site.at["admin"], "heldRole": ADMIN},
    )
    with watched(site) as changed:  # what it holds already is no conflict
        receipt = site.do(grant(site, held, held.lower()), "admin")
    assert (changed, receipt["logs"]) == ({}, [])


def test_who_operates_a_fleet_gets_no_role_and_who_has_a_role_gets_no_fleet(site):
    assert site.refused(grant(site, "VERIFIER", "operator"), "admin") == (
        "AccountOperatesFleet",
        {"account": site.at["operator"], "fleets": 1},
    )
    call = site.bank.functions.setOperator(FLEET, site.at["verifier"])
    assert site.refused(call, "registrar") == (
        "RoleConflict",
        {"account": site.at["verifier"], "heldRole": role("VERIFIER")},
    )
    site.do(site.bank.functions.setOperator(FLEET, site.at["operator_b"]), "registrar")
    site.do(grant(site, "VERIFIER", "operator"), "admin")


def test_who_gave_a_role_away_may_get_another(site):
    site.do(site.bank.functions.renounceRole(role("ISSUER"), site.at["issuer"]), "issuer")
    site.do(grant(site, "VERIFIER", "issuer"), "admin")
