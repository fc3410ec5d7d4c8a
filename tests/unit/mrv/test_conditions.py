"""What a programme by AMS-III.C must hold before it is one: samples, Box 1, blends, carriers."""

import math

import pytest
from methods_made import BURNED, ELECTRIC, METERED, SEC, declared, electric
from programmes_made import changed, trip

from carbonbank.errors import ProgrammeInvalid
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.discount import discount_bps_of
from carbonbank.mrv.methods import confidence_v1
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme
from carbonbank.mrv.quality import VehicleMonthQuality
from carbonbank.mrv.quantify import split_by_energy
from carbonbank.mrv.trips import from_trips


def sampled(value, unit, mean, sd, size, population=500):
    sample = {
        "population": population,
        "size": size,
        "mean": mean,
        "standard_deviation": sd,
    }
    return declared(value, unit) | {"sample": sample}


def refused(document):
    with pytest.raises(ProgrammeInvalid) as caught:
        parse_programme(document)
    return caught.value.problems


# --- samples ------------------------------------------------------------------------------------


def below_t(t, freedom, steps=4000):
    """The share of Student's t below t, by Simpson's rule: an independent way to the table."""
    scale = math.gamma((freedom + 1) / 2) / math.gamma(freedom / 2)
    scale /= math.sqrt(freedom * math.pi)
    step = t / steps
    heights = [(1 + (i * step) ** 2 / freedom) ** (-(freedom + 1) / 2) for i in range(steps + 1)]
    inner = 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2])
    return 0.5 + scale * step / 3 * (heights[0] + heights[-1] + inner)


@pytest.mark.parametrize("freedom", confidence_v1.T_THOUSANDTHS)
def test_t_is_the_quantile_rounded_up(freedom):
    t = confidence_v1.T_THOUSANDTHS[freedom] / 1000
    assert below_t(t, freedom) >= 0.975 - 1e-9
    assert below_t(t - 0.0011, freedom) < 0.975
    assert confidence_v1.t_thousandths(freedom + 1) == confidence_v1.T_THOUSANDTHS[freedom]


def test_between_rows_the_smaller_count_holds():
    assert confidence_v1.t_thousandths(40) == 2043  # 39 degrees of freedom
    assert confidence_v1.t_thousandths(10**6) == 1980
    with pytest.raises(ValueError, match="2 samples"):
        confidence_v1.t_thousandths(1)


# Mean 4.2, deviation 0.5, 25 samples: the bound is 4.2 ∓ 2.064 · 0.5 / 5 = 4.2 ∓ 0.2064.
@pytest.mark.parametrize(("value", "holds"), [("3.9936", True), ("3.9937", False), ("4.3", False)])
def test_a_sampled_baseline_stands_at_the_lower_bound(value, holds):
    consumption = sampled(value, "L/100km", "4.2", "0.5", 25)
    document = changed("demo-morocco", baseline__specific_fuel_consumption=consumption)
    if holds:
        parse_programme(document)
    else:
        assert "lower 95 % bound of 25 samples" in refused(document)


# Mean 0.1, deviation 0.01, 16 samples: 0.1 + 2.132 · 0.01 / 4 = 0.10533.
@pytest.mark.parametrize(
    ("value", "holds"), [("0.10533", True), ("0.10532", False), ("0.09", False)]
)
def test_a_sampled_consumption_stands_at_the_upper_bound(value, holds):
    sec = {"specific_energy_consumption": sampled(value, "kWh/km", "0.1", "0.01", 16)}
    document = electric("sec", ELECTRIC | sec)
    if holds:
        parse_programme(document)
    else:
        assert "upper 95 % bound" in refused(document)


def test_a_census_needs_no_bound_and_a_small_sample_is_refused():
    census = sampled("4.2", "L/100km", "4.2", "0.5", 25, population=25)
    parse_programme(changed("demo-morocco", baseline__specific_fuel_consumption=census))
    # The published size for a mean of 25,000 and a deviation of 9,000 in 40 is 19.
    small = sampled("1", "L/100km", "25000", "9000", 18, population=40)
    found = refused(changed("demo-morocco", baseline__specific_fuel_consumption=small))
    assert "18 were sampled, 90/10 needs 19 of 40" in found
    loss = sampled("0.2", "1", "0.2", "0.01", 25)
    assert "not estimated from a sample" in refused(
        changed("demo-morocco", project__transmission_loss=loss)
    )


def test_the_way_to_a_consumption_tells_of_its_sample():
    basis = {"way": "sample", "evidence": "survey 3"}
    assert "found by sample" in refused(changed("demo-morocco", baseline__consumption_basis=basis))
    for way in ("own_history", "national_statistics", "manufacturer", "published"):
        parse_programme(
            changed("demo-morocco", baseline__consumption_basis={"way": way, "evidence": "p. 3"})
        )


