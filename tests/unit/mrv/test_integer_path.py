"""The integer path: its coefficients, parity with the equations, Arrow against plain Python."""

from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes_made import trip

from carbonbank.errors import EnergyMissing, InvariantBroken, QuantityTooLarge, YearBeforeBase
from carbonbank.mrv.coefficients import Coefficients, compile_coefficients
from carbonbank.mrv.exact import exact_totals, shortfall_bound_g
from carbonbank.mrv.methods import ams_iii_c_v16
from carbonbank.mrv.quantify import quantify, reduction_of, split_by_energy
from carbonbank.mrv.trips import TRIP_SCHEMA, from_trips, to_trips
from carbonbank.units import baseline_ug_floor, battery_wh_ceil, capacity_wh_ceil, project_ug_ceil

# --- coefficients ------------------------------------------------------------------------------


def test_coefficients_of_the_morocco_programme_by_hand(package_of):
    # 4.0 L/100km · 10 · 0.74 kg/L = 29.6 g/km; · 44,300 J/g · 6.93E-5 g/J = 90.871704 g/km
    # 547 g/kWh / 0.80 / 0.85 = 804.4117647... g per battery kWh, up
    compiled = compile_coefficients(package_of("demo-morocco"), 2021)
    assert compiled == Coefficients(
        year=2021,
        energy_source="soc",
        baseline_ug_per_km=90_871_704,
        project_ug_per_km=0,
        project_ug_per_kwh=804_411_765,
        capacity_wh=6100,
    )


def test_coefficients_of_the_chicago_programme_by_hand(package_of):
    # 7.864 · 7.4 = 58.1936 g/km; · 3.06999 = 178.653770064 g/km, down
    # 0.207041 kWh/km · 416 g/kWh / 0.80 = 107.66132 g/km
    compiled = compile_coefficients(package_of("demo-chicago"), 2007)
    assert (compiled.baseline_ug_per_km, compiled.project_ug_per_km) == (178_653_770, 107_661_320)
    assert compiled.project_ug_per_kwh == 0


def test_the_baseline_falls_by_a_percent_a_calendar_year_and_never_rises(package_of):
    package = package_of("demo-chicago")
    # 178.653770064 · 0.99 = 176.86723236336; · 0.99 = 175.0985600397...
    assert compile_coefficients(package, 2008).baseline_ug_per_km == 176_867_232
    assert compile_coefficients(package, 2009).baseline_ug_per_km == 175_098_560
    with pytest.raises(YearBeforeBase, match="2006 lies before the base year 2007"):
        compile_coefficients(package, 2006)


@given(st.fractions(min_value=0, max_value=10**6))
def test_coefficients_round_against_the_claimant_by_less_than_a_step(value):
    baseline, project = baseline_ug_floor(value), project_ug_ceil(value)
    assert baseline <= value * 10**6 <= project
    assert value * 10**6 - baseline < 1
    assert project - value * 10**6 < 1


def test_coefficients_do_not_round_across_an_integer():
    # 28 significant digits, the default of a decimal context, would make a whole of these nines.
    nines = Decimal("178.653769" + "9" * 40)
    assert baseline_ug_floor(nines) == 178_653_769
    assert project_ug_ceil(Decimal("178.653770" + "0" * 40 + "1")) == 178_653_771
    assert capacity_wh_ceil(Decimal("6.1000001")) == 6101


@pytest.mark.parametrize(
    ("drop_bps", "energy_wh"),
    [(7254, 4425), (1, 1), (10_000, 6100), (0, 0), (-1, 0), (-5000, 0)],
)
def test_battery_energy_rounds_up_and_a_rise_is_no_gain(drop_bps, energy_wh):
    assert battery_wh_ceil(drop_bps, 6100) == energy_wh  # 0.7254 · 6100 = 4424.94


# --- one trip ----------------------------------------------------------------------------------


def test_a_trip_by_hand(package_of):
    # 49.615 km · 90.871704 = 4508.59959... g; 4425 Wh · 804.411765 g/kWh = 3559.522060125 g
    one = trip(distance_m=49_615, soc_start_bps=8754, soc_end_bps=1500)
    found = reduction_of(one, compile_coefficients(package_of("demo-morocco"), 2021), fleet="f")
    assert found.baseline_ng == 49_615 * 90_871_704
    assert found.project_ng == 3_559_522_060_125
    assert found.reduction_g == 949
    assert len(found.trip_id) == 64


