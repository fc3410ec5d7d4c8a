"""`challengeFirstTotal`: the first running total is the first reduction."""

from tests.contracts.evidence_made import (
    FIRST,
    TOTAL_G,
    disproves,
    leaf,
    refuses_strangers_to_the_bank,
    sealed,
)


def first_total(batch, index=0, claim=None):
    proof = batch.proof(index)
    return batch.site.challenge.functions.challengeFirstTotal(claim or batch.claim, proof)


def test_a_total_that_holds_proves_nothing(site):
    batch = sealed(site)
    assert site.refused(first_total(batch), "stranger") == (
        "TotalHolds",
        {"batchId": batch.batch_id, "index": 0, "runningG": 500},
    )


def test_only_the_first_leaf_counts(site):
    assert site.refused(first_total(sealed(site), 1), "stranger") == ("NotFirstLeaf", {"index": 1})


def test_a_total_that_starts_with_a_gift_disproves(site):
    leaves = [leaf(1, 0, 600, -5, 1000), leaf(1, 600, 900, 112, TOTAL_G)]
    batch = sealed(site, leaves)
    refuses_strangers_to_the_bank(batch, lambda claim: first_total(batch, claim=claim))
    second = batch.proof(1)
    forged = site.challenge.functions.challengeFirstTotal(batch.claim, (second[0], 0, second[2]))
    assert site.refused(forged, "stranger")[0] == "BadLeafProof"
    disproves(batch, first_total(batch), FIRST, 0)
