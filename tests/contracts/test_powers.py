"""Roles exclude one another, never pass the forwarder, and a guardian can only take away."""

import pytest

from tests.contracts.ledger_site import FLEET, JANUARY, role

ROLES = ("CERTIFIER", "VERIFIER", "ISSUER", "REGISTRAR", "GUARDIAN", "CHALLENGER")
ADMIN = bytes(32)


def grant(site, name, who):
    return site.bank.functions.grantRole(role(name), site.at[who])


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
    site.do(grant(site, held, held.lower()), "admin")  # what it holds already is no conflict


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


def test_a_guardian_takes_any_role_but_the_admins_and_grants_none(site):
    dismiss = site.bank.functions.dismiss
    call = dismiss(role("ISSUER"), site.at["issuer"], "stolen")
    assert site.refused(call, "admin")[0] == "AccessControlUnauthorizedAccount"
    assert site.refused(dismiss(ADMIN, site.at["admin"], "no"), "guardian") == (
        "AccessControlEnforcedDefaultAdminRules",
        {},
    )
    assert site.refused(dismiss(role("ISSUER"), site.at["stranger"], "no"), "guardian") == (
        "AccessControlUnauthorizedAccount",
        {"account": site.at["stranger"], "neededRole": role("ISSUER")},
    )
    assert site.refused(grant(site, "ISSUER", "stranger"), "guardian")[0] == (
        "AccessControlUnauthorizedAccount"
    )
    receipt = site.do(call, "guardian")
    assert not site.ask(site.bank.functions.hasRole(role("ISSUER"), site.at["issuer"]))
    assert site.events(receipt, site.bank, "RoleDismissed") == [
        {"role": role("ISSUER"), "account": site.at["issuer"], "reason": "stolen"}
    ]


def test_a_guardian_stops_issuing_and_only_the_admin_resumes(site):
    stop, resume = site.bank.functions.stopIssue("audit"), site.bank.functions.resumeIssue()
    assert site.refused(stop, "admin")[0] == "AccessControlUnauthorizedAccount"
    assert site.refused(resume, "admin") == ("IssueIsNotStopped", {})
    said = site.events(site.do(stop, "guardian"), site.bank, "IssueStopped")
    assert said == [{"reason": "audit"}]
    assert site.refused(stop, "guardian") == ("IssueIsStopped", {})
    assert site.refused(resume, "guardian")[0] == "AccessControlUnauthorizedAccount"
    assert site.state()["issueStopped"]
    assert site.events(site.do(resume, "admin"), site.bank, "IssueResumed") == [{}]
    assert not site.state()["issueStopped"]


def test_the_last_month_is_fixed_once_and_never_in_the_past(site):
    last = site.bank.functions.setLastMonth
    assert site.refused(last(JANUARY), "guardian")[0] == "AccessControlUnauthorizedAccount"
    assert site.refused(last(JANUARY - 1), "admin") == (
        "LastMonthInPast",
        {"lastMonth": JANUARY - 1, "currentMonth": JANUARY},
    )
    receipt = site.do(last(JANUARY), "admin")
    assert site.events(receipt, site.bank, "LastMonthSet") == [{"lastMonth": JANUARY}]
    assert site.state()["lastMonth"] == JANUARY
    assert site.refused(last(JANUARY + 1), "admin") == (
        "LastMonthAlreadySet",
        {"lastMonth": JANUARY},
    )


def test_the_admin_changes_hands_in_two_steps_and_never_to_who_holds_a_role(site):
    functions = site.bank.functions
    site.do(functions.beginDefaultAdminTransfer(site.at["issuer"]), "admin")
    site.tester.mine_blocks(2)
    assert site.refused(functions.acceptDefaultAdminTransfer(), "issuer") == (
        "RoleConflict",
        {"account": site.at["issuer"], "heldRole": role("ISSUER")},
    )
    site.do(functions.beginDefaultAdminTransfer(site.at["stranger"]), "admin")
    site.tester.mine_blocks(2)
    site.do(functions.acceptDefaultAdminTransfer(), "stranger")
    assert site.ask(functions.defaultAdmin()) == site.at["stranger"]