def test_a_negative_trip_stays_negative_and_floors_downward(package_of):
    one = trip(distance_m=15_478, soc_start_bps=7888, soc_end_bps=4924)
    compiled = compile_coefficients(package_of("demo-morocco"), 2021)
    # 1406.51 g − 1809 Wh · 0.804411765 = 1406.512 − 1455.181 = −48.67 g
    assert reduction_of(one, compiled).reduction_g == -49
    assert reduction_of(one, compiled, discount_bps=5000).reduction_g == -49


def test_the_discount_comes_before_the_gram(package_of):
    one = trip(distance_m=49_615, soc_start_bps=8754, soc_end_bps=1500)
    compiled = compile_coefficients(package_of("demo-morocco"), 2021)
    gain_ng = 49_615 * 90_871_704 - 3_559_522_060_125
    for bps, kept in ((0, 949), (1, 948), (500, 901), (9_999, 0), (10_000, 0)):
        assert reduction_of(one, compiled, discount_bps=bps).reduction_g == kept
        assert kept == int(Decimal(gain_ng) * (10_000 - bps) / 10**13)


# --- fleets at random --------------------------------------------------------------------------

thorough = settings(max_examples=60, deadline=None)

metres = st.integers(min_value=1, max_value=2_000_000)
watt_hours = st.integers(min_value=0, max_value=400_000)
levels = st.integers(min_value=0, max_value=10_000)
rows = st.lists(st.tuples(metres, watt_hours, levels, levels, st.sampled_from("abc")), max_size=30)
SOURCES = ("soc", "grid", "battery", "sec")


@pytest.fixture(scope="session")
def package_by_source(package_of):
    def declared(value, unit):
        return {"value": value, "unit": unit, "evidence": "none (DEMO)"}

    common = {"grid_factor": "ifi2021.om.Morocco", "transmission_loss": declared("0.137", "1")}
    efficiency = {"charger_efficiency": declared("0.853", "1")}
    projects = {
        "grid": common,
        "battery": common | efficiency,
        "soc": common | efficiency | {"usable_capacity": declared("6.10037", "kWh")},
        "sec": common | {"specific_energy_consumption": declared("0.0931", "kWh/km")},
    }
    return {
        source: package_of("demo-morocco", base_year=2019, project={**p, "energy_source": source})
        for source, p in projects.items()
    }


def fleet_of(numbers):
    return [
        trip(
            number,
            vehicle_id=vehicle,
            distance_m=distance_m,
            energy_grid_wh=wh,
            energy_battery_wh=wh,
            soc_start_bps=start_bps,
            soc_end_bps=end_bps,
        )
        for number, (distance_m, wh, start_bps, end_bps, vehicle) in enumerate(numbers)
    ]


def energy_wh(source, one, capacity_wh):
    """A trip's energy by the programme's source, written without the bank's functions."""
    if source == "soc":
        fallen = max(one.soc_start_bps - one.soc_end_bps, 0) * capacity_wh
        return fallen // 10_000 + (fallen % 10_000 > 0)
    return {"grid": one.energy_grid_wh, "battery": one.energy_battery_wh, "sec": 0}[source]


@pytest.mark.parametrize("source", SOURCES)
@thorough
@given(numbers=rows)
def test_parity_a_one_floor_over_the_decimal_equations_is_the_integer_path(
    package_by_source, source, numbers
):
    """Per trip: equations 1, 4 and 7 in Decimal with the compiled coefficients, then one floor."""
    compiled = compile_coefficients(package_by_source[source], 2021)
    one = [Decimal(1)]
    with localcontext(prec=60):
        baseline_g_per_km = Decimal(compiled.baseline_ug_per_km) / 10**6
        for each in fleet_of(numbers):
            km = Decimal(each.distance_m) / 1000
            kwh = Decimal(energy_wh(source, each, compiled.capacity_wh)) / 1000
            be_t = ams_iii_c_v16.eq1_baseline_by_distance_t([baseline_g_per_km], [km], one)
            pe_t = ams_iii_c_v16.eq4_project_by_distance_t(
                [
                    Decimal(compiled.project_ug_per_km).scaleb(-12),
                    Decimal(compiled.project_ug_per_kwh).scaleb(-12),
                ],
                [km, kwh],
                one * 2,
            )
            er_g = ams_iii_c_v16.eq7_reduction_t(be_t, pe_t, Decimal(0)) * 10**6
            found = reduction_of(each, compiled)
            assert found.reduction_g == er_g.to_integral_value(rounding=ROUND_FLOOR)
            assert (found.baseline_ng, found.project_ng) == (be_t * 10**15, pe_t * 10**15)


