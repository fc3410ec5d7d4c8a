"""`challengeLastTotal`: the last running total is all that was issued."""

import pytest

from tests.contracts.evidence_made import (
    LAST,
    OPERATOR_G,
    TOTAL_G,
    bank_comes_first,
    bent,
    disproves,
    leaf,
    sealed,
)


def last_total(batch, index=2):
    return batch.site.challenge.functions.challengeLastTotal(batch.claim, batch.proof(index))


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch = sealed(site)
    challenge = site.challenge.functions.challengeLastTotal
    bank_comes_first(batch, lambda claim: challenge(claim, bent(batch.proof(1))))
    assert site.refused(challenge(batch.claim, bent(batch.proof(1))), "stranger") == (
        "NotLastLeaf",
        {"index": 1, "lastIndex": 2},
    )
    assert site.refused(challenge(batch.claim, bent(batch.proof(2))), "stranger") == (
        "BadLeafProof",
        {"batchId": batch.batch_id, "index": 2},
    )
    assert site.refused(last_total(batch), "stranger") == (
        "TotalHolds",
        {"batchId": batch.batch_id, "index": 2, "runningG": TOTAL_G},
    )


def test_drivers_and_buffer_are_part_of_the_total(site):
    batch = sealed(site, operatorG=OPERATOR_G - 300, driversG=300, payoutRoot=b"\x01" * 32)
    assert site.refused(last_total(batch), "stranger")[0] == "TotalHolds"


@pytest.mark.parametrize("issued_g", [OPERATOR_G + 1, OPERATOR_G - 1])
def test_more_or_less_than_was_earned_disproves(site, issued_g):
    batch = sealed(site, operatorG=issued_g)
    disproves(batch, last_total(batch), LAST, 2)


def test_a_loss_that_was_issued_disproves(site):
    batch = sealed(site, [leaf(1, 0, 600, -TOTAL_G, -TOTAL_G)])
    forged = site.challenge.functions.challengeLastTotal(
        batch.claim, (leaf(1, 0, 600, -1, -1), 0, [])
    )
    assert site.refused(forged, "stranger")[0] == "BadLeafProof"
    disproves(batch, last_total(batch, 0), LAST, 0)
