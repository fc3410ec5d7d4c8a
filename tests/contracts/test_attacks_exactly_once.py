"""The same tonnes again: under another spelling, in another order of rows, at a successor."""

from dataclasses import replace

import pytest
from eth_utils import keccak

from carbonbank.domain.claim import vehicle_words
from carbonbank.domain.evidence import LeafRow, build_leaves, encode_leaf
from carbonbank.domain.merkle import evidence_root
from carbonbank.domain.vin import vin_commitment
from tests.contracts.ledger_site import (
    DECEMBER,
    FIRST_MONTH,
    FLEET,
    JANUARY,
    KEY_HASH,
    METHOD,
    NOW,
    _deploy,
    role,
)

REGISTRY_KEY = b"a registry key of thirty-two byt"
VIN = "WVWZZZ1JZXW000001"
DECEMBER_STARTS = NOW - 45 * 86_400  # 1 December 2039, 12:00


@pytest.mark.parametrize(
    "spelling",
    [VIN.lower(), f" {VIN} ", "WVW ZZZ1JZ XW000001", "WVW-ZZZ1JZ-XW000001", "W.VWZZZ1JZXW000001"],
)
def test_a_vin_in_another_spelling_is_the_same_vehicle(site, spelling):
    def enrol(vin):
        return site.bank.functions.enrolVehicles(
            FLEET, [vin_commitment(REGISTRY_KEY, vin)], FIRST_MONTH
        )

    site.do(enrol(VIN), "registrar")
    assert site.refused(enrol(spelling), "registrar") == (
        "VehicleExists",
        {"commitment": vin_commitment(REGISTRY_KEY, VIN), "vehicleIndex": 4},
    )


def rows():
    return [
        LeafRow(
            vehicle_index=vehicle,
            start_at=DECEMBER_STARTS + start,
            end_at=DECEMBER_STARTS + start + 600,
            reduction_g=grams,
            record_hash=keccak(text=f"record {vehicle} {start}"),
        )
        for vehicle, start, grams in [(1, 0, 500), (1, 900, 400), (2, 0, 212)]
    ]


def sealed(site, offered):
    """Return the claim and the words that rows are sealed into."""
    leaves = build_leaves(offered)
    word_index, bits = vehicle_words([leaf.vehicle_index for leaf in leaves])
    words = dict(zip(word_index, bits, strict=True))
    root = evidence_root(map(encode_leaf, leaves))
    return site.claim(words, tripCount=len(leaves), evidenceRoot=root), words


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_the_same_rows_in_another_order_are_the_same_batch(site, order):
    claim, words = sealed(site, rows())
    site.do(site.issue_call(claim, words), "issuer")
    again, same_words = sealed(site, [rows()[i] for i in order])
    assert site.refused(site.issue_call(again, same_words), "issuer") == (
        "BatchAlreadyIssued",
        {"batchId": site.ask(site.bank.functions.batchIdOf(claim))},
    )


def test_rows_told_differently_are_another_claim_for_the_same_vehicle_month(site):
    claim, words = sealed(site, rows())
    site.do(site.issue_call(claim, words), "issuer")
    again, same_words = sealed(site, [*rows()[:2], replace(rows()[2], record_hash=bytes(32))])
    assert site.refused(site.issue_call(again, same_words), "issuer") == (
        "VehicleMonthAlreadyCredited",
        {"vehicleIndex": 1, "month": DECEMBER},
    )


@pytest.mark.parametrize("month", [JANUARY, JANUARY + 1, JANUARY + 12, 2**32 - 1])
def test_a_month_that_is_not_over_is_not_credited(site, month):
    assert site.refused(site.issue_call(site.claim(month=month)), "issuer") == (
        "MonthStillRunning",
        {"month": month, "currentMonth": JANUARY},
    )


def successor(site, first_month):
    """Return the site with another bank of the same people, fleet and vehicles."""
    bank = _deploy(
        site, "CarbonBank", site.forwarder.address, site.at["admin"], 0, first_month, KEY_HASH, ""
    )
    other = replace(site, bank=bank)
    for name in ("certifier", "verifier", "issuer", "registrar"):
        other.do(bank.functions.grantRole(role(name.upper()), site.at[name]), "admin")
    certify = bank.functions.certifyMethodology(METHOD, "AMS-III.C/16", 1000, False)
    other.do(certify, "certifier")
    other.do(bank.functions.enrolFleet(FLEET, site.at["operator"]), "registrar")
    enrol = bank.functions.enrolVehicles(FLEET, [keccak(text="vehicle 1")], FIRST_MONTH)
    other.do(enrol, "registrar")
    return other


def test_a_month_of_the_predecessor_is_no_month_of_its_successor(site):
    site.do(site.bank.functions.setLastMonth(JANUARY), "admin")
    site.issue()
    other = successor(site, first_month=JANUARY + 1)
    assert other.refused(other.issue_call(other.claim()), "issuer") == (
        "MonthOutOfRange",
        {"month": DECEMBER, "firstMonth": JANUARY + 1, "lastMonth": 2**32 - 1},
    )


def test_a_claim_signed_for_one_bank_is_not_signed_for_its_successor(site):
    claim = site.claim()
    other = successor(site, first_month=FIRST_MONTH)
    assert other.refused(other.issue_call(claim, signature=site.sign_claim(claim)), "issuer") == (
        "BadVerifierSignature",
        {
            "batchId": site.ask(site.bank.functions.batchIdOf(claim)),
            "verifier": site.at["verifier"],
        },
    )
