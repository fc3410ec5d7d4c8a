"""A prover that did not run, or did too little, is no proof: the counts are read, and refused."""

import pytest

from scripts.prove import read_forge, read_halmos, read_slither
from scripts.provers import NotProvenError

UNITS = "\n".join(f"[PASS] test_{number}() (gas: 1)" for number in range(140))
FORGE = f"""{UNITS}
[PASS] invariant_bank() (runs: 1000, calls: 250000, reverts: 0)
[PASS] invariant_market() (runs: 1000, calls: 250000, reverts: 0)
Ran 5 test suites in 9s (9s CPU time): 142 tests passed, 0 failed, 0 skipped (142 total tests)
"""
HALMOS = "\n".join(f"[PASS] check_{number}(uint8) (paths: 1)" for number in range(40))
SLITHER = ". analyzed (67 contracts with 102 detectors), 1 result(s) found"
FOUND = [{"check": "timestamp", "impact": "Low", "where": "Bank.freeze"}]
ACCEPTED = {"timestamp Bank.freeze": "days"}


def test_forge_that_ran_enough_is_told():
    assert read_forge(FORGE, 500_000)[-1] == "500000 calls in all, none reverted"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "did the native binary run"),
        (FORGE.replace("0 failed", "1 failed"), "1 failed"),
        (FORGE.replace("0 skipped", "1 skipped"), "1 skipped"),
        (FORGE.replace("calls: 250000", "calls: 249999"), "499998 calls"),
        (FORGE.replace("reverts: 0", "reverts: 3"), "reverted"),
        (FORGE.replace("invariant_bank", "test_bank"), "1 invariants"),
        (FORGE.replace(UNITS, ""), "0 tests only"),
    ],
)
def test_forge_that_did_not_is_refused(text, reason):
    with pytest.raises(NotProvenError, match=reason):
        read_forge(text, 500_000)


def test_halmos_that_proved_all_is_told():
    assert read_halmos(HALMOS)[-1] == "40 proofs"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 proofs"),
        (HALMOS.replace("[PASS] check_3", "[TIMEOUT] check_3"), "check_3"),
        (HALMOS.replace("[PASS] check_4", "[FAIL] check_4"), "check_4"),
    ],
)
def test_halmos_that_did_not_is_refused(text, reason):
    with pytest.raises(NotProvenError, match=reason):
        read_halmos(text)


def test_slither_whose_findings_are_all_accepted_is_told():
    assert read_slither(SLITHER, FOUND, ACCEPTED)[-1].endswith("1 low")


@pytest.mark.parametrize(
    ("text", "found", "accepted", "reason"),
    [
        ("", FOUND, ACCEPTED, "no summary"),
        (SLITHER.replace("67", "3"), FOUND, ACCEPTED, "3 contracts"),
        (SLITHER, FOUND, {}, "nobody accepted"),
        (SLITHER, [], ACCEPTED, "no longer finds"),
    ],
)
def test_slither_that_is_not_is_refused(text, found, accepted, reason):
    with pytest.raises(NotProvenError, match=reason):
        read_slither(text, found, accepted)
