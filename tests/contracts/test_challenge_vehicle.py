"""`challengeVehicle`: a leaf of a vehicle the claim does not name."""

import pytest

from tests.contracts.evidence_made import (
    TOTAL_G,
    VEHICLE,
    bank_comes_first,
    bent,
    disproves,
    leaf,
    sealed,
)
from tests.contracts.ledger_site import words_hash


def vehicle(batch, words=None):
    words = batch.words if words is None else words
    return batch.site.challenge.functions.challengeVehicle(
        batch.claim, batch.proof(0), list(words), list(words.values())
    )


def one(site, number, words):
    return sealed(site, [leaf(number, 0, 600, TOTAL_G, TOTAL_G)], words)


@pytest.mark.parametrize("number", [1, 3])
def test_a_vehicle_that_is_named_proves_nothing(site, number):
    batch = one(site, number, {0: 0b1010})
    assert site.refused(vehicle(batch), "stranger") == (
        "VehicleIsClaimed",
        {"batchId": batch.batch_id, "vehicleIndex": number},
    )


def test_the_words_must_be_those_of_the_claim(site):
    batch = one(site, 2, {0: 0b1010})
    for words in ({0: 0b1000}, {1: 0b1010}, {0: 0b1010, 1: 1}, {}):
        assert site.refused(vehicle(batch, words), "stranger") == (
            "VehiclesHashMismatch",
            {"vehiclesHash": words_hash({0: 0b1010}), "actualHash": words_hash(words)},
        )


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch = one(site, 3, {0: 0b1010})
    challenge, wrong = site.challenge.functions.challengeVehicle, bent(batch.proof(0))
    bank_comes_first(batch, lambda claim: challenge(claim, wrong, [0], [0b1000]))
    assert site.refused(challenge(batch.claim, wrong, [0], [0b1000]), "stranger") == (
        "VehiclesHashMismatch",
        {"vehiclesHash": words_hash({0: 0b1010}), "actualHash": words_hash({0: 0b1000})},
    )
    assert site.refused(challenge(batch.claim, wrong, [0], [0b1010]), "stranger") == (
        "BadLeafProof",
        {"batchId": batch.batch_id, "index": 0},
    )
    assert site.refused(vehicle(batch), "stranger") == (
        "VehicleIsClaimed",
        {"batchId": batch.batch_id, "vehicleIndex": 3},
    )


def test_a_leaf_is_not_made_another_vehicles(site):
    batch = one(site, 2, {0: 0b1010})
    (stolen, *rest), index, path = batch.proof(0)
    call = site.challenge.functions.challengeVehicle(
        batch.claim, ((stolen + 2, *rest), index, path), [0], [0b1010]
    )
    assert site.refused(call, "stranger") == (
        "BadLeafProof",
        {"batchId": batch.batch_id, "index": 0},
    )


@pytest.mark.parametrize("number", [0, 2, 255, 256 + 1, 256 * 2**24 - 1])
def test_a_vehicle_that_is_not_named_disproves(site, number):
    batch = one(site, number, {0: 0b1010})
    disproves(batch, vehicle(batch), VEHICLE, 0)
