"""`challengeFirstTotal`: the first running total is the first reduction."""

from tests.contracts.evidence_made import (
    FIRST,
    TOTAL_G,
    bank_comes_first,
    bent,
    disproves,
    leaf,
    sealed,
)


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch = sealed(site)
    challenge = site.challenge.functions.challengeFirstTotal
    first, second = batch.proof(0), batch.proof(1)
    bank_comes_first(batch, lambda claim: challenge(claim, bent(second)))
    assert site.refused(challenge(batch.claim, bent(second)), "stranger") == (
        "NotFirstLeaf",
        {"index": 1},
    )
    for wrong in (bent(first), (second[0], 0, second[2])):
        assert site.refused(challenge(batch.claim, wrong), "stranger") == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": 0},
        )
    assert site.refused(challenge(batch.claim, first), "stranger") == (
        "TotalHolds",
        {"batchId": batch.batch_id, "index": 0, "runningG": 500},
    )


def test_a_total_that_starts_with_a_gift_disproves(site):
    leaves = [leaf(1, 0, 600, -5, 1000), leaf(1, 600, 900, 112, TOTAL_G)]
    batch = sealed(site, leaves)
    call = site.challenge.functions.challengeFirstTotal(batch.claim, batch.proof(0))
    disproves(batch, call, FIRST, 0)
