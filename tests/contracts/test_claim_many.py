"""`claimMany`: many payouts in one transaction; what was paid before is passed over."""

import pytest
from eth_utils import keccak

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


def claim_many(site, batch_id, payouts, proofs):
    return site.bank.functions.claimMany(batch_id, payouts, proofs)


def test_it_is_refused_in_the_order_of_the_checks(site, batch_id, payouts, proofs):
    bad = [[keccak(b"no")]]
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    unknown = claim_many(site, 7, payouts, bad)
    assert site.refused(unknown, "stranger") == ("BatchNotFound", {"batchId": 7})
    short = claim_many(site, batch_id, payouts, bad)
    assert site.refused(short, "stranger") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.refused(short, "stranger") == ("BadProofCount", {"payouts": 2, "proofs": 1})
    call = claim_many(site, batch_id, payouts, [proofs[0], *bad])
    assert site.refused(call, "stranger") == ("BadPayoutProof", {"batchId": batch_id, "index": 1})


def test_more_than_there_is_reverts_all(site):
    greedy = [(0, site.at["driver"], 0, 200), (1, site.at["driver_b"], 200, 101)]
    root, proofs = payout_tree(greedy)
    batch_id = site.issue(driversG=300, payoutRoot=root, bufferG=200)
    assert site.refused(claim_many(site, batch_id, greedy, proofs), "stranger") == (
        "ClaimExceedsPayout",
        {"batchId": batch_id, "amountG": 101, "claimableG": 100},
    )


def test_it_pays_each_to_its_account_and_nothing_else_changes(site, batch_id, payouts, proofs):
    with watched(site, payout_tree(payouts)[0], it=batch_id) as changed:
        receipt = site.do(claim_many(site, batch_id, payouts, proofs), "stranger")
    assert changed == {
        "it.claimableG": 0,
        "it.heldG": 1300,
        "it balanceOf.driver": 200,
        "it balanceOf.driver_b": 100,
        "it isClaimed.0": True,
        "it isClaimed.1": True,
    }
    assert site.events(receipt, site.bank, "TransferSingle") == [
        {
            "operator": site.at["stranger"],
            "from": NOBODY,
            "to": site.at[who],
            "id": batch_id,
            "value": grams,
        }
        for who, grams in (("driver", 200), ("driver_b", 100))
    ]


def test_it_passes_over_what_was_paid_also_a_moment_ago(site, batch_id, payouts, proofs):
    twice = [payouts[0], payouts[1], payouts[0]], [proofs[0], proofs[1], proofs[0]]
    site.do(site.bank.functions.claim(batch_id, payouts[1], proofs[1]), "stranger")
    receipt = site.do(claim_many(site, batch_id, *twice), "stranger")
    assert [e["value"] for e in site.events(receipt, site.bank, "TransferSingle")] == [200]
    with watched(site, payout_tree(payouts)[0], it=batch_id) as changed:
        receipt = site.do(claim_many(site, batch_id, *twice), "stranger")
    assert (changed, receipt["logs"]) == ({}, [])