@pytest.mark.parametrize("source", SOURCES)
@thorough
@given(numbers=rows)
def test_parity_b_a_batch_never_exceeds_the_exact_total_nor_falls_short_by_more_than_the_bound(
    package_by_source, source, numbers
):
    package = package_by_source[source]
    table = from_trips(fleet_of(numbers))
    compiled = compile_coefficients(package, 2021)
    total_g = sum(quantify(table, compiled)["reduction_g"].to_pylist())
    exact = exact_totals(table, package, 2021)
    assert total_g <= exact.reduction_g
    assert exact.reduction_g - total_g <= shortfall_bound_g(table, compiled)


@pytest.mark.parametrize("source", SOURCES)
@thorough
@given(numbers=rows)
def test_exact_totals_are_the_equations_over_sums(package_by_source, source, numbers):
    """Against the programme's numbers by hand, in fractions: nothing of the bank's in between."""
    fleet = fleet_of(numbers)
    exact = exact_totals(from_trips(fleet), package_by_source[source], 2021)
    km = Fraction(sum(each.distance_m for each in fleet), 1000)
    fallen = sum(max(each.soc_start_bps - each.soc_end_bps, 0) for each in fleet)
    metered_kwh = Fraction(sum(each.energy_grid_wh for each in fleet), 1000)
    grid_kwh = {
        "grid": metered_kwh,
        "battery": metered_kwh / Fraction("0.853"),
        "soc": Fraction(fallen, 10_000) * Fraction("6.10037") / Fraction("0.853"),
        "sec": km * Fraction("0.0931"),
    }[source]
    baseline_g = km * Fraction("90.871704") * Fraction("0.9801")  # two years of 1 %
    project_g = grid_kwh * 729 / Fraction("0.863")
    for found, wanted in zip(exact, (baseline_g, project_g, baseline_g - project_g), strict=True):
        assert abs(Fraction(found) - wanted) <= Fraction(1, 10**30)


@pytest.mark.parametrize("source", SOURCES)
@thorough
@given(numbers=rows, discounts=st.tuples(*[st.integers(0, 10_000)] * 3))
def test_the_arrow_path_is_the_plain_reference(package_by_source, source, numbers, discounts):
    compiled = compile_coefficients(package_by_source[source], 2021)
    fleet = fleet_of(numbers)
    by_vehicle = dict(zip("abc", discounts, strict=True))
    # 30 trips an hour apart lie in January 2021.
    by_month = {(vehicle, 2021 * 12): bps for vehicle, bps in by_vehicle.items()}
    table = quantify(from_trips(fleet), compiled, by_month)
    assert to_trips(table) == fleet
    wanted = [
        reduction_of(each, compiled, discount_bps=by_vehicle[each.vehicle_id]) for each in fleet
    ]
    for column in ("baseline_ng", "project_ng", "reduction_g"):
        assert table.schema.field(column).type == pa.int64()
        assert table[column].to_pylist() == [getattr(found, column) for found in wanted]
    flat = quantify(from_trips(fleet), compiled, discounts[0])["reduction_g"].to_pylist()
    assert flat == [
        reduction_of(each, compiled, discount_bps=discounts[0]).reduction_g for each in fleet
    ]


# --- what can not be quantified ----------------------------------------------------------------


def grid_coefficients(**changed):
    values = {
        "year": 2021,
        "energy_source": "grid",
        "baseline_ug_per_km": 90_871_704,
        "project_ug_per_km": 0,
        "project_ug_per_kwh": 600_000_000,
    }
    return Coefficients(**(values | changed))


