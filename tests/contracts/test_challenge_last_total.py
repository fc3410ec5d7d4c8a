"""`challengeLastTotal`: the last running total is all that was issued."""

import pytest

from tests.contracts.evidence_made import (
    LAST,
    OPERATOR_G,
    TOTAL_G,
    disproves,
    leaf,
    refuses_strangers_to_the_bank,
    sealed,
)


def last_total(batch, index=2, claim=None):
    proof = batch.proof(index)
    return batch.site.challenge.functions.challengeLastTotal(claim or batch.claim, proof)


def test_a_total_that_holds_proves_nothing(site):
    batch = sealed(site)
    assert site.refused(last_total(batch), "stranger") == (
        "TotalHolds",
        {"batchId": batch.batch_id, "index": 2, "runningG": TOTAL_G},
    )


def test_drivers_and_buffer_are_part_of_the_total(site):
    batch = sealed(site, operatorG=OPERATOR_G - 300, driversG=300, payoutRoot=b"\x01" * 32)
    assert site.refused(last_total(batch), "stranger")[0] == "TotalHolds"


def test_only_the_last_leaf_counts(site):
    assert site.refused(last_total(sealed(site), 1), "stranger") == (
        "NotLastLeaf",
        {"index": 1, "lastIndex": 2},
    )


@pytest.mark.parametrize("issued_g", [OPERATOR_G + 1, OPERATOR_G - 1])
def test_more_or_less_than_was_earned_disproves(site, issued_g):
    batch = sealed(site, operatorG=issued_g)
    refuses_strangers_to_the_bank(batch, lambda claim: last_total(batch, claim=claim))
    disproves(batch, last_total(batch), LAST, 2)


def test_a_loss_that_was_issued_disproves(site):
    batch = sealed(site, [leaf(1, 0, 600, -TOTAL_G, -TOTAL_G)])
    forged = site.challenge.functions.challengeLastTotal(
        batch.claim, (leaf(1, 0, 600, -1, -1), 0, [])
    )
    assert site.refused(forged, "stranger")[0] == "BadLeafProof"
    disproves(batch, last_total(batch, 0), LAST, 0)
