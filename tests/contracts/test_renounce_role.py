"""`renounceRole`: who holds a role gives it up; nobody does it for another."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import role


def renounce(site, who):
    return site.bank.functions.renounceRole(role("ISSUER"), site.at[who])


def test_nobody_gives_up_what_is_anothers(site):
    for sender in ("admin", "guardian"):
        assert site.refused(renounce(site, "issuer"), sender) == (
            "AccessControlBadConfirmation",
            {},
        )


def test_the_role_is_gone_and_nothing_else_changes(site):
    with watched(site) as changed:
        receipt = site.do(renounce(site, "issuer"), "issuer")
    assert changed == {"hasRole.ISSUER.issuer": False}
    assert site.events(receipt, site.bank, "RoleRevoked") == [
        {"role": role("ISSUER"), "account": site.at["issuer"], "sender": site.at["issuer"]}
    ]
