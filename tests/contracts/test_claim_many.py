"""`claimMany`: many payouts in one transaction; what was paid before is passed over."""

import pytest
from eth_utils import keccak

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FROZEN
from tests.contracts.payout_stage import NOBODY, owed


@pytest.fixture
def due(site):
    return owed(site)


def claim_many(site, batch_id, payouts, proofs):
    return site.bank.functions.claimMany(batch_id, payouts, proofs)


def test_it_is_refused_in_the_order_of_the_checks(site, due):
    batch_id, bad = due.batch_id, [[keccak(b"no")]]
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    unknown = claim_many(site, 7, due.payouts, bad)
    assert site.refused(unknown, "stranger") == ("BatchNotFound", {"batchId": 7})
    short = claim_many(site, batch_id, due.payouts, bad)
    assert site.refused(short, "stranger") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.refused(short, "stranger") == ("BadProofCount", {"payouts": 2, "proofs": 1})
    call = claim_many(site, batch_id, due.payouts, [due.proofs[0], *bad])
    assert site.refused(call, "stranger") == ("BadPayoutProof", {"batchId": batch_id, "index": 1})


def test_more_than_there_is_reverts_all(site):
    greedy = owed(site, second_g=101)
    call = claim_many(site, greedy.batch_id, greedy.payouts, greedy.proofs)
    assert site.refused(call, "stranger") == (
        "ClaimExceedsPayout",
        {"batchId": greedy.batch_id, "amountG": 101, "claimableG": 100},
    )


def test_it_pays_each_to_its_account_and_nothing_else_changes(site, due):
    with watched(site, due.root, it=due.batch_id) as changed:
        receipt = site.do(claim_many(site, due.batch_id, due.payouts, due.proofs), "stranger")
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
            "id": due.batch_id,
            "value": grams,
        }
        for who, grams in (("driver", 200), ("driver_b", 100))
    ]


def test_it_passes_over_what_was_paid_also_a_moment_ago(site, due):
    (first, second), (by_first, by_second) = due.payouts, due.proofs
    twice = [first, second, first], [by_first, by_second, by_first]
    site.do(site.bank.functions.claim(due.batch_id, second, by_second), "stranger")
    receipt = site.do(claim_many(site, due.batch_id, *twice), "stranger")
    assert [e["value"] for e in site.events(receipt, site.bank, "TransferSingle")] == [200]
    with watched(site, due.root, it=due.batch_id) as changed:
        receipt = site.do(claim_many(site, due.batch_id, *twice), "stranger")
    assert (changed, receipt["logs"]) == ({}, [])
