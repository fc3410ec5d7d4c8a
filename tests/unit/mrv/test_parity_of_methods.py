"""Both parities, over random fleets, for every method and carrier."""

from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from methods_made import BY_HAND, PROGRAMMES
from programmes_made import trip

from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.exact import exact_totals, shortfall_bound_g
from carbonbank.mrv.package import build_package, issuable, parse_package
from carbonbank.mrv.programme import METHODS, parse_programme
from carbonbank.mrv.quantify import energy_wh_of, quantify, reduction_of
from carbonbank.mrv.trips import from_trips

thorough = settings(max_examples=25, deadline=None)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 2_000_000),  # metres
        st.integers(0, 400_000),  # Wh
        st.integers(0, 100_000),  # ml
        st.integers(0, 80),  # persons
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    max_size=20,
)


@pytest.fixture(scope="session")
def packages(factors):
    return {
        name: build_package(parse_programme(document), factors)
        for name, document in PROGRAMMES.items()
    }


def fleet_of(rows):
    return [
        trip(
            number,
            distance_m=distance_m,
            energy_grid_wh=wh,
            energy_battery_wh=wh,
            fuel_ml=fuel_ml,
            passengers=persons,
            soc_start_bps=start,
            soc_end_bps=end,
        )
        for number, (distance_m, wh, fuel_ml, persons, start, end) in enumerate(rows)
    ]


def test_every_method_has_a_programme_here():
    assert {document["method"] for document in PROGRAMMES.values()} == set(METHODS)
    assert set(PROGRAMMES) == set(BY_HAND)


@pytest.mark.parametrize("name", PROGRAMMES)
@thorough
@given(rows=ROWS)
def test_parity_a_decimals_with_compiled_coefficients_are_the_integer_path(packages, name, rows):
    compiled = compile_coefficients(packages[name], 2021)
    fleet = fleet_of(rows)
    grams = []
    with localcontext(prec=60):
        for one in fleet:
            km, persons = Decimal(one.distance_m).scaleb(-3), Decimal(one.passengers)
            kwh = Decimal(energy_wh_of(one, compiled)).scaleb(-3)
            litres = Decimal(one.fuel_ml).scaleb(-3)
            baseline_ug = compiled.baseline_ug_per_km * km + compiled.baseline_ug_per_kwh * kwh
            baseline_ug += compiled.baseline_ug_per_person_km * km * persons
            project_ug = compiled.project_ug_per_km * km + compiled.project_ug_per_kwh * kwh
            project_ug += compiled.project_ug_per_l * litres
            found = reduction_of(one, compiled)
            assert (found.baseline_ng, found.project_ng) == (
                baseline_ug * 1000,
                project_ug * 1000,
            )
            grams.append(int((baseline_ug - project_ug).scaleb(-6).to_integral_value(ROUND_FLOOR)))
            assert found.reduction_g == grams[-1]
    assert quantify(from_trips(fleet), compiled)["reduction_g"].to_pylist() == grams


@pytest.mark.parametrize("name", PROGRAMMES)
@thorough
@given(rows=ROWS)
def test_parity_b_the_integer_total_stays_within_its_bound_below_the_exact(packages, name, rows):
    fleet = fleet_of(rows)
    table, compiled = from_trips(fleet), compile_coefficients(packages[name], 2021)
    exact = exact_totals(table, packages[name], 2021)
    short_g = exact.reduction_g - sum(quantify(table, compiled)["reduction_g"].to_pylist())
    assert 0 <= short_g <= shortfall_bound_g(table, compiled)


@pytest.mark.parametrize("name", PROGRAMMES)
@thorough
@given(rows=ROWS)
def test_exact_totals_are_the_equations_by_hand(packages, name, rows):
    fleet = fleet_of(rows)
    exact = exact_totals(from_trips(fleet), packages[name], 2021)
    fallen = sum(max(one.soc_start_bps - one.soc_end_bps, 0) for one in fleet)
    kwh = Fraction(sum(one.energy_grid_wh for one in fleet), 1000)
    if PROGRAMMES[name]["project"]["energy_source"] == "soc":
        kwh = Fraction(fallen, 10_000) * Fraction("6.10037")
    amounts = (
        Fraction(sum(one.distance_m for one in fleet), 1000),
        kwh,
        Fraction(sum(one.fuel_ml for one in fleet), 1000),
        Fraction(sum(one.distance_m * one.passengers for one in fleet), 1000),
    )
    for found, factors in zip(exact, BY_HAND[name], strict=False):
        wanted = sum((f * amount for f, amount in zip(factors, amounts, strict=True)), Fraction(0))
        assert abs(Fraction(found) - wanted) <= Fraction(1, 10**25)


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_package_of_every_method_comes_back_from_its_bytes(packages, name):
    package = packages[name]
    again = parse_package(package.canonical)
    assert again.methodology_id == package.methodology_id
    assert again.programme == package.programme
    may = issuable(package, embedded=True) == []
    assert may is (PROGRAMMES[name]["method"] == "ams_iii_c_v16")