def test_a_consumption_is_never_below_the_urban_figure():
    urban = {"manufacturer_urban": declared("0.094", "kWh/km")}
    assert "below the manufacturer's urban figure of 0.094 kWh/km" in refused(
        electric("sec", ELECTRIC | SEC | urban)
    )
    parse_programme(
        electric("sec", ELECTRIC | SEC | {"manufacturer_urban": SEC["specific_energy_consumption"]})
    )
    fuel = BURNED["fuel"] | {"manufacturer_urban": declared("2.32", "L/100km")}
    assert "2.31 L/100km is below" in refused(electric("none", {"fuel": fuel}, "hybrid"))


def test_a_share_of_the_distance_lowers_the_baseline_alone(factors):
    monitoring = {
        "evidence": "plan",
        "cross_check": "invoices",
        "distance_share": sampled("0.97", "1", "0.99", "0.02", 20),
    }
    package = build_package(
        parse_programme(changed("demo-morocco", monitoring=monitoring)), factors
    )
    compiled = compile_coefficients(package, 2021)
    assert compiled.baseline_ug_per_km == 90_871_704 * 97 // 100
    assert compiled.project_ug_per_kwh == 804_411_765


# --- Box 1, comparability, blends ---------------------------------------------------------------


def market(*percents, first=2018):
    shares = [{"year": first + n, "percent": percent} for n, percent in enumerate(percents)]
    route = {"route": "market_share", "evidence": "register", "market_shares": shares}
    return changed("demo-morocco", eligibility__additionality=route)


def test_box_1_is_the_mean_of_three_years():
    parse_programme(market("1", "2", "4.5"))
    assert "mean market share is 2.5333 %" in refused(market("1", "2", "4.6"))
    assert "three years in a row" in refused(market("1", "2"))
    assert "three years in a row" in refused(
        changed(
            "demo-morocco",
            eligibility__additionality={"route": "market_share", "evidence": "register"},
        )
    )


@pytest.mark.parametrize(("project", "holds"), [("96", True), ("64", True), ("96.1", False)])
def test_vehicles_are_comparable_within_a_fifth(project, holds):
    power = {"what": "power", "unit": "kW", "baseline": "80", "project": project, "evidence": "x"}
    document = changed("demo-morocco", eligibility__comparisons=[power])
    if holds:
        parse_programme(document)
    else:
        assert "power 96.1 kW is not within 20 percent of 80 kW" in refused(document)


def test_a_programme_expects_no_more_than_the_cap():
    parse_programme(
        changed("demo-morocco", eligibility__expected_reduction=declared("60000", "t/year"))
    )
    assert "at most 60000" in refused(
        changed("demo-morocco", eligibility__expected_reduction=declared("60000.1", "t/year"))
    )


def test_a_blend_is_taken_off_every_gain_with_the_discount():
    steps = [{"measure": "odometer_share", "below_bps": 5000, "discount_bps": 300}]
    programme = parse_programme(
        changed("demo-morocco", baseline__biofuel_blend=declared("0.0825", "1"), discounts=steps)
    )
    whole = dict.fromkeys(
        ("odometer_share", "measured_energy_share", "gap_free_share", "accepted_share"), 10_000
    )
    quality = VehicleMonthQuality(vehicle_id="a", month=1, trips=1, distance_m=1, **whole)
    assert discount_bps_of(programme, quality) == 825
    for value in ("0.2001", "-0.1", "0.08251"):
        assert "steps of 0.0001" in refused(
            changed("demo-morocco", baseline__biofuel_blend=declared(value, "1"))
        )


# --- carriers -----------------------------------------------------------------------------------


def test_every_carrier_of_a_vehicle_is_counted():
    assert "battery_electric vehicles, not of plug_in_hybrid" in refused(
        electric("grid", ELECTRIC, "plug_in_hybrid")
    )
    assert "plug_in_hybrid vehicles, not of battery_electric" in refused(
        electric("grid", ELECTRIC | METERED)
    )
    assert "hybrid vehicles, not of plug_in_hybrid" in refused(
        electric("none", METERED, "plug_in_hybrid")
    )
    assert "fuel" in refused(electric("none", {}, "hybrid"))


def test_a_trip_without_its_fuel_is_kept_out(factors):
    document = electric("grid", ELECTRIC | METERED, "plug_in_hybrid")
    compiled = compile_coefficients(build_package(parse_programme(document), factors), 2021)
    fleet = [trip(0, energy_grid_wh=1, fuel_ml=0), trip(1, energy_grid_wh=1)]
    split = split_by_energy(from_trips(fleet), compiled)
    assert split.ready.num_rows == 1
    (issue,) = split.issues
    assert (issue.code, issue.limit) == (
        "energy_missing",
        "energy_grid_wh and fuel_ml on every trip",
    )


def test_a_replaced_battery_is_within_the_declared_capacity():
    def replaced(kwh):
        one = {
            "vehicle_id": "rsk-twizy-1",
            "month": "2021-05",
            "usable_capacity": declared(kwh, "kWh"),
            "evidence": "invoice",
        }
        plan = {"evidence": "plan", "cross_check": "invoices", "battery_replacements": [one]}
        return changed("demo-morocco", monitoring=plan)

    parse_programme(replaced("6.1"))
    assert "a battery of 6.2 kWh since 2021-05, declared are 6.1 kWh" in refused(replaced("6.2"))
