"""Methodology packages: canonical bytes, their hash, what blocks issuing, who is eligible."""

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from programmes_made import DEMOS, programme_document

from carbonbank.domain.factor import FactorState
from carbonbank.errors import (
    FactorsUnusable,
    MethodUnknown,
    PackageInvalid,
    ProgrammeInvalid,
    VehicleNotEligible,
)
from carbonbank.mrv.package import build_package, check_eligible, issuable, parse_package
from carbonbank.mrv.programme import parse_programme
from tests.on_record import put_on_record


def canonical(document):
    """RFC 8785 for what packages hold: ASCII keys, integers, strings."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize("name", DEMOS)
def test_a_package_comes_back_from_its_bytes_with_the_same_id(package_of, name):
    package = package_of(name)
    assert package.canonical == canonical(package.document)
    assert package.methodology_id == hashlib.sha256(package.canonical).digest()
    again = parse_package(package.canonical)
    assert again.document == package.document
    assert again.methodology_id == package.methodology_id
    assert again.programme == package.programme


def test_a_package_carries_what_an_auditor_needs(package_of):
    document = package_of("demo-morocco").document
    assert document["code"] == {"method": "ams_iii_c_v16", "version": "1"}
    assert document["demo"] is True
    assert document["class_label"] == "AMS-III.C/16"
    assert document["shares_bps"] == {"drivers": 6000, "buffer": 1000}
    assert document["factors"]["grid"]["value"] == "547"
    assert document["factors"]["grid"]["state"] == "single_copy"
    assert document["programme"]["project"]["usable_capacity"]["value"] == "6.1"
    assert document["rules"]["overlap_s_max"] == 60


def test_the_id_follows_every_part(package_of, factors):
    plain = package_of("demo-morocco")
    changed = [
        package_of("demo-morocco", shares_bps={"drivers": 6000, "buffer": 1001}),
        package_of("demo-morocco", claims_valid_until="2037-01-01"),
        package_of("demo-morocco", rules={"overlap_s_max": 59}),
        package_of("demo-morocco", project__grid_factor="ifi2021.om.Morocco"),
    ]
    grid = factors["ifi2021.cm_consumption.Morocco"]
    other = {**factors, grid.factor_id: replace(grid, value=Decimal("547.0"))}
    changed.append(build_package(plain.programme, other))
    ids = {package.methodology_id for package in [plain, *changed]}
    assert len(ids) == 6


def test_factors_come_in_the_units_of_the_equations(package_of):
    package = package_of("demo-morocco")
    assert package.factor("emission_factor") == Fraction("6.93E-5")  # 69300 kg/TJ in g/J
    assert package.factor("net_calorific_value") == 44300  # 44.3 TJ/Gg in J/g
    assert package.factor("grid") == Fraction("0.547")  # g/kWh in kg/kWh


def test_every_factor_that_can_not_be_used_is_named_at_once(package_of):
    with pytest.raises(FactorsUnusable) as caught:
        package_of(
            "demo-chicago",
            project__grid_factor="ifi2021.om.Atlantis",
            baseline__fuel_density="ipcc2006.ncv.gasoline",
            project__specific_energy_consumption={
                "value": "0.2",
                "unit": "kWh/km",
                "evidence": "x",
                "factor": "vm0038.kwh_per_km.ldv-l1-l2.us",
            },
        )
    assert caught.value.count == 3
    for part in ("Atlantis is unknown", "not in kg/L", "declared is 0.2 kWh/km"):
        assert part in caught.value.problems


def test_bytes_that_are_no_package(package_of):
    package = package_of("demo-morocco")
    document = package.document
    no_factor = {**document, "factors": {}}
    wrong_unit = json.loads(package.canonical)
    wrong_unit["factors"]["grid"]["unit"] = "lb/MWh"
    no_number = json.loads(package.canonical)
    no_number["factors"]["grid"]["value"] = "NaN"
    for content in (
        b"",
        b"[]",
        b"\xff",
        b'"x"',
        package.canonical + b"\n",
        canonical({**document, "format": "other/1"}),
        canonical({k: v for k, v in document.items() if k != "code"}),
        canonical(no_factor),
        canonical(wrong_unit),
        canonical(no_number),
    ):
        with pytest.raises(PackageInvalid):
            parse_package(content)
    with pytest.raises(MethodUnknown):
        parse_package(canonical({**document, "code": {**document["code"], "version": "2"}}))
    with pytest.raises(ProgrammeInvalid):
        parse_package(canonical({**document, "programme": {}}))


# --- who may issue -----------------------------------------------------------------------------


def with_states(factors, state, **derived_from):
    return {
        k: replace(f, state=state, derived_from=derived_from.get("parents", ()))
        for k, f in factors.items()
    }


def honest_document():
    """The Chicago programme as one that is no demo and has evidence for everything."""
    document = programme_document("demo-chicago")
    document.update(demo=False, handle="honest")
    del document["eligibility"]["assumed_electric"]
    del document["project"]["specific_energy_consumption"]["factor"]
    put_on_record(document)
    return document


def test_a_demo_may_issue_on_the_embedded_chain_alone(package_of):
    package = package_of("demo-morocco")
    assert issuable(package, embedded=True) == []
    reasons = issuable(package, embedded=False)
    assert "a DEMO programme issues on the embedded chain alone" in reasons
    assert any("grid ifi2021.cm_consumption.Morocco is single_copy" in r for r in reasons)
    assert any("project.usable_capacity has no evidence" in r for r in reasons)


def test_the_same_package_without_the_flag_is_refused(package_of):
    assert issuable(package_of("demo-morocco", demo=False), embedded=True)


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize(
    ("state", "parents", "may"),
    [
        (FactorState.PRIMARY, (), True),
        (FactorState.CONCORDANT, (), True),
        (FactorState.SINGLE_COPY, (), False),
        (FactorState.UNVERIFIED, (), False),
        (FactorState.DERIVED, (), False),
        (FactorState.DERIVED, ("vm0038.afec.ldv-l1-l2.us",), False),  # itself derived here
    ],
)
def test_an_honest_programme_issues_on_checked_factors_alone(
    factors, embedded, state, parents, may
):
    library = with_states(factors, state, parents=parents)
    package = build_package(parse_programme(honest_document()), library)
    reasons = issuable(package, embedded=embedded)
    assert (reasons == []) is may
    assert all(reason.startswith("factor ") for reason in reasons)


@pytest.mark.parametrize(
    ("parent_state", "honest", "demo"),
    [
        (FactorState.PRIMARY, True, True),
        (FactorState.CONCORDANT, True, True),
        (FactorState.SINGLE_COPY, False, True),
        (FactorState.UNVERIFIED, False, False),
    ],
)
def test_a_derived_factor_is_as_good_as_what_it_was_made_of(factors, parent_state, honest, demo):
    library = with_states(factors, FactorState.PRIMARY)
    grid = library["ifi2021.om.United States"]
    parent = replace(grid, factor_id="parent", state=parent_state)
    library["parent"] = parent
    library[grid.factor_id] = replace(
        grid, state=FactorState.DERIVED, derived_from=("parent", "ipcc2006.ef.gasoline")
    )
    package = build_package(parse_programme(honest_document()), library)
    assert (issuable(package, embedded=True) == []) is honest
    package = build_package(parse_programme(programme_document("demo-chicago")), library)
    assert (issuable(package, embedded=True) == []) is demo


def test_missing_evidence_blocks_an_honest_programme(factors):
    document = honest_document()
    document["project"]["transmission_loss"]["evidence"] = "none yet"
    document["eligibility"]["additionality"]["evidence"] = "None"
    package = build_package(parse_programme(document), with_states(factors, FactorState.PRIMARY))
    assert issuable(package, embedded=True) == [
        "declared value project.transmission_loss has no evidence",
        "eligibility.additionality has no evidence",
    ]


# --- who is eligible ---------------------------------------------------------------------------


def eligible(package, powertrain="battery_electric", category="L7e", *, has_energy=True):
    check_eligible(
        package,
        powertrain=powertrain,
        category=category,
        vehicle_id="car-1",
        has_energy=has_energy,
    )


def test_an_electric_vehicle_of_the_category_with_energy_is_eligible(package_of):
    eligible(package_of("demo-morocco"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"powertrain": "petrol"}, "its powertrain petrol is not electric"),
        ({"powertrain": "plug_in_hybrid"}, "its powertrain plug_in_hybrid is not electric"),
        ({"category": "M1"}, "its category M1 is none of L7e"),
        ({"has_energy": False}, "its trips have no soc energy"),
    ],
)
def test_a_vehicle_outside_the_conditions_is_refused(package_of, changes, reason):
    with pytest.raises(VehicleNotEligible) as caught:
        eligible(package_of("demo-morocco"), **changes)
    assert caught.value.fields == {
        "vehicle_id": "car-1",
        "programme": "demo-morocco",
        "reason": reason,
    }


def test_the_chicago_cars_are_refused_as_they_are_and_run_when_assumed_electric(package_of):
    with pytest.raises(VehicleNotEligible, match="not electric; its trips have no grid energy"):
        eligible(package_of("demo-chicago-as-is"), "petrol", "M1", has_energy=False)
    eligible(package_of("demo-chicago"), "petrol", "M1", has_energy=False)
