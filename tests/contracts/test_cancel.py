"""`cancel`: a batch ends for ever; what is not retired is cancelled at once, whoever holds it."""

from tests.contracts.books import disproven, issued, keeps_bank_a, lively
from tests.contracts.getters import watched
from tests.contracts.ledger_site import ACTIVE, CANCELLED, DAY, FROZEN, NOW
from tests.contracts.refusals import unauthorized

PROOF = b"\x01" * 32


def cancel(site, batch_id, reason="never driven"):
    return site.bank.functions.cancel(batch_id, reason)


def test_it_is_refused_in_the_order_of_the_checks(site):
    for sender in ("admin", "challenger", "operator"):
        assert site.refused(cancel(site, 7), sender) == unauthorized(site, sender, "GUARDIAN")
    assert site.refused(cancel(site, 7), "guardian") == ("BatchNotFound", {"batchId": 7})
    batch_id = issued(site, 1)
    assert site.refused(cancel(site, batch_id), "guardian") == (
        "BatchNotCancellable",
        {"batchId": batch_id, "status": ACTIVE, "sinceS": 0},
    )


def test_a_freeze_must_have_stood_for_seven_days_renewed_or_not(site):
    batch_id = issued(site, 1)
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    since = site.batch(batch_id)["frozenSince"]
    site.travel(NOW + 5 * DAY)
    site.do(site.bank.functions.freeze(batch_id, "still open"), "guardian")
    site.travel(since + 7 * DAY - 1)
    site.tester.mine_block()
    name, fields = site.refused(cancel(site, batch_id), "guardian")
    assert (name, fields["status"]) == ("BatchNotCancellable", FROZEN)
    assert 5 * DAY < fields["sinceS"] < 7 * DAY
    site.travel(since + 7 * DAY + 1)
    site.tester.mine_block()
    site.do(cancel(site, batch_id), "guardian")
    shown = site.batch(batch_id)
    assert (shown["status"], shown["frozenSince"], shown["frozenUntil"]) == (CANCELLED, 0, 0)


def test_an_ended_batch_stays_ended(site):
    batch_id = disproven(site, issued(site, 1), PROOF)
    site.do(cancel(site, batch_id), "guardian")
    assert site.refused(cancel(site, batch_id), "guardian") == (
        "BatchNotCancellable",
        {"batchId": batch_id, "status": CANCELLED, "sinceS": 0},
    )
    assert site.refused(site.bank.functions.unfreeze(batch_id), "guardian")[0] == "BatchNotFrozen"
    assert site.refused(site.bank.functions.correct(batch_id, 1, [], ""), "guardian")[0] == (
        "BatchNotDisproven"
    )


def test_all_that_is_not_retired_is_cancelled_and_no_balance_answers(site):
    batch_id = disproven(site, lively(site, 1), PROOF)
    with watched(site, it=batch_id) as changed:
        receipt = site.do(cancel(site, batch_id), "guardian")
    assert changed == {  # no `creditedWord` among them: the months stay credited for ever
        "it.status": CANCELLED,
        "it.claimableG": 0,
        "it.bufferG": 0,
        "it.heldG": 0,
        "it.cancelledG": 1500 - 40,
        "it.unreplacedG": 40,
        "it balanceOf.operator": 0,
        "it balanceOf.buyer": 0,
        "it balanceOf.driver": 0,
    }
    assert keeps_bank_a(site, batch_id)
    assert site.held("operator", batch_id) == 0
    assert site.events(receipt, site.bank, "BatchCancelled") == [
        {"batchId": batch_id, "cancelledG": 1460, "reason": "never driven"}
    ]


def test_grams_cancelled_by_a_correction_are_counted_once(site):
    batch_id = disproven(site, lively(site, 1), PROOF)
    site.do(site.bank.functions.correct(batch_id, 150, [], "some"), "guardian")
    disproven(site, batch_id, b"\x02" * 32)
    site.do(cancel(site, batch_id), "guardian")
    assert site.batch(batch_id)["cancelledG"] == 1460
    assert keeps_bank_a(site, batch_id)
