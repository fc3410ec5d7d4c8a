"""`cancel`: a batch ends for ever; what is not retired is cancelled at once, whoever holds it."""

from tests.contracts.books import HOLDERS, changed, disproven, issued, keeps_bank_a, lively
from tests.contracts.ledger_site import (
    ACTIVE,
    CANCELLED,
    DAY,
    DECEMBER,
    FROZEN,
    NOW,
    role,
)

PROOF = b"\x01" * 32


def cancel(site, batch_id, reason="never driven"):
    return site.bank.functions.cancel(batch_id, reason)


def test_only_a_guardian_cancels(site):
    batch_id = disproven(site, issued(site, 1), PROOF)
    for sender in ("admin", "challenger", "operator"):
        assert site.refused(cancel(site, batch_id), sender) == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at[sender], "neededRole": role("GUARDIAN")},
        )


def test_neither_what_is_active_nor_what_is_not_there_is_cancelled(site):
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
    before = site.batch(batch_id)
    word = site.ask(site.bank.functions.creditedWord(DECEMBER, 0))

    receipt = site.do(cancel(site, batch_id), "guardian")

    assert changed(before, site.batch(batch_id)) == {
        "status": CANCELLED,
        "claimableG": 0,
        "bufferG": 0,
        "heldG": 0,
        "cancelledG": 1500 - 40,
        "unreplacedG": 40,
    }
    assert keeps_bank_a(site, batch_id)
    assert [site.held(who, batch_id) for who in HOLDERS] == [0, 0, 0, 0]
    everybody = [site.at[who] for who in HOLDERS]
    asked = site.bank.functions.balanceOfBatch(everybody, [batch_id] * len(HOLDERS))
    assert site.ask(asked) == [0, 0, 0, 0]
    assert site.ask(site.bank.functions.creditedWord(DECEMBER, 0)) == word
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
