"""Hours of the grid: which one counts, that none lowers a claim, and what a table must be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes_made import changed

from carbonbank.domain.factor import FactorState, Hours, hours_of_document
from carbonbank.errors import FactorsUnusable, FactorTableInvalid, PackageInvalid
from carbonbank.intake import factor_library
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.compare import differences
from carbonbank.mrv.exact_factors import at_grid, exact_factors
from carbonbank.mrv.grid_hours import Drawn, HourlyGrid, hourly_grid
from carbonbank.mrv.package import build_package, issuable, parse_package
from carbonbank.mrv.programme import parse_programme
from scripts import make_demo_hours

TABLE = "hourly.demo-morocco.2021-03"
MIDNIGHT = datetime(2021, 3, 1, tzinfo=UTC)
FIRST = int(MIDNIGHT.timestamp()) // 3600


def at(hour, minute=0, second=0):
    return MIDNIGHT + timedelta(hours=hour, minutes=minute, seconds=second)


def grid(*grams, yearly=500):
    values = tuple(None if g is None else Fraction(g, 1000) for g in grams)
    dirtiest = max(Fraction(yearly, 1000), *(v for v in values if v is not None))
    return HourlyGrid(Fraction(yearly, 1000), dirtiest, FIRST, values)


@pytest.mark.parametrize(
    ("start", "end", "grams"),
    [
        (at(0), at(1), 510),  # the end is not among the hours
        (at(0), at(1, 0, 1), 700),
        (at(0, 59, 59), at(1), 510),
        (at(2), at(3), 500),  # the hour has 300: the year's stands
        (at(0), at(3), 700),
        (at(2, 30), at(2, 30), 900),  # no duration, no known hour
        (at(3), at(4), 900),  # the hour has no value
        (at(2), at(5), 900),
        (at(-1), at(1), 900),  # before and after the table
        (at(4), at(5, 0, 1), 900),
        (at(5), at(6), 900),
    ],
)
def test_a_session_counts_at_the_dirtiest_hour_it_touches(start, end, grams):
    assert grid(510, 700, 300, None, 900).of(start, end) == Fraction(grams, 1000)


def test_where_the_year_is_dirtier_than_every_hour_it_counts_alone():
    assert grid(100, 200).of(at(0), at(1)) == Fraction(500, 1000)
    assert grid(100, 200).of(at(9), at(8)) == Fraction(500, 1000)


def test_a_month_is_the_mean_of_its_energies():
    drawn = [Drawn(at(0), at(1), 3_000), Drawn(at(1), at(2), 1_000)]
    mean = grid(510, 700, 900).mean(drawn, 5_000)
    assert mean == Fraction(3 * 510 + 1 * 700 + 1 * 900, 5 * 1000)


values = st.lists(st.one_of(st.none(), st.integers(0, 2_000)), min_size=1, max_size=30).filter(
    lambda told: any(value is not None for value in told)
)
sessions = st.lists(
    st.tuples(st.integers(-5, 40 * 3600), st.integers(0, 40 * 3600), st.integers(0, 90_000)),
    max_size=6,
)


@given(told=values, yearly=st.integers(0, 2_000), drawn=sessions, more=st.integers(1, 9))
def test_hours_never_lower_what_the_year_alone_counts(told, yearly, drawn, more):
    hourly = grid(*told, yearly=yearly)
    sessions = [
        Drawn(at(0, 0, start), at(0, 0, start + long), energy) for start, long, energy in drawn
    ]
    energy_wh = sum(one.energy_wh for one in sessions) + more
    mean = hourly.mean(sessions, energy_wh)
    assert hourly.yearly <= mean <= hourly.dirtiest
    # Longer sessions touch more hours: never less.
    longer = [one._replace(end_at=one.end_at + timedelta(hours=1)) for one in sessions]
    if all(one.end_at > one.start_at for one in sessions):
        assert hourly.mean(longer, energy_wh) >= mean


# --- in a package ------------------------------------------------------------------------------


def built(factors, **changes):
    hourly = {"project__grid_hours": TABLE}
    document = changed("demo-morocco", **{**hourly, **changes})
    return build_package(parse_programme(document), factors)


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("demo-morocco", {}, "project_ug_per_kwh"),  # by state of charge
        ("demo-chicago", {}, "project_ug_per_km"),  # by a declared consumption
    ],
)
def test_energy_whose_time_nobody_knows_counts_at_the_dirtiest_hour(factors, name, changes, field):
    region = "Morocco" if name == "demo-morocco" else "United States"
    hourly = replace(factors[TABLE], region=region)
    library = {**factors, TABLE: hourly}
    plain = changed(name, **changes)
    chosen = changed(name, **changes, project__grid_hours=TABLE)
    year = plain["base_year"]
    without, with_hours = (
        getattr(compile_coefficients(build_package(parse_programme(d), library), year), field)
        for d in (plain, chosen)
    )
    yearly = factors[plain["project"]["grid_factor"]].value
    assert with_hours == pytest.approx(without * 690 / float(max(yearly, 1)), rel=1e-6)


def test_the_demos_year_and_its_dirtiest_hour(factors):
    # 690 g/kWh by 0.8 and 0.85 is 1014.70588… g/kWh.
    assert compile_coefficients(built(factors), 2021).project_ug_per_kwh == 1_014_705_883


def test_a_grid_in_kilograms_is_the_same_grid(factors):
    hourly = factors[TABLE]
    kilograms = replace(
        hourly,
        unit="kgCO2/kWh",
        value=hourly.value / 1000,
        hours=replace(hourly.hours, values=tuple(v and v / 1000 for v in hourly.hours.values)),
    )
    assert hourly_grid(built({**factors, TABLE: kilograms})) == hourly_grid(built(factors))


def test_a_package_with_hours_comes_back_by_its_bytes_and_names_their_hash(factors):
    package = built(factors)
    assert parse_package(package.canonical).methodology_id == package.methodology_id
    hours = package.document["factors"]["grid_hours"]["hours"]
    assert len(hours["values"]) == 744
    assert hours == factors[TABLE].hours.document
    assert hours_of_document(hours) == factors[TABLE].hours


def test_a_package_without_hours_has_no_trace_of_them(factors):
    document = changed("demo-morocco")
    package = build_package(parse_programme(document), factors)
    assert b"hours" not in package.canonical


def spoiled(package, **changes):
    document = {**package.document}
    row = {**document["factors"]["grid_hours"]}
    row["hours"] = {**row["hours"], **changes}
    document["factors"] = {**document["factors"], "grid_hours": row}
    return replace(package, document=document).canonical


@pytest.mark.parametrize(
    "changes", [{"values": ["690"]}, {"first_hour": "2021-03-01T01:00:00Z"}, {"sha256": "00"}]
)
def test_hours_that_are_not_those_of_their_hash_are_refused(factors, changes):
    with pytest.raises(PackageInvalid, match="hours have the hash"):
        parse_package(spoiled(built(factors), **changes))


def test_a_value_that_is_not_the_dirtiest_hours_is_refused(factors):
    clean = replace(factors[TABLE], value=Decimal(1))
    with pytest.raises(PackageInvalid, match="not the largest of its hours"):
        parse_package(built({**factors, TABLE: clean}).canonical)


def test_made_up_hours_block_issuing_and_checked_ones_do_not(factors):
    package = built(factors)
    assert f"factor grid_hours {TABLE} is unverified" in issuable(package, embedded=True)
    checked = replace(factors[TABLE], state=FactorState.CONCORDANT)
    assert issuable(built({**factors, TABLE: checked}), embedded=True) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"project__grid_hours": "hourly.nowhere"}, "hourly.nowhere is unknown"),
        ({"project__grid_hours": "ifi2021.om.Morocco"}, "ifi2021.om.Morocco has no hours"),
        ({"project__grid_factor": TABLE}, f"grid: {TABLE} has hours"),
        ({"project__grid_factor": "ifi2021.om.India"}, "Morocco is named, grid is India"),
    ],
)
def test_hours_that_do_not_fit_are_named(factors, changes, reason):
    with pytest.raises(FactorsUnusable, match=reason):
        built(factors, **changes)


def test_a_difference_between_tables_is_told_by_their_hash(factors):
    hourly = factors[TABLE]
    moved = replace(hourly, hours=replace(hourly.hours, values=hourly.hours.values[::-1]))
    found = differences(built(factors), built({**factors, TABLE: moved}))
    assert [one.path for one in found] == ["factors.grid_hours.hours.sha256"]


def test_another_grid_moves_what_is_metered_and_nothing_else(factors):
    document = changed("demo-chicago")
    document["project"]["energy_source"] = "charged"
    document["project"]["fuel"] = {
        "source": "declared",
        "fuel_density": "ghgp.density.gasoline",
        "net_calorific_value": "ipcc2006.ncv.gasoline",
        "emission_factor": "ipcc2006.ef.gasoline",
        "specific_fuel_consumption": {"value": "1", "unit": "L/100km", "evidence": "r"},
    }
    document["eligibility"] |= {"powertrains": ["plug_in_hybrid"], "assumed_electric": False}
    package = build_package(parse_programme(document), factors)
    exact = exact_factors(package, document["base_year"])
    same = at_grid(package, exact, package.factor("grid"))
    assert same == exact
    more = at_grid(package, exact, package.factor("grid") + Fraction(1, 10))
    loss = Fraction(document["project"]["transmission_loss"]["value"])
    assert more.project_g_per_kwh - exact.project_g_per_kwh == 100 / (1 - loss)
    assert replace(more, project_g_per_kwh=exact.project_g_per_kwh) == exact


# --- tables ------------------------------------------------------------------------------------


def test_the_shipped_table_is_what_its_script_writes():
    assert make_demo_hours.TARGET.read_text() == make_demo_hours.table()


@pytest.mark.parametrize(
    ("lines", "row", "reason"),
    [
        (["2021-03-01T00:00:00Z,1", "2021-03-01T02:00:00Z,1"], 3, "not the next hour"),
        (["2021-03-01T00:00:00Z,1", "2021-03-01T00:00:00Z,1"], 3, "not the next hour"),
        (["2021-03-01T00:30:00Z,1"], 2, "not the beginning of an hour"),
        (["2021-03-01T00:00:00+01:00,1"], 2, "not UTC"),
        (["2021-03-01T00:00:00,1"], 2, "not UTC"),
        (["2021-03-01T00:00:00Z,about 5"], 2, "'about 5' are no hour and decimal"),
        (["noon,5"], 2, "'noon' and '5' are no"),
        (["2021-03-01T00:00:00Z,-1"], 2, "no emission"),
        (["2021-03-01T00:00:00Z,NaN"], 2, "no emission"),
        (["2021-03-01T00:00:00Z,"], 2, "no hour has a value"),
        ([], 2, "it has no hours"),
    ],
)
def test_a_broken_table_is_a_typed_error_with_its_place(monkeypatch, tmp_path, lines, row, reason):
    folder = tmp_path / "grid_hours"
    folder.mkdir()
    folder.joinpath("t.csv").write_text("\n".join(["hour,value", *lines]) + "\n")
    monkeypatch.setattr(factor_library.resources, "files", lambda _: tmp_path)
    with pytest.raises(FactorTableInvalid, match=reason) as caught:
        factor_library.read_hours("t.csv")
    assert (caught.value.table, caught.value.row) == ("t.csv", row)


def test_hours_are_written_as_their_source_wrote_them():
    hours = Hours(first_at=MIDNIGHT, values=(Decimal("412.50"), None))
    assert hours.document["values"] == ["412.50", None]
    assert hours.told == (Decimal("412.50"),)
