"""`claim`: a payout reaches its account, once, whoever sends it."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FROZEN
from tests.contracts.payout_stage import NOBODY, owed


@pytest.fixture
def due(site):
    return owed(site)


def claim(site, batch_id, payout, proof):
    return site.bank.functions.claim(batch_id, payout, proof)


def claim_of(site, due, number):
    """Claim the first or second of two payouts by its own proof."""
    return claim(site, due.batch_id, due.payouts[number], due.proofs[number])


def test_it_is_refused_in_the_order_of_the_checks(site, due):
    batch_id, payout, wrong = due.batch_id, due.payouts[0], due.proofs[1]
    site.do(claim_of(site, due, 0), "stranger")
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert site.refused(claim(site, 7, payout, wrong), "driver") == (
        "BatchNotFound",
        {"batchId": 7},
    )
    assert site.refused(claim(site, batch_id, payout, wrong), "driver") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.refused(claim(site, batch_id, payout, wrong), "driver") == (
        "BadPayoutProof",
        {"batchId": batch_id, "index": 0},
    )
    # 200 g are more than the 100 g that are left.
    assert site.refused(claim_of(site, due, 0), "driver") == (
        "PayoutAlreadyClaimed",
        {"batchId": batch_id, "index": 0},
    )


def test_a_frozen_batch_pays_nobody(site, due):
    site.do(site.bank.functions.freeze(due.batch_id, "doubt"), "guardian")
    expected = ("BatchNotActive", {"batchId": due.batch_id, "status": FROZEN})
    assert site.refused(claim_of(site, due, 0), "driver") == expected


def test_a_payout_is_paid_once(site, due):
    site.do(claim_of(site, due, 0), "driver")
    assert site.refused(claim_of(site, due, 0), "driver") == (
        "PayoutAlreadyClaimed",
        {"batchId": due.batch_id, "index": 0},
    )


def test_a_payout_must_be_under_the_root_as_it_is(site, due):
    index, account, from_g, amount_g = due.payouts[0]
    wrong = [
        (2, account, from_g, amount_g),
        (index, site.at["stranger"], from_g, amount_g),
        (index, account, from_g + 1, amount_g),
        (index, account, from_g, amount_g + 1),
    ]
    for payout in wrong:
        assert site.refused(claim(site, due.batch_id, payout, due.proofs[0]), "driver") == (
            "BadPayoutProof",
            {"batchId": due.batch_id, "index": payout[0]},
        )


def test_a_tree_that_promises_more_than_the_batch_pays_what_is_there(site):
    greedy = owed(site, second_g=101)
    site.do(claim_of(site, greedy, 0), "driver")
    assert site.refused(claim_of(site, greedy, 1), "driver") == (
        "ClaimExceedsPayout",
        {"batchId": greedy.batch_id, "amountG": 101, "claimableG": 100},
    )


def test_anyone_may_send_a_claim_and_its_account_gets_it(site, due):
    with watched(site, due.root, it=due.batch_id) as changed:
        receipt = site.do(claim_of(site, due, 0), "stranger")
    assert changed == {
        "it.claimableG": 100,
        "it.heldG": 1200,
        "it balanceOf.driver": 200,
        "it isClaimed.0": True,
    }
    assert site.events(receipt, site.bank, "TransferSingle") == [
        {
            "operator": site.at["stranger"],
            "from": NOBODY,
            "to": site.at["driver"],
            "id": due.batch_id,
            "value": 200,
        }
    ]
    assert len(receipt["logs"]) == 1


@pytest.mark.parametrize("index", [254, 255, 256, 2**255])
def test_an_index_has_a_bit_of_its_own_however_large_it_is(site, index):
    """Bit 0 of the first word says that the root is the batch's, so index 255 is in the next."""
    due = owed(site, second_index=index)
    site.do(claim_of(site, due, 1), "stranger")
    paid = [
        one
        for one in (0, 1, 253, 254, 255, 256, 257, 2**255)
        if site.ask(site.bank.functions.isClaimed(due.batch_id, due.root, one))
    ]
    assert paid == [index]
    assert site.refused(claim_of(site, due, 1), "driver") == (
        "PayoutAlreadyClaimed",
        {"batchId": due.batch_id, "index": index},
    )
    site.do(claim_of(site, due, 0), "stranger")
