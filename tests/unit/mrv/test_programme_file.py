"""Programme files: every bad field is named at once; rules and shares hold."""

import json
from dataclasses import replace

import pytest
from programmes_made import DEMOS, changed, programme_document

from carbonbank.errors import ProgrammeInvalid
from carbonbank.mrv.programme import parse_programme, rules_of
from carbonbank.mrv.rules import CAR, MICROCAR


@pytest.mark.parametrize("name", DEMOS)
def test_demo_programmes_parse_and_round_trip(name):
    programme = parse_programme(json.dumps(programme_document(name)).encode())
    assert programme.handle == name
    assert programme.demo
    assert programme.retroactive
    assert "DEMO" in programme.title
    assert parse_programme(programme.document) == programme


def broken(**changes):
    return changed("demo-morocco", **changes)


def declared(value, unit):
    return {"value": value, "unit": unit, "evidence": "none (DEMO)"}


BAD = {
    "handle": ("Demo Morocco!", "handle"),
    "method": ("ams_iii_c_v99", "method"),
    "base_year": ("2021", "base_year"),
    "claims_valid_until": ("next year", "claims_valid_until"),
    "project__transmission_loss": (declared("1", "1"), "project.soc.transmission_loss"),
    "project__charger_efficiency": (declared("1.01", "1"), "project.soc.charger_efficiency"),
    "project__usable_capacity": (declared("6100", "Wh"), "project.soc.usable_capacity"),
    "project__energy_source": ("solar", "project"),
    "baseline__specific_fuel_consumption": (
        declared("0", "L/100km"),
        "baseline.specific_fuel_consumption",
    ),
    "baseline__improvement_rate": (declared("1.1", "1/year"), "baseline.improvement_rate"),
    "eligibility__comparability": (declared("25", "percent"), "eligibility.comparability"),
    "eligibility__powertrains": (["petrol"], "eligibility.powertrains"),
    "eligibility__categories": ([], "eligibility.categories"),
    "shares_bps": ({"drivers": 9500, "buffer": 1000}, "shares_bps"),
    "rules": ({"speed_limit": 3}, "rules"),
    "colour": ("green", "colour"),
    "discounts": (
        [{"measure": "luck", "below_bps": 1, "discount_bps": 1}],
        "discounts.0.measure",
    ),
}


@pytest.mark.parametrize("path", BAD)
def test_a_bad_field_is_refused_by_its_place(path):
    value, place = BAD[path]
    with pytest.raises(ProgrammeInvalid) as caught:
        parse_programme(broken(**{path: value}))
    assert caught.value.programme in {"demo-morocco", "Demo Morocco!"}
    assert caught.value.count == 1
    assert caught.value.problems.startswith(place)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "six", "", "0x10", "9" * 41])
def test_a_declared_value_is_a_finite_decimal(text):
    with pytest.raises(ProgrammeInvalid):
        parse_programme(broken(project__usable_capacity=declared(text, "kWh")))


def test_all_bad_fields_are_named_at_once():
    chosen = ("base_year", "project__transmission_loss", "shares_bps", "rules", "colour")
    with pytest.raises(ProgrammeInvalid) as caught:
        parse_programme(broken(**{path: BAD[path][0] for path in chosen}))
    assert caught.value.count == len(chosen)
    for path in chosen:
        assert BAD[path][1] in caught.value.problems


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"null"])
def test_bytes_that_are_no_programme(content):
    with pytest.raises(ProgrammeInvalid):
        parse_programme(content)


def test_assumed_electric_is_for_demos_alone():
    document = programme_document("demo-chicago")
    document["demo"] = False
    with pytest.raises(ProgrammeInvalid, match="assumed_electric"):
        parse_programme(document)


def test_rules_are_those_of_the_vehicle_kind_with_the_programmes_own_on_top():
    rules = rules_of(parse_programme(broken(rules={"speed_kmh_max": 90})))
    assert rules.speed_kmh_max == 90
    assert rules.energy_wh_per_100km_max == MICROCAR.energy_wh_per_100km_max
    assert rules.usable_battery_wh == 6100
    chicago = rules_of(parse_programme(programme_document("demo-chicago")))
    assert chicago.clock_zones[0] == "America/Chicago"
    assert sorted(chicago.clock_zones) == sorted(CAR.clock_zones)
    assert replace(chicago, clock_zones=CAR.clock_zones) == CAR
