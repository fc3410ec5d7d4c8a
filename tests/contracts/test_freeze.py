"""`freeze`: a guardian stops a batch for 30 days, with a reason; again renews it."""

from tests.contracts.books import disproven, lively
from tests.contracts.getters import watched
from tests.contracts.ledger_site import CANCELLED, DAY, DISPROVEN, FROZEN, NOW
from tests.contracts.refusals import unauthorized


def freeze(site, batch_id, reason="doubt"):
    return site.bank.functions.freeze(batch_id, reason)


def now(site):
    return site.web3.eth.get_block("latest")["timestamp"]


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch_id = disproven(site, lively(site, 1), b"\x01" * 32)
    for sender in ("admin", "certifier", "operator"):
        assert site.refused(freeze(site, 7), sender) == unauthorized(site, sender, "GUARDIAN")
    assert site.refused(freeze(site, 7), "guardian") == ("BatchNotFound", {"batchId": 7})
    refusal = ("BatchNotActive", {"batchId": batch_id, "status": DISPROVEN})
    assert site.refused(freeze(site, batch_id), "guardian") == refusal
    site.do(site.bank.functions.cancel(batch_id, "wrong"), "guardian")
    refusal = ("BatchNotActive", {"batchId": batch_id, "status": CANCELLED})
    assert site.refused(freeze(site, batch_id), "guardian") == refusal


def test_it_stops_the_batch_says_why_and_changes_no_gram(site):
    batch_id = lively(site, 1)
    with watched(site, it=batch_id) as changed:
        receipt = site.do(freeze(site, batch_id, "overlap"), "guardian")
    until = now(site) + 30 * DAY
    assert changed == {"it.status": FROZEN, "it.frozenSince": now(site), "it.frozenUntil": until}
    assert site.events(receipt, site.bank, "BatchFrozen") == [
        {"batchId": batch_id, "until": until, "reason": "overlap"}
    ]


def test_again_it_lasts_longer_and_has_stood_as_long(site):
    batch_id = lively(site, 1)
    site.do(freeze(site, batch_id), "guardian")
    site.travel(NOW + 20 * DAY)
    with watched(site, it=batch_id) as changed:
        receipt = site.do(freeze(site, batch_id, "still open"), "guardian")
    until = now(site) + 30 * DAY
    assert changed == {"it.frozenUntil": until}
    assert site.events(receipt, site.bank, "BatchFrozen") == [
        {"batchId": batch_id, "until": until, "reason": "still open"}
    ]
