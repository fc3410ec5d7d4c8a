"""`challengeOrder`: two leaves that stand in the wrong order, whoever is between them."""

from tests.contracts.evidence_made import (
    ORDER,
    TOTAL_G,
    bank_comes_first,
    bent,
    disproves,
    leaf,
    sealed,
    trips,
)


def order(batch, a, b):
    proofs = (batch.proof(a), batch.proof(b))
    return batch.site.challenge.functions.challengeOrder(batch.claim, *proofs)


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch = sealed(site)
    challenge, first, last = site.challenge.functions.challengeOrder, batch.proof(0), batch.proof(2)
    bank_comes_first(batch, lambda claim: challenge(claim, bent(last), bent(first)))
    for a, b in ((last, first), (first, first)):
        assert site.refused(challenge(batch.claim, bent(a), bent(b)), "stranger") == (
            "IndicesNotAscending",
            {"indexA": a[1], "indexB": 0},
        )
    for a, b, index in ((bent(first), bent(last), 0), (first, bent(last), 2)):
        assert site.refused(challenge(batch.claim, a, b), "stranger") == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": index},
        )
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert site.refused(order(batch, a, b), "stranger") == (
            "LeavesInOrder",
            {"batchId": batch.batch_id, "indexA": a, "indexB": b},
        )


def test_a_smaller_vehicle_is_always_before_whatever_its_time(site):
    leaves = [leaf(1, 600, 1200, 500, 500), leaf(2, 0, 600, 612, TOTAL_G)]
    batch = sealed(site, leaves, {0: 0b110})
    assert site.refused(order(batch, 0, 1), "stranger")[0] == "LeavesInOrder"


def test_two_numbers_make_a_pair_in_one_order_only(site):
    batch = sealed(site, [*trips()[:2], leaf(1, 0, 600, -88, TOTAL_G)])
    for a, b in ((2, 0), (1, 1)):
        assert site.refused(order(batch, a, b), "stranger") == (
            "IndicesNotAscending",
            {"indexA": a, "indexB": b},
        )


def test_trips_that_share_a_second_disprove_also_with_one_between(site):
    long = leaf(1, 0, 5001, 500, 500)
    batch = sealed(site, [long, leaf(1, 5001, 5500, 700, 1200), leaf(1, 5000, 6000, -88, TOTAL_G)])
    disproves(batch, order(batch, 0, 2), ORDER, 0, 2)


def test_a_smaller_vehicle_behind_a_larger_one_disproves(site):
    batch = sealed(site, [leaf(2, 0, 600, 500, 500), leaf(1, 600, 1200, 612, TOTAL_G)], {0: 0b110})
    disproves(batch, order(batch, 0, 1), ORDER, 0, 1)
