"""`challengePayouts`: two payouts of one index, or of the same grams."""

import pytest

from tests.contracts.evidence_made import (
    OPERATOR_G,
    PAYOUTS,
    bank_comes_first,
    disproves,
    sealed,
)
from tests.contracts.ledger_site import payout_leaf, payout_tree

WIDE = 2**256 - 1


class Paid:
    """A batch with two payouts out of 300 g."""

    def __init__(self, site, one, two):
        self.payouts = [
            (index, site.at[who], from_g, amount_g)
            for who, (index, from_g, amount_g) in zip(
                ("driver", "driver_b"), (one, two), strict=True
            )
        ]
        root, self.proofs = payout_tree(self.payouts)
        self.batch = sealed(site, operatorG=OPERATOR_G - 300, driversG=300, payoutRoot=root)
        self.challenge = site.challenge.functions.challengePayouts

    def call(self, a=0, b=1):
        pair = (self.payouts[a], self.proofs[a], self.payouts[b], self.proofs[b])
        return self.challenge(self.batch.claim, *pair)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((0, 0, 200), (1, 200, 100)),
        ((0, 200, 100), (1, 0, 200)),
        ((0, 0, 200), (1, 100, 0)),
        ((0, 0, 0), (1, 0, 0)),
        ((0, 0, 200), (1, WIDE, WIDE)),
    ],
)
def test_payouts_that_share_no_gram_prove_nothing(site, one, two):
    paid = Paid(site, one, two)
    for a, b in ((0, 1), (1, 0)):
        assert site.refused(paid.call(a, b), "stranger") == (
            "PayoutsApart",
            {"batchId": paid.batch.batch_id, "indexA": a, "indexB": b},
        )


def test_it_is_refused_in_the_order_of_the_checks(site):
    paid = Paid(site, (0, 0, 200), (1, 200, 100))
    (one, two), proofs, claim = paid.payouts, paid.proofs, paid.batch.claim
    stolen = (one[0], site.at["stranger"], *one[2:])
    bank_comes_first(
        paid.batch, lambda claim: paid.challenge(claim, stolen, proofs[0], stolen, proofs[0])
    )
    for call, index in (
        (paid.challenge(claim, stolen, proofs[0], stolen, proofs[0]), 0),
        (paid.challenge(claim, one, proofs[1], (2, *two[1:]), proofs[1]), 0),
        (paid.challenge(claim, one, proofs[0], (2, *two[1:]), proofs[1]), 2),
    ):
        assert site.refused(call, "stranger") == (
            "BadPayoutProof",
            {"batchId": paid.batch.batch_id, "index": index},
        )
    assert site.refused(paid.call(1, 1), "stranger") == (
        "SamePayout",
        {"batchId": paid.batch.batch_id, "index": 1},
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((0, 0, 200), (0, 200, 100)),
        ((0, 0, 201), (1, 200, 100)),
        ((0, 200, 100), (1, 0, 201)),
        ((0, 0, 300), (1, 100, 1)),
        ((0, 7, 1), (1, 7, 1)),
        ((0, 1, WIDE), (1, WIDE - 1, WIDE)),
    ],
)
def test_one_index_or_one_gram_for_two_disproves_in_either_order(site, one, two):
    paid = Paid(site, one, two)
    leaves = sorted(int.from_bytes(payout_leaf(payout)) for payout in paid.payouts)
    disproves(paid.batch, paid.call(1, 0), PAYOUTS, *leaves)
    # The other way around it is the same fact, and that is settled.
    assert site.refused(paid.call(0, 1), "stranger")[0] == "ProofSettled"
