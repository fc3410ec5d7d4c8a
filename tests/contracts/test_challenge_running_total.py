"""`challengeRunningTotal`: every running total is the one before it and its own reduction."""

import pytest

from tests.contracts.evidence_made import (
    RUNNING,
    TOTAL_G,
    disproves,
    leaf,
    refuses_strangers_to_the_bank,
    sealed,
    trips,
)

HUGE = 2**63 - 1


def running_total(batch, a, b, claim=None):
    return batch.site.challenge.functions.challengeRunningTotal(
        claim or batch.claim, batch.proof(a), batch.proof(b)
    )


def test_totals_that_add_up_prove_nothing(site):
    batch = sealed(site)
    for a, b, total_g in ((0, 1, 1200), (1, 2, TOTAL_G)):
        assert site.refused(running_total(batch, a, b), "stranger") == (
            "TotalHolds",
            {"batchId": batch.batch_id, "index": b, "runningG": total_g},
        )


def test_only_neighbours_in_order_count(site):
    batch = sealed(site)
    for a, b in ((0, 2), (1, 0), (1, 1), (2, 1)):
        assert site.refused(running_total(batch, a, b), "stranger") == (
            "NotNeighbours",
            {"indexA": a, "indexB": b},
        )


@pytest.mark.parametrize(
    ("grams", "running", "next_grams"),
    [(500, 500, 611), (500, 500, 613), (HUGE, HUGE, HUGE), (-HUGE - 1, -HUGE - 1, -HUGE - 1)],
)
def test_a_total_that_does_not_add_up_disproves(site, grams, running, next_grams):
    batch = sealed(site, [leaf(1, 0, 600, grams, running), leaf(1, 600, 900, next_grams, TOTAL_G)])
    disproves(batch, running_total(batch, 0, 1), RUNNING, 1)


def test_the_batch_and_each_leaf_must_be_its_own(site):
    leaves = trips()
    leaves[1] = leaf(1, 600, 1200, 699, 1200)
    batch = sealed(site, leaves)
    refuses_strangers_to_the_bank(batch, lambda claim: running_total(batch, 0, 1, claim))
    challenge = site.challenge.functions.challengeRunningTotal
    a, b = batch.proof(0), batch.proof(1)
    forged = (*leaves[0][:4], 499, leaves[0][5])
    for pair, index in ((((forged, 0, a[2]), b), 0), ((a, (forged, 1, b[2])), 1)):
        assert site.refused(challenge(batch.claim, *pair), "stranger") == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": index},
        )
