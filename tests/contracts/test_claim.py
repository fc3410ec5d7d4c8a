"""`claim` and `claimMany`: a payout reaches its account, once, whoever sends it."""

import pytest
from eth_utils import keccak

from tests.contracts.ledger_site import ACTIVE, FROZEN, payout_tree


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


def test_a_batch_nobody_issued_pays_nobody(site, payouts, proofs):
    call = claim(site, 7, payouts[0], proofs[0])
    assert site.refused(call, "stranger") == ("BatchNotFound", {"batchId": 7})


def test_a_frozen_batch_pays_nobody(site, batch_id, payouts, proofs):
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    expected = ("BatchNotActive", {"batchId": batch_id, "status": FROZEN})
    assert site.refused(claim(site, batch_id, payouts[0], proofs[0]), "driver") == expected
    many = site.bank.functions.claimMany(batch_id, payouts, proofs)
    assert site.refused(many, "driver") == expected


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
    assert site.refused(claim(site, batch_id, payouts[0], proofs[1]), "driver")[0] == (
        "BadPayoutProof"
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
    assert not site.ask(site.bank.functions.isClaimed(batch_id, root, 0))
    assert site.batch(batch_id)["claimableG"] == 300

    receipt = site.do(claim(site, batch_id, payouts[0], proofs[0]), "stranger")

    assert site.ask(site.bank.functions.isClaimed(batch_id, root, 0))
    assert not site.ask(site.bank.functions.isClaimed(batch_id, root, 1))
    assert site.batch(batch_id)["claimableG"] == 100
    assert (site.held("driver", batch_id), site.held("stranger", batch_id)) == (200, 0)
    (said,) = site.events(receipt, site.bank, "TransferSingle")
    assert (said["from"], said["to"], said["value"]) == ("0x" + "0" * 40, payouts[0][1], 200)


def test_many_pays_what_is_left_and_passes_over_what_was_paid(site, batch_id, payouts, proofs):
    site.do(claim(site, batch_id, payouts[0], proofs[0]), "stranger")
    receipt = site.do(site.bank.functions.claimMany(batch_id, payouts, proofs), "stranger")
    assert [e["value"] for e in site.events(receipt, site.bank, "TransferSingle")] == [100]
    assert (site.held("driver", batch_id), site.held("driver_b", batch_id)) == (200, 100)
    assert site.batch(batch_id)["claimableG"] == 0
    assert site.batch(batch_id)["status"] == ACTIVE


def test_many_needs_a_proof_for_each_and_all_of_them_good(site, batch_id, payouts, proofs):
    short = site.bank.functions.claimMany(batch_id, payouts, proofs[:1])
    assert site.refused(short, "stranger") == ("BadProofCount", {"payouts": 2, "proofs": 1})
    bad = site.bank.functions.claimMany(batch_id, payouts, [proofs[0], [keccak(b"no")]])
    assert site.refused(bad, "stranger")[0] == "BadPayoutProof"
    assert site.held("driver", batch_id) == 0
