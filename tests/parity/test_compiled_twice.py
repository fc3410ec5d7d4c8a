"""The bank and the audit compile the same package to the same integers, whatever it declares."""

import json
from dataclasses import fields
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonbank.audit.equations import coefficients_of, compiled, factors_of
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.package import build_package, parse_package
from carbonbank.mrv.programme import parse_programme

FOLDER = resources.files("carbonbank.data") / "programmes"
GRIDS = [f"ifi2021.om.{land}" for land in ("Morocco", "India", "Poland", "Iceland")]
FACTORS = load_factors()
BY_SOURCE = {"soc": "demo-morocco", "sec": "demo-chicago", "grid": "demo-chicago-as-is"}


def decimals(low, high, places):
    return st.integers(int(low * 10**places), int(high * 10**places)).map(
        lambda whole: f"{whole // 10**places}.{whole % 10**places:0{places}d}"
    )


VALUES = {
    "specific_fuel_consumption": decimals(0.001, 60, 6),
    "improvement_rate": decimals(0.5, 1, 4),
    "transmission_loss": decimals(0, 0.9, 5),
    "charger_efficiency": decimals(0.3, 1, 5),
    "usable_capacity": decimals(0.5, 900, 7),
    "specific_energy_consumption": decimals(0.01, 3, 7),
}


@pytest.mark.parametrize("source", [*BY_SOURCE, "battery"])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_bank_and_audit_compile_alike(source, data):
    document = json.loads((FOLDER / f"{BY_SOURCE.get(source, 'demo-morocco')}.json").read_bytes())
    if source == "battery":
        document["project"]["energy_source"] = source
        del document["project"]["usable_capacity"]
    document["project"]["grid_factor"] = data.draw(st.sampled_from(GRIDS))
    for part in ("baseline", "project"):
        for name, declared in document[part].items():
            if name in VALUES:
                declared["value"] = data.draw(VALUES[name], label=name)
                declared.pop("factor", None)
    package = build_package(parse_programme(document), FACTORS)
    year = document["base_year"] + data.draw(st.integers(0, 40), label="t")
    by_bank = compile_coefficients(parse_package(package.canonical), year)
    by_audit = coefficients_of(compiled(factors_of(json.loads(package.canonical), year)), year)
    compiled_names = {f.name for f in fields(by_bank)} - {"energy_source"}
    assert compiled_names <= by_audit.keys()
    assert {name: by_audit[name] for name in compiled_names} == {
        name: getattr(by_bank, name) for name in compiled_names
    }
