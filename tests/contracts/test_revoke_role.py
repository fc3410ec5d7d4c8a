"""`revokeRole`: the admin takes a role, but not the own one."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import role
from tests.contracts.refusals import ADMIN, unauthorized


def revoke(site, taken, who):
    return site.bank.functions.revokeRole(taken, site.at[who])


def test_it_is_refused_in_the_order_of_the_checks(site):
    own = revoke(site, ADMIN, "admin")
    assert site.refused(own, "admin") == ("AccessControlEnforcedDefaultAdminRules", {})
    call = revoke(site, role("ISSUER"), "stranger")
    assert site.refused(call, "issuer") == unauthorized(site, "issuer", "ADMIN")


def test_the_role_is_gone_and_nothing_else_changes(site):
    with watched(site) as changed:
        receipt = site.do(revoke(site, role("ISSUER"), "issuer"), "admin")
    assert changed == {"hasRole.ISSUER.issuer": False}
    assert site.events(receipt, site.bank, "RoleRevoked") == [
        {"role": role("ISSUER"), "account": site.at["issuer"], "sender": site.at["admin"]}
    ]


def test_what_nobody_holds_is_taken_from_nobody(site):
    with watched(site) as changed:
        receipt = site.do(revoke(site, role("ISSUER"), "stranger"), "admin")
    assert (changed, receipt["logs"]) == ({}, [])
