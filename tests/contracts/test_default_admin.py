"""The admin's own role changes hands in two steps, after a delay, and to nobody with a role."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import NOW, role
from tests.contracts.refusals import unauthorized

NOBODY = "0x" + "0" * 40
DAY = 86_400


def begin(site, who):
    return site.bank.functions.beginDefaultAdminTransfer(site.at[who])


def test_only_the_admin_begins_ends_and_delays(site):
    functions = site.bank.functions
    for call in (
        begin(site, "stranger"),
        functions.cancelDefaultAdminTransfer(),
        functions.changeDefaultAdminDelay(DAY),
        functions.rollbackDefaultAdminDelay(),
    ):
        assert site.refused(call, "guardian") == unauthorized(site, "guardian", "ADMIN")


def test_it_is_begun_and_called_off(site):
    with watched(site) as changed:
        receipt = site.do(begin(site, "stranger"), "admin")
    schedule = site.web3.eth.get_block("latest")["timestamp"]
    assert changed == {
        "pendingDefaultAdmin.newAdmin": site.at["stranger"],
        "pendingDefaultAdmin.schedule": schedule,
    }
    assert site.events(receipt, site.bank, "DefaultAdminTransferScheduled") == [
        {"newAdmin": site.at["stranger"], "acceptSchedule": schedule}
    ]
    with watched(site) as changed:
        receipt = site.do(site.bank.functions.cancelDefaultAdminTransfer(), "admin")
    assert changed == {"pendingDefaultAdmin.newAdmin": NOBODY, "pendingDefaultAdmin.schedule": 0}
    assert site.events(receipt, site.bank, "DefaultAdminTransferCanceled") == [{}]


def test_it_is_accepted_by_who_was_named_after_its_time_and_by_nobody_with_a_role(site):
    accept = site.bank.functions.acceptDefaultAdminTransfer()
    site.do(begin(site, "issuer"), "admin")
    schedule = site.ask(site.bank.functions.pendingDefaultAdmin())[1]
    assert site.refused(accept, "stranger") == (
        "AccessControlInvalidDefaultAdmin",
        {"defaultAdmin": site.at["stranger"]},
    )
    site.travel(schedule + 1)
    site.tester.mine_block()
    assert site.refused(accept, "issuer") == (
        "RoleConflict",
        {"account": site.at["issuer"], "heldRole": role("ISSUER")},
    )
    site.do(begin(site, "stranger"), "admin")
    site.tester.mine_blocks(2)
    with watched(site) as changed:
        receipt = site.do(accept, "stranger")
    assert changed == {
        "defaultAdmin": site.at["stranger"],
        "pendingDefaultAdmin.newAdmin": NOBODY,
        "pendingDefaultAdmin.schedule": 0,
    }
    moved = [(e["account"], e["role"]) for e in site.events(receipt, site.bank, "RoleGranted")]
    assert moved == [(site.at["stranger"], bytes(32))]
    assert site.refused(begin(site, "buyer"), "admin") == unauthorized(site, "admin", "ADMIN")


def test_a_longer_delay_comes_into_force_later_and_can_be_called_off_until_then(site):
    with watched(site) as changed:
        receipt = site.do(site.bank.functions.changeDefaultAdminDelay(DAY), "admin")
    # A delay grows after itself, five days at most.
    since = site.web3.eth.get_block("latest")["timestamp"] + DAY
    assert changed == {
        "pendingDefaultAdminDelay.newDelay": DAY,
        "pendingDefaultAdminDelay.schedule": since,
    }
    assert site.events(receipt, site.bank, "DefaultAdminDelayChangeScheduled") == [
        {"newDelay": DAY, "effectSchedule": since}
    ]
    with watched(site) as changed:
        receipt = site.do(site.bank.functions.rollbackDefaultAdminDelay(), "admin")
    assert changed == {
        "pendingDefaultAdminDelay.newDelay": 0,
        "pendingDefaultAdminDelay.schedule": 0,
    }
    assert site.events(receipt, site.bank, "DefaultAdminDelayChangeCanceled") == [{}]
    site.do(site.bank.functions.changeDefaultAdminDelay(DAY), "admin")
    site.travel(NOW + 3 * DAY)
    site.tester.mine_block()
    assert site.ask(site.bank.functions.defaultAdminDelay()) == DAY
    site.do(begin(site, "stranger"), "admin")
    accept = site.bank.functions.acceptDefaultAdminTransfer()
    schedule = site.ask(site.bank.functions.pendingDefaultAdmin())[1]
    assert site.refused(accept, "stranger") == (
        "AccessControlEnforcedDefaultAdminDelay",
        {"schedule": schedule},
    )
    site.travel(schedule + 1)
    site.tester.mine_block()
    site.do(accept, "stranger")
