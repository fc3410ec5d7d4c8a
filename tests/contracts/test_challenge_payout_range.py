"""`challengePayoutRange`: a payout beyond what the batch holds for drivers."""

import pytest

from tests.contracts.evidence_made import (
    OPERATOR_G,
    RANGE,
    bank_comes_first,
    disproves,
    sealed,
)
from tests.contracts.ledger_site import payout_leaf

WIDE = 2**256 - 1


def paying(site, from_g, amount_g):
    """A batch that holds 300 g for drivers and promises one payout, so its leaf is the root."""
    payout = (4, site.at["driver"], from_g, amount_g)
    root = payout_leaf(payout)
    return payout, sealed(site, operatorG=OPERATOR_G - 300, driversG=300, payoutRoot=root)


def out_of_range(batch, payout):
    return batch.site.challenge.functions.challengePayoutRange(batch.claim, payout, [])


@pytest.mark.parametrize(("from_g", "amount_g"), [(0, 300), (299, 1), (300, 0), (0, 0)])
def test_a_payout_within_the_batch_proves_nothing(site, from_g, amount_g):
    payout, batch = paying(site, from_g, amount_g)
    assert site.refused(out_of_range(batch, payout), "stranger") == (
        "PayoutInRange",
        {"batchId": batch.batch_id, "index": 4, "driversG": 300},
    )


def test_it_is_refused_in_the_order_of_the_checks(site):
    payout, batch = paying(site, 0, 300)
    stolen = (payout[0], site.at["stranger"], *payout[2:])
    challenge = site.challenge.functions.challengePayoutRange
    bank_comes_first(batch, lambda claim: challenge(claim, stolen, []))
    for wrong in (stolen, (*payout[:3], 302)):
        assert site.refused(out_of_range(batch, wrong), "stranger") == (
            "BadPayoutProof",
            {"batchId": batch.batch_id, "index": 4},
        )
    assert site.refused(out_of_range(batch, payout), "stranger")[0] == "PayoutInRange"


@pytest.mark.parametrize(
    ("from_g", "amount_g"), [(0, 301), (300, 1), (301, 0), (WIDE, 1), (1, WIDE), (WIDE, WIDE)]
)
def test_a_payout_beyond_the_batch_disproves(site, from_g, amount_g):
    payout, batch = paying(site, from_g, amount_g)
    leaf = int.from_bytes(payout_leaf(payout))
    disproves(batch, out_of_range(batch, payout), RANGE, leaf)
