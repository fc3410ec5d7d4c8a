"""`freeze` and `unfreeze`: a guardian stops a batch for 30 days, with a reason."""

from tests.contracts.ledger_site import ACTIVE, DAY, FROZEN, NOW, role


def freeze(site, batch_id, reason="doubt"):
    return site.bank.functions.freeze(batch_id, reason)


def frozen(site, batch_id):
    shown = site.batch(batch_id)
    return shown["frozenSince"], shown["frozenUntil"]


def test_only_a_guardian_freezes_what_exists(site):
    batch_id = site.issue()
    for sender in ("admin", "certifier", "operator"):
        assert site.refused(freeze(site, batch_id), sender) == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at[sender], "neededRole": role("GUARDIAN")},
        )
    assert site.refused(freeze(site, 7), "guardian") == ("BatchNotFound", {"batchId": 7})


def test_only_a_guardian_unfreezes_before_the_time_and_only_what_is_frozen(site):
    batch_id = site.issue()
    unfreeze = site.bank.functions.unfreeze(batch_id)
    assert site.refused(unfreeze, "guardian") == (
        "BatchNotFrozen",
        {"batchId": batch_id, "status": ACTIVE},
    )
    assert site.refused(site.bank.functions.unfreeze(7), "guardian")[0] == "BatchNotFound"
    site.do(freeze(site, batch_id), "guardian")
    assert site.refused(unfreeze, "admin")[0] == "AccessControlUnauthorizedAccount"


def test_a_freeze_stands_until_it_is_lifted_and_says_why(site):
    batch_id = site.issue()
    receipt = site.do(freeze(site, batch_id, "overlap"), "guardian")
    since = site.web3.eth.get_block("latest")["timestamp"]
    assert site.batch(batch_id)["status"] == FROZEN
    assert frozen(site, batch_id) == (since, since + 30 * DAY)
    (said,) = site.events(receipt, site.bank, "BatchFrozen")
    assert said == {"batchId": batch_id, "until": since + 30 * DAY, "reason": "overlap"}

    receipt = site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.batch(batch_id)["status"] == ACTIVE
    assert frozen(site, batch_id) == (0, 0)
    assert site.events(receipt, site.bank, "BatchUnfrozen") == [{"batchId": batch_id}]


def test_after_thirty_days_anyone_may_end_it_unless_it_was_renewed(site):
    batch_id = site.issue()
    unfreeze = site.bank.functions.unfreeze(batch_id)
    site.do(freeze(site, batch_id), "guardian")
    since = frozen(site, batch_id)[0]
    site.travel(NOW + 20 * DAY)
    site.do(freeze(site, batch_id, "still open"), "guardian")
    site.travel(NOW + 31 * DAY)
    site.tester.mine_block()
    assert site.refused(unfreeze, "stranger")[0] == "AccessControlUnauthorizedAccount"
    assert frozen(site, batch_id)[0] == since
    site.travel(NOW + 51 * DAY)
    site.tester.mine_block()
    site.do(unfreeze, "stranger")
    assert site.batch(batch_id)["status"] == ACTIVE
