"""`dismiss`: a guardian takes a stolen role at once, with a reason; never the admin's."""

import pytest

from tests.contracts.getters import ROLES, watched
from tests.contracts.ledger_site import role
from tests.contracts.refusals import ADMIN, unauthorized


def dismiss(site, name, who):
    taken = ADMIN if name == "ADMIN" else role(name)
    return site.bank.functions.dismiss(taken, site.at[who], "stolen")


def test_it_is_refused_in_the_order_of_the_checks(site):
    call = dismiss(site, "ADMIN", "stranger")
    assert site.refused(call, "admin") == unauthorized(site, "admin", "GUARDIAN")
    assert site.refused(call, "guardian") == ("AccessControlEnforcedDefaultAdminRules", {})
    call = dismiss(site, "ISSUER", "stranger")
    assert site.refused(call, "guardian") == unauthorized(site, "stranger", "ISSUER")


@pytest.mark.parametrize("name", ROLES)
def test_the_role_is_gone_and_nothing_else_changes(site, name):
    who = name.lower()
    with watched(site) as changed:
        receipt = site.do(dismiss(site, name, who), "guardian")
    assert changed == {f"hasRole.{name}.{who}": False}
    account = site.at[who]
    assert site.events(receipt, site.bank, "RoleDismissed") == [
        {"role": role(name), "account": account, "reason": "stolen"}
    ]
    assert site.events(receipt, site.bank, "RoleRevoked") == [
        {"role": role(name), "account": account, "sender": site.at["guardian"]}
    ]


def test_a_guardian_takes_any_role_but_the_admins_and_grants_none(site):
    assert site.refused(dismiss(site, "ADMIN", "admin"), "guardian") == (
        "AccessControlEnforcedDefaultAdminRules",
        {},
    )
    grant = site.bank.functions.grantRole(role("ISSUER"), site.at["stranger"])
    assert site.refused(grant, "guardian") == unauthorized(site, "guardian", "ADMIN")
