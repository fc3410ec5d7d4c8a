"""BANK_C: no (vehicle, month) is credited twice under any claim, and none outside its fleet."""

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.ledger_site import (
    DECEMBER,
    FIRST_MONTH,
    FLEET,
    FLEET_B,
    JANUARY,
    METHOD_B,
    NOVEMBER,
    NOW,
)

FEBRUARY = JANUARY + 1


def enrol(site, names, fleet=FLEET, from_month=FIRST_MONTH):
    commitments = [keccak(text=name) for name in names]
    site.do(site.bank.functions.enrolVehicles(fleet, commitments, from_month), "registrar")


def fleet_b(site):
    site.do(site.bank.functions.enrolFleet(FLEET_B, site.at["operator_b"]), "registrar")


def in_b(site):
    return {"fleetId": FLEET_B, "operator": site.at["operator_b"]}


def refused(site, words, **changes):
    changes.setdefault("reportHash", keccak(text="another report"))  # never the very same claim
    return site.refused(site.issue_call(site.claim(words, **changes), words), "issuer")


def credited_before(vehicle, month=DECEMBER):
    return "VehicleMonthAlreadyCredited", {"vehicleIndex": vehicle, "month": month}


def test_a_vehicle_month_is_refused_in_any_other_claim_of_its_fleet(site):
    site.issue({0: 0b0100})
    # Alone, with another vehicle, with other evidence: vehicle 2 was credited.
    assert refused(site, {0: 0b0100}) == credited_before(2)
    assert refused(site, {0: 0b1100}) == credited_before(2)
    site.issue({0: 0b1000})
    site.issue({0: 0b0100}, month=NOVEMBER)
    assert site.ask(site.bank.functions.creditedWord(DECEMBER, 0)) == 0b1100


def test_another_methodology_does_not_credit_it_again(site):
    site.do(site.bank.functions.certifyMethodology(METHOD_B, "other", 0, False), "certifier")
    site.issue({0: 0b0010})
    assert refused(site, {0: 0b0010}, methodologyId=METHOD_B) == credited_before(1)


def test_another_fleet_does_not_credit_it_at_all(site):
    fleet_b(site)
    assert refused(site, {0: 0b0010}, **in_b(site)) == (
        "VehicleNotInFleet",
        {"vehicleIndex": 1, "fleetId": FLEET_B, "month": DECEMBER},
    )


@pytest.mark.parametrize("bit", [0, 4, 255])
def test_a_vehicle_that_was_never_enrolled_is_not_credited(site, bit):
    assert refused(site, {0: 1 << bit})[1]["vehicleIndex"] == bit
    assert refused(site, {2**24 - 1: 1 << bit})[1]["vehicleIndex"] == 2**32 - 256 + bit


@pytest.mark.parametrize(
    ("indices", "bits", "refusal"),
    [
        ([], [], ("BadWordCount", {"words": 0, "bitmaps": 0})),
        ([0], [], ("BadWordCount", {"words": 1, "bitmaps": 0})),
        ([0], [2, 4], ("BadWordCount", {"words": 1, "bitmaps": 2})),
        ([0], [0], ("EmptyWord", {"wordIndex": 0})),
        ([0, 0], [2, 2], ("WordsNotAscending", {"wordIndex": 0})),
        ([0, 0], [2, 4], ("WordsNotAscending", {"wordIndex": 0})),
    ],
)
def test_the_words_of_one_claim_name_a_vehicle_once(site, indices, bits, refusal):
    vehicles_hash = keccak(encode(["uint256[]", "uint256[]"], [indices, bits]))
    claim = site.claim(vehiclesHash=vehicles_hash)
    call = site.bank.functions.issue(claim, indices, bits, site.sign_claim(claim))
    assert site.refused(call, "issuer") == refusal


def test_words_in_another_order_are_refused(site):
    enrol(site, [f"car {n}" for n in range(253)])  # with the first three up to number 256
    words = {1: 1, 0: 2}
    assert refused(site, words) == ("WordsNotAscending", {"wordIndex": 0})
    site.issue({0: 2, 1: 1})


def test_nothing_is_credited_before_a_vehicles_first_month(site):
    enrol(site, ["late"], from_month=DECEMBER)  # vehicle 4, the same word as 1 to 3
    assert refused(site, {0: 1 << 4}, month=NOVEMBER) == (
        "VehicleNotInFleet",
        {"vehicleIndex": 4, "fleetId": FLEET, "month": NOVEMBER},
    )
    site.issue({0: 1 << 4}, month=DECEMBER)
    # The late one does not take the older months from its neighbours.
    site.issue({0: 0b1110}, month=NOVEMBER)
    assert refused(site, {0: 0b0010}, month=NOVEMBER) == credited_before(1, NOVEMBER)


def test_a_moved_vehicle_belongs_to_one_fleet_a_month_and_its_past_stays(site):
    fleet_b(site)
    site.do(site.bank.functions.moveVehicle(1, FLEET_B, FEBRUARY), "registrar")
    site.travel(NOW + 60 * 86_400)  # March: February is over

    assert refused(site, {0: 0b0010}, month=FEBRUARY)[0] == "VehicleNotInFleet"
    assert refused(site, {0: 0b0010}, month=JANUARY, **in_b(site))[0] == "VehicleNotInFleet"
    site.issue({0: 0b0010}, month=JANUARY)
    site.issue({0: 0b0010}, month=FEBRUARY, **in_b(site))
    assert refused(site, {0: 0b0010}, month=JANUARY) == credited_before(1, JANUARY)
    assert refused(site, {0: 0b0010}, month=FEBRUARY, **in_b(site)) == credited_before(1, FEBRUARY)


def test_a_vehicle_that_comes_back_is_known_month_by_month(site):
    fleet_b(site)
    site.do(site.bank.functions.moveVehicle(1, FLEET_B, FEBRUARY), "registrar")
    site.do(site.bank.functions.moveVehicle(1, FLEET, FEBRUARY + 1), "registrar")
    site.travel(NOW + 91 * 86_400)  # April
    for month, here in ((JANUARY, True), (FEBRUARY, False), (FEBRUARY + 1, True)):
        owner, other = ({}, in_b(site)) if here else (in_b(site), {})
        assert refused(site, {0: 0b0010}, month=month, **other)[0] == "VehicleNotInFleet"
        site.issue({0: 0b0010}, month=month, **owner)
        # Its neighbours were in the fleet all along.
        site.issue({0: 0b1100}, month=month)


def test_a_frozen_batch_keeps_its_months(site):
    batch_id = site.issue({0: 0b0010})
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert refused(site, {0: 0b0010}) == credited_before(1)
