"""The audit's own reading of the conditions: a lie in the package is named with its values."""

import copy
from types import SimpleNamespace

import pytest

from carbonbank.audit.conditions import check_conditions
from carbonbank.audit.outcome import Refuted
from tests.unit.audit.worked_out import MONTH, PACKAGE


def declared(value, unit, **rest):
    return {"value": value, "unit": unit, "evidence": "x", **rest}


def checked(change=lambda programme: None, grams=1000, vehicles=2):
    methodology = copy.deepcopy(PACKAGE)
    change(methodology["programme"])
    claim = {"month": MONTH, "operator_g": grams, "drivers_g": 0, "buffer_g": 0}
    return check_conditions(
        SimpleNamespace(
            methodology=methodology,
            claim={"claim": claim, "bits": [hex(2**vehicles - 1)]},
        )
    )


def sampled(value, size, population=500):
    sample = {"population": population, "size": size, "mean": "4.2", "standard_deviation": "0.5"}

    def change(programme):
        programme["baseline"]["specific_fuel_consumption"] = declared(
            value, "L/100km", sample=sample
        )

    return change


def part(*path, **values):
    def change(programme):
        place = programme
        for name in path:
            place = place.setdefault(name, {})
        place.update(values)

    return change


def market(*percents):
    shares = [{"year": 2018 + n, "percent": p} for n, p in enumerate(percents)]
    return part("eligibility", "additionality", route="market_share", market_shares=shares)


def power(project):
    one = {"what": "power", "unit": "kW", "baseline": "80", "project": project, "evidence": "x"}
    return part("eligibility", comparisons=[one])


def sold(vehicles, year):
    return part("monitoring", sales=[{"year": year, "vehicles": vehicles, "evidence": "x"}])


def period(first, last):
    return part("crediting_period", first_month=first, last_month=last)


def urban(value):
    def change(programme):
        programme["project"] = {
            "energy_source": "sec",
            "specific_energy_consumption": declared("0.2", "kWh/km"),
            "manufacturer_urban": declared(value, "kWh/km"),
        }

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda programme: None,
        period("2021-03", "2021-03"),
        sampled("3.9936", 25),  # 4.2 − 2.064 · 0.5 / 5
        sampled("4.2", 25, population=25),
        market("1", "2", "4.5"),
        power("96"),
        sold(3, 2020),  # 2.7
        urban("0.2"),
    ],
)
def test_conditions_that_hold(change):
    assert checked(change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (period("2021-04", "2022-03"), "lies outside"),
        (sampled("3.9937", 25), "does not reach the 95 % bound"),
        (sampled("1", 3), "90/10 needs 4"),
        (market("1", "2", "4.6"), "market share of 2.5333 percent"),
        (power("96.1"), "power is 20.12 percent off"),
        (sold(2, 2020), "2 vehicles credited, 1 of those sold remain"),
        (urban("0.21"), "0.2 is below the urban figure 0.21"),
        (part("eligibility", comparability=declared("21", "percent")), "comparability 21"),
        (part("eligibility", powertrains=["hybrid"]), "powertrains is"),
        (
            part("eligibility", expected_reduction=declared("60001", "t/year")),
            "60000 are the most",
        ),
    ],
)
def test_conditions_that_do_not(change, reason):
    with pytest.raises(Refuted, match=reason):
        checked(change)


def test_a_batch_beyond_the_cap_of_a_year():
    checked(grams=60_000 * 10**6)
    with pytest.raises(Refuted, match="60000000000 g are the most"):
        checked(grams=60_000 * 10**6 + 1)
