"""`challengeTime`: a leaf that does not lie in its month."""

import pytest

from tests.contracts.evidence_made import (
    ENDS,
    STARTS,
    TIME,
    TOTAL_G,
    bank_comes_first,
    bent,
    disproves,
    sealed,
    trips,
)
from tests.contracts.ledger_site import DAY, DECEMBER

# The middle of the month that is December 2039 again if months are counted in 32 bits; a month
# has 30.436875 days in the mean of 400 years.
WRAPPED = STARTS + 14 * DAY + 2**32 * 2_629_746


def with_times(site, start, end):
    return sealed(site, [(1, start, end, TOTAL_G, TOTAL_G, b"\x07" * 32)])


def time(batch):
    return batch.site.challenge.functions.challengeTime(batch.claim, batch.proof(0))


@pytest.mark.parametrize(
    ("start", "end"),
    [(STARTS, STARTS + 1), (ENDS - 1, ENDS), (ENDS - 1, ENDS + DAY), (STARTS, ENDS + DAY)],
)
def test_from_the_first_second_to_a_day_after_the_last_all_is_well(site, start, end):
    batch = with_times(site, start, end)
    assert site.refused(time(batch), "stranger") == (
        "LeafInTime",
        {"batchId": batch.batch_id, "index": 0, "month": DECEMBER},
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (STARTS - 1, STARTS + 600),
        (ENDS, ENDS + 600),
        (STARTS + 600, STARTS + 600),
        (STARTS + 600, STARTS),
        (ENDS - 1, ENDS + DAY + 1),
        (0, 1),
        (0, 0),
        (STARTS, 2**64 - 1),
        (2**64 - 2, 2**64 - 1),
        (WRAPPED, WRAPPED + 600),
    ],
)
def test_a_leaf_outside_of_its_month_disproves(site, start, end):
    batch = with_times(site, start, end)
    disproves(batch, time(batch), TIME, 0)


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch = sealed(site, [*trips()[:2], (1, ENDS, ENDS + 60, -88, TOTAL_G, b"\x07" * 32)])
    challenge, (leaf, index, path) = site.challenge.functions.challengeTime, batch.proof(2)
    fine = bent(batch.proof(0))  # and in its month
    bank_comes_first(batch, lambda claim: challenge(claim, fine))
    for wrong, at in ((fine, 0), ((leaf, 1, path), 1)):
        assert site.refused(challenge(batch.claim, wrong), "stranger") == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": at},
        )
    assert site.refused(challenge(batch.claim, batch.proof(0)), "stranger") == (
        "LeafInTime",
        {"batchId": batch.batch_id, "index": 0, "month": DECEMBER},
    )
    disproves(batch, challenge(batch.claim, (leaf, index, path)), TIME, 2)
