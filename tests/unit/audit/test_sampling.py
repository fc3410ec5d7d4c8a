"""Sizes as worked out elsewhere, draws that anyone repeats, plans that say when they were bent."""

import hashlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonbank.audit.outcome import Refuted
from carbonbank.audit.package import Package
from carbonbank.audit.plan import Terms, check_plan, make_plan, stratum_weights
from carbonbank.audit.sampling import (
    Stratum,
    allocate,
    draw,
    mean_size,
    pooled_v,
    proportion_size,
    seed_of,
    stratum_of,
)
from carbonbank.errors import SampleUndefined
from tests.unit.audit.by_hand import package_files
from tests.unit.audit.worked_out import sha

Z90, Z95, TENTH = Fraction("1.645"), Fraction("1.96"), Fraction(1, 10)


@pytest.mark.parametrize(
    ("population", "p", "z", "size"),
    [(500, "0.8", Z90, 60), (500, "0.8", Z95, 81), (1, "0.5", Z90, 1)],
)
def test_sizes_for_a_proportion_are_those_of_the_worked_examples(population, p, z, size):
    assert proportion_size(population, Fraction(p), z, TENTH) == size


@pytest.mark.parametrize(
    ("population", "mean", "sd", "size"), [(500, "0.21", "0.05", 15), (40, "25000", "9000", 19)]
)
def test_sizes_for_a_mean_are_those_of_the_worked_examples(population, mean, sd, size):
    v = (Fraction(sd) / Fraction(mean)) ** 2
    assert mean_size(population, v, Z90, TENTH) == size


def test_a_population_of_equals_needs_one():
    assert mean_size(1000, Fraction(0), Z90, TENTH) == 1


def test_strata_are_pooled_as_by_hand():
    # 300 with mean 10, variance 4; 100 with mean 30, variance 16: mean 15, variance 7, V = 7/225.
    # n = 2.706025 · 400 · V / (399 · 0.01 + 2.706025 · V) = 33.674977… / 4.074187… = 8.26…
    strata = [Stratum(300, Fraction(10), Fraction(4)), Stratum(100, Fraction(30), Fraction(16))]
    assert pooled_v(strata) == Fraction(7, 225)
    size = mean_size(400, pooled_v(strata), Z90, TENTH)
    assert size == 9
    assert allocate(size, strata) == [7, 3]  # 6.75 and 2.25, both up


def test_mean_and_variance_are_those_of_all_values():
    assert stratum_of([2, 4, 6]) == Stratum(3, Fraction(4), Fraction(8, 3))


def test_the_draw_is_the_smallest_hashes():
    seed = seed_of(bytes(32))
    assert seed == hashlib.sha256(b"carbonbank.sampling/1" + bytes(32)).digest()
    by_hash = sorted(range(20), key=lambda n: sha(seed + bytes(7) + bytes([n])))
    assert draw(seed, range(20), 5) == sorted(by_hash[:5])


@given(st.binary(min_size=32, max_size=32), st.integers(1, 60), st.integers(0, 60))
def test_a_larger_sample_contains_the_smaller(report_hash, population, size):
    seed = seed_of(report_hash)
    small, large = (draw(seed, range(population), n) for n in (size, size + 1))
    assert set(small) <= set(large) <= set(range(population))
    assert len(small) == min(size, population)


# --- plans ----------------------------------------------------------------------------------------

PACKAGE = Package(package_files(stage="sealed"))
TERMS = Terms(kind="proportion", materiality_bps=500, materiality_source="contract of the verifier")


@pytest.mark.parametrize(
    ("terms", "sizes"),
    [
        ({}, [4]),
        # p = 0.95, e = 0.5: 0.142422… · 4 / (3 · 0.25 + 0.142422…) = 0.63…
        ({"expected_bps": 9500, "precision_bps": 5000}, [1]),
        # Mean 522.75, variance 251138.1875: V = 0.919…, e = 0.9: 9.947… / (2.43 + 2.486…) = 2.02…
        ({"kind": "mean", "precision_bps": 9000}, [3]),
        # car-a: 418, -57, 405, variance 49106.88…; pooled 36830.16…: V = 0.134…, e = 0.9: 0.52…
        ({"kind": "stratified", "precision_bps": 9000}, [1, 1]),
    ],
)
def test_a_plan_follows_from_its_terms(terms, sizes):
    plan = make_plan(PACKAGE, Terms(**{n: getattr(TERMS, n) for n in TERMS.__slots__} | terms))
    assert [one["size"] for one in plan["strata"]] == sizes
    assert plan["size"] == sum(sizes) == len(plan["leaves"])
    assert plan["report_hash"] == sha(PACKAGE.files["report.json"]).hex()
    assert plan["materiality_g"] == 104  # 5 % of 2091 g, down
    assert check_plan(PACKAGE, plan)
    weights = stratum_weights(PACKAGE, plan)
    assert sum(weights.values()) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"leaves": [0, 1, 2]},
        {"size": 3},
        {"seed": "00" * 32},
        {"materiality_g": 10**6},
        {"report_hash": "00" * 32},
        {"population": 5},
    ],
)
def test_a_bent_plan_is_refuted_by_its_field(change):
    plan = make_plan(PACKAGE, TERMS)
    with pytest.raises(Refuted, match=next(iter(change))):
        check_plan(PACKAGE, plan | change)


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "judgement"},
        {"confidence_percent": 80},
        {"precision_bps": 0},
        {"expected_bps": 10_000},
        {"materiality_source": " "},
    ],
)
def test_terms_out_of_range_draw_nothing(terms):
    wrong = Terms(**{n: getattr(TERMS, n) for n in TERMS.__slots__} | terms)
    with pytest.raises(SampleUndefined, match=next(iter(terms))):
        make_plan(PACKAGE, wrong)