def test_the_largest_gains_are_discounted_without_overflow():
    # 2^63 ng over 90,871,704 ng/m: the longest distance whose nanograms fit.
    distance_m = (2**63 - 1) // 90_871_704
    far = trip(distance_m=distance_m, energy_grid_wh=0)
    compiled = grid_coefficients()
    for bps in (0, 1, 5000, 9999, 10_000):
        (found,) = quantify(from_trips([far]), compiled, bps)["reduction_g"].to_pylist()
        assert found == reduction_of(far, compiled, discount_bps=bps).reduction_g


@pytest.mark.parametrize("values", [{"distance_m": 2**62}, {"energy_grid_wh": 2**62}])
def test_a_product_beyond_64_bits_is_a_typed_error(values):
    with pytest.raises(QuantityTooLarge):
        quantify(from_trips([trip(**({"energy_grid_wh": 1} | values))]), grid_coefficients())


def test_a_loss_is_the_same_at_any_discount():
    loss = trip(distance_m=1, energy_grid_wh=10_000)
    table = from_trips([loss])
    grams = [quantify(table, grid_coefficients(), bps)["reduction_g"] for bps in (0, 10_000)]
    assert grams[0] == grams[1]
    assert grams[0].to_pylist() == [-6000]  # −(6000 g − 0.09 g), floored


def test_trips_without_the_energy_of_the_programme_are_kept_out_with_an_issue():
    fleet = [trip(0, energy_grid_wh=5), trip(1), trip(2, energy_battery_wh=5)]
    table = from_trips(fleet).append_column("row", pa.array([2, 3, 4]))
    compiled = grid_coefficients()
    with pytest.raises(EnergyMissing) as caught:
        quantify(table, compiled)
    assert (caught.value.count, caught.value.first_record) == (2, "made#1")
    with pytest.raises(EnergyMissing):
        reduction_of(fleet[1], compiled)
    split = split_by_energy(table, compiled)
    assert split.ready["row"].to_pylist() == [2]
    assert [(i.row, i.code, i.trip_source_record_id) for i in split.issues] == [
        (3, "energy_missing", "made#1"),
        (4, "energy_missing", "made#2"),
    ]
    assert split_by_energy(from_trips(fleet), grid_coefficients(energy_source="sec")).issues == ()


def test_half_a_state_of_charge_is_no_energy():
    fleet = [trip(0, soc_start_bps=5000), trip(1, soc_end_bps=5000)]
    compiled = grid_coefficients(energy_source="soc", capacity_wh=6100)
    assert len(split_by_energy(from_trips(fleet), compiled).issues) == 2


def test_no_trips_give_no_grams():
    table = quantify(TRIP_SCHEMA.empty_table(), grid_coefficients())
    assert table.num_rows == 0
    assert table["reduction_g"].to_pylist() == []


def test_coefficients_of_another_year_and_unsaid_discounts_are_broken_invariants():
    table = from_trips([trip(energy_grid_wh=1)])
    with pytest.raises(InvariantBroken, match="2020 on trips of"):
        quantify(table, grid_coefficients(year=2020))
    with pytest.raises(InvariantBroken, match="no discount"):
        quantify(table, grid_coefficients(), {("car-2", 2021 * 12): 0})
    for bps in (-1, 10_001):
        with pytest.raises(InvariantBroken, match="outside"):
            quantify(table, grid_coefficients(), bps)


def test_every_vehicle_month_has_its_own_discount():
    hours = (0, 31 * 24, 1, 31 * 24 + 1)  # January and February of each
    vehicles = ("a", "a", "b", "b")
    fleet = [
        trip(hour, vehicle_id=vehicle, energy_grid_wh=0)
        for hour, vehicle in zip(hours, vehicles, strict=True)
    ]
    january = 2021 * 12
    bps = {("b", january + 1): 10_000, ("a", january): 0, ("b", january): 5000}
    bps["a", january + 1] = 2500
    grams = quantify(from_trips(fleet), grid_coefficients(), bps)["reduction_g"].to_pylist()
    assert grams == [1363, 1022, 681, 0]  # 15 km · 90.871704 g = 1363.07556 g, less its part
