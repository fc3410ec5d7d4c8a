"""The two demo programmes over the real trips the package ships, against figures worked out apart.

Expected grams come from the trips' own distance and state-of-charge tables, before floors.
"""

import json
from datetime import UTC, datetime
from importlib import resources

import pytest
from click.testing import CliRunner

from carbonbank.cli.main import programme as programme_command
from carbonbank.cli.quantify import quantify
from carbonbank.errors import VehicleNotEligible
from carbonbank.intake.factor_library import load_factors
from carbonbank.intake.reader import FileReader
from carbonbank.intake.shipped import shipped_files
from carbonbank.mrv.monitoring import monitor
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme
from carbonbank.mrv.trips import concat
from carbonbank.units import month_label

NOW_AT = datetime(2026, 1, 1, tzinfo=UTC)
PROGRAMMES = resources.files("carbonbank.data") / "programmes"


def monitored(name, trips, **project):
    document = json.loads((PROGRAMMES / f"{name}.json").read_bytes())
    document["project"].update(project)
    package = build_package(parse_programme(document), load_factors())
    options = package.programme.reading.model_dump()
    raws = [FileReader().read(data, file, options) for file, data in shipped_files(trips)]
    return monitor(concat(raws), package, NOW_AT)


def kg_by_month(done):
    months = {}
    for total in done.months:
        label = month_label(total.month)
        months[label] = months.get(label, 0) + total.reduction_g / 1000
    return months


@pytest.fixture(scope="module")
def morocco():
    return monitored("demo-morocco", "twizy")


@pytest.fixture(scope="module")
def chicago():
    return monitored("demo-chicago", "chicago")


def test_morocco_saves_about_nine_kilograms(morocco):
    assert morocco.trips.num_rows == 17
    assert sum(total.distance_m for total in morocco.months) == pytest.approx(507_400, rel=0.002)
    assert morocco.reduction_g == pytest.approx(9270, rel=0.01)
    assert kg_by_month(morocco) == pytest.approx(
        {"2021-03": 3.75, "2021-04": 1.69, "2021-05": 0.74, "2021-06": 2.40, "2021-07": 0.70},
        rel=0.01,
    )


def test_moroccos_negative_trips_stay_in(morocco):
    grams = dict(
        zip(
            morocco.trips["source_record_id"].to_pylist(),
            morocco.trips["reduction_g"].to_pylist(),
            strict=True,
        )
    )
    negative = {record.split(".")[0] for record, reduction_g in grams.items() if reduction_g < 0}
    assert negative == {"T3_04_22_2021_2", "T3_05_31_2021"}
    assert sum(grams.values()) == morocco.reduction_g


def test_morocco_on_the_operating_margin_saves_nothing():
    done = monitored("demo-morocco", "twizy", grid_factor="ifi2021.om.Morocco")
    assert done.reduction_g < 0
    # 507.4 km · 90.8717 g − 45.795 kWh (750.74 % of 6.1 kWh) · 729 / 0.80 / 0.85 g
    assert done.exact_reduction_g == pytest.approx(-2983, rel=0.01)


def test_chicago_saves_about_254_kilograms(chicago):
    assert chicago.trips.num_rows == 241
    assert len({total.vehicle_id for total in chicago.months}) == 22
    assert len(chicago.months) == 22
    assert sum(total.distance_m for total in chicago.months) == pytest.approx(3_581_000, rel=0.001)
    assert chicago.reduction_g == pytest.approx(254_300, rel=0.01)
    printed = {
        "2007-03": 17.9,
        "2007-04": 36.6,
        "2007-05": 60.7,
        "2007-06": 116.6,
        "2007-07": 2.8,
        "2007-08": 19.7,
    }
    found = kg_by_month(chicago)
    assert found.keys() == printed.keys()
    for month, kg in printed.items():
        assert found[month] == pytest.approx(kg, rel=0.01, abs=0.05), month


@pytest.mark.parametrize("name", ["morocco", "chicago"])
def test_the_integer_total_lies_within_its_bound_below_the_exact_one(name, request):
    done = request.getfixturevalue(name)
    assert 0 <= done.exact_reduction_g - done.reduction_g <= done.bound_g
    assert done.bound_g < done.trips.num_rows * 3


def test_chicagos_cars_are_refused_as_they_are():
    with pytest.raises(VehicleNotEligible, match=r"petrol is not electric.*no grid energy"):
        monitored("demo-chicago-as-is", "chicago")


def write_trips(folder, trips):
    return [
        str(path)
        for path, data in ((folder / file, data) for file, data in shipped_files(trips))
        if path.write_bytes(data)
    ]


def test_quantify_prints_both_totals_and_the_same_grams_in_any_file_order(tmp_path, morocco):
    files = write_trips(tmp_path, "twizy")
    programme = str(PROGRAMMES / "demo-morocco.json")
    result = CliRunner().invoke(quantify, [*reversed(files), "--programme", programme, "--json"])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.output)
    assert facts["reduction_g"] == morocco.reduction_g
    assert facts["exact_reduction_g"] == f"{morocco.exact_reduction_g:.9f}"
    assert (facts["demo"], facts["trips"], facts["rows_read"]) == (True, 17, morocco.rows_read)
    assert facts["issues"]["dropped impossible_date"] == 170
    assert [m["reduction_g"] for m in facts["months"]] == [m.reduction_g for m in morocco.months]
    result = CliRunner().invoke(quantify, [*files, "--programme", programme])
    lines = result.output.splitlines()
    assert "(DEMO)" in lines[0]
    assert f"total 17 trips, 507.4 km: {morocco.reduction_g} g" in lines


def test_programme_check_tells_what_blocks_issuing():
    arguments = ["check", str(PROGRAMMES / "demo-morocco.json")]
    result = CliRunner().invoke(programme_command, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.output)
    assert facts["coefficients"]["baseline_ug_per_km"] == 90_871_704
    assert facts["factors"]["grid"]["state"] == "single_copy"
    assert facts["blocks_issuing_embedded"] == []
    assert len(facts["blocks_issuing_elsewhere"]) == 15
    text = CliRunner().invoke(programme_command, arguments).output
    assert facts["methodology_id"] in text
    assert "on the embedded chain: may issue" in text
