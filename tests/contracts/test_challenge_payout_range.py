"""`challengePayoutRange`: a payout beyond what the batch holds for drivers."""

import pytest

from tests.contracts.evidence_made import (
    OPERATOR_G,
    RANGE,
    disproves,
    refuses_strangers_to_the_bank,
    sealed,
)
from tests.contracts.ledger_site import payout_leaf

WIDE = 2**256 - 1


def paying(site, from_g, amount_g):
    """A batch that holds 300 g for drivers and promises one payout, so its leaf is the root."""
    payout = (4, site.at["driver"], from_g, amount_g)
    root = payout_leaf(payout)
    return payout, sealed(site, operatorG=OPERATOR_G - 300, driversG=300, payoutRoot=root)


def out_of_range(batch, payout, claim=None):
    return batch.site.challenge.functions.challengePayoutRange(claim or batch.claim, payout, [])


@pytest.mark.parametrize(("from_g", "amount_g"), [(0, 300), (299, 1), (300, 0), (0, 0)])
def test_a_payout_within_the_batch_proves_nothing(site, from_g, amount_g):
    payout, batch = paying(site, from_g, amount_g)
    assert site.refused(out_of_range(batch, payout), "stranger") == (
        "PayoutInRange",
        {"batchId": batch.batch_id, "index": 4, "driversG": 300},
    )


def test_the_batch_and_the_payout_must_be_its_own(site):
    payout, batch = paying(site, 0, 301)
    refuses_strangers_to_the_bank(batch, lambda claim: out_of_range(batch, payout, claim))
    assert site.refused(out_of_range(batch, (*payout[:3], 302)), "stranger") == (
        "BadPayoutProof",
        {"batchId": batch.batch_id, "index": 4},
    )


@pytest.mark.parametrize(
    ("from_g", "amount_g"), [(0, 301), (300, 1), (301, 0), (WIDE, 1), (1, WIDE), (WIDE, WIDE)]
)
def test_a_payout_beyond_the_batch_disproves(site, from_g, amount_g):
    payout, batch = paying(site, from_g, amount_g)
    leaf = int.from_bytes(payout_leaf(payout))
    disproves(batch, out_of_range(batch, payout), RANGE, leaf)
