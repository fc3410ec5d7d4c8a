"""`claim`: a payout reaches its account, once, whoever sends it."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FROZEN, payout_tree

NOBODY = "0x" + "0" * 40


@pytest.fixture
def payouts(site):
    """Two payouts, 200 g and 100 g, of a batch that holds 300 g for drivers."""
    return [(0, site.at["driver"], 0, 200), (1, site.at["driver_b"], 200, 100)]


@pytest.fixture
def proofs(payouts):
    return payout_tree(payouts)[1]


@pytest.fixture
def batch_id(site, payouts):
    return site.issue(driversG=300, payoutRoot=payout_tree(payouts)[0], bufferG=200)


def claim(site, batch_id, payout, proof):
    return site.bank.functions.claim(batch_id, payout, proof)


def test_it_is_refused_in_the_order_of_the_checks(site, batch_id, payouts, proofs):
    site.do(claim(site, batch_id, payouts[0], proofs[0]), "stranger")
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert site.refused(claim(site, 7, payouts[0], proofs[1]), "driver") == (
        "BatchNotFound",
        {"batchId": 7},
    )
    assert site.refused(claim(site, batch_id, payouts[0], proofs[1]), "driver") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.refused(claim(site, batch_id, payouts[0], proofs[1]), "driver") == (
        "BadPayoutProof",
        {"batchId": batch_id, "index": 0},
    )
    # 200 g are more than the 100 g that are left.
    assert site.refused(claim(site, batch_id, payouts[0], proofs[0]), "driver") == (
        "PayoutAlreadyClaimed",
        {"batchId": batch_id, "index": 0},
    )


def test_a_frozen_batch_pays_nobody(site, batch_id, payouts, proofs):
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    expected = ("BatchNotActive", {"batchId": batch_id, "status": FROZEN})
    assert site.refused(claim(site, batch_id, payouts[0], proofs[0]), "driver") == expected


def test_a_payout_is_paid_once(site, batch_id, payouts, proofs):
    site.do(claim(site, batch_id, payouts[0], proofs[0]), "driver")
    assert site.refused(claim(site, batch_id, payouts[0], proofs[0]), "driver") == (
        "PayoutAlreadyClaimed",
        {"batchId": batch_id, "index": 0},
    )


def test_a_payout_must_be_under_the_root_as_it_is(site, batch_id, payouts, proofs):
    index, account, from_g, amount_g = payouts[0]
    wrong = [
        (2, account, from_g, amount_g),
        (index, site.at["stranger"], from_g, amount_g),
        (index, account, from_g + 1, amount_g),
        (index, account, from_g, amount_g + 1),
    ]
    for payout in wrong:
        assert site.refused(claim(site, batch_id, payout, proofs[0]), "driver") == (
            "BadPayoutProof",
            {"batchId": batch_id, "index": payout[0]},
        )


def test_a_tree_that_promises_more_than_the_batch_pays_what_is_there(site):
    greedy = [(0, site.at["driver"], 0, 200), (1, site.at["driver_b"], 200, 101)]
    root, proofs = payout_tree(greedy)
    batch_id = site.issue(driversG=300, payoutRoot=root, bufferG=200)
    site.do(claim(site, batch_id, greedy[0], proofs[0]), "driver")
    assert site.refused(claim(site, batch_id, greedy[1], proofs[1]), "driver") == (
        "ClaimExceedsPayout",
        {"batchId": batch_id, "amountG": 101, "claimableG": 100},
    )


def test_anyone_may_send_a_claim_and_its_account_gets_it(site, batch_id, payouts, proofs):
    root = payout_tree(payouts)[0]
    with watched(site, root, it=batch_id) as changed:
        receipt = site.do(claim(site, batch_id, payouts[0], proofs[0]), "stranger")
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
            "id": batch_id,
            "value": 200,
        }
    ]
    assert len(receipt["logs"]) == 1


@pytest.mark.parametrize("index", [254, 255, 256, 2**255])
def test_an_index_has_a_bit_of_its_own_however_large_it_is(site, index):
    """Bit 0 of the first word says that the root is the batch's, so index 255 is in the next."""
    payouts = [(0, site.at["driver"], 0, 200), (index, site.at["driver_b"], 200, 100)]
    root, proofs = payout_tree(payouts)
    batch_id = site.issue(driversG=300, payoutRoot=root, bufferG=200)
    site.do(claim(site, batch_id, payouts[1], proofs[1]), "stranger")
    paid = [
        one
        for one in (0, 1, 253, 254, 255, 256, 257, 2**255)
        if site.ask(site.bank.functions.isClaimed(batch_id, root, one))
    ]
    assert paid == [index]
    assert site.refused(claim(site, batch_id, payouts[1], proofs[1]), "driver") == (
        "PayoutAlreadyClaimed",
        {"batchId": batch_id, "index": index},
    )
    site.do(claim(site, batch_id, payouts[0], proofs[0]), "stranger")
