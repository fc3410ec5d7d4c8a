"""`challengeRunningTotal`: every running total is the one before it and its own reduction."""

import pytest

from tests.contracts.evidence_made import (
    RUNNING,
    TOTAL_G,
    bank_comes_first,
    bent,
    disproves,
    leaf,
    sealed,
)

HUGE = 2**63 - 1


def running_total(batch, a, b):
    return batch.site.challenge.functions.challengeRunningTotal(
        batch.claim, batch.proof(a), batch.proof(b)
    )


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch = sealed(site)
    challenge, claim = site.challenge.functions.challengeRunningTotal, batch.claim
    wrong = [bent(batch.proof(index)) for index in range(3)]
    bank_comes_first(batch, lambda claim: challenge(claim, wrong[0], wrong[2]))
    for a, b in ((0, 2), (1, 0), (1, 1), (2, 1)):
        assert site.refused(challenge(claim, wrong[a], wrong[b]), "stranger") == (
            "NotNeighbours",
            {"indexA": a, "indexB": b},
        )
    for pair, index in (((wrong[0], wrong[1]), 0), ((batch.proof(0), wrong[1]), 1)):
        assert site.refused(challenge(claim, *pair), "stranger") == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": index},
        )
    for a, b, total_g in ((0, 1, 1200), (1, 2, TOTAL_G)):
        assert site.refused(running_total(batch, a, b), "stranger") == (
            "TotalHolds",
            {"batchId": batch.batch_id, "index": b, "runningG": total_g},
        )


@pytest.mark.parametrize(
    ("grams", "running", "next_grams"),
    [(500, 500, 611), (500, 500, 613), (HUGE, HUGE, HUGE), (-HUGE - 1, -HUGE - 1, -HUGE - 1)],
)
def test_a_total_that_does_not_add_up_disproves(site, grams, running, next_grams):
    batch = sealed(site, [leaf(1, 0, 600, grams, running), leaf(1, 600, 900, next_grams, TOTAL_G)])
    disproves(batch, running_total(batch, 0, 1), RUNNING, 1)
