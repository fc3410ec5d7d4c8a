"""The bank and the audit compile the same package to the same integers, whatever it declares."""

import json
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


FUEL = {
    "fuel_density": "ghgp.density.gasoline",
    "net_calorific_value": "ipcc2006.ncv.gasoline",
    "emission_factor": "ipcc2006.ef.gasoline",
}


def burning(source, consumption):
    declared = {"value": consumption, "unit": "L/100km", "evidence": "report 7"}
    told = {} if source == "metered" else {"specific_fuel_consumption": declared}
    return {"source": source, **FUEL, **told}


@pytest.mark.parametrize("fuel", [None, "metered", "declared"])
@pytest.mark.parametrize("source", [*BY_SOURCE, "battery", "charged", "none"])
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_bank_and_audit_compile_alike(source, fuel, data):
    document = json.loads((FOLDER / f"{BY_SOURCE.get(source, 'demo-morocco')}.json").read_bytes())
    if source == "battery":
        document["project"]["energy_source"] = source
        del document["project"]["usable_capacity"]
    if source == "charged":
        document = json.loads((FOLDER / "demo-chicago.json").read_bytes())
        document["project"]["energy_source"] = source
        document["eligibility"]["assumed_electric"] = False
    if source == "none":
        fuel = fuel or "metered"
        document["project"] = {"energy_source": "none"}
    if fuel:
        litres = data.draw(VALUES["specific_fuel_consumption"])
        document["project"]["fuel"] = burning(fuel, litres.replace("0.000000", "1"))
        carriers = "hybrid" if source == "none" else "plug_in_hybrid"
        document["eligibility"]["powertrains"] = [carriers]
    share = {"value": data.draw(decimals(0.5, 1, 6)), "unit": "1", "evidence": "report 7"}
    document["monitoring"] = {
        "evidence": "plan",
        "cross_check": "invoices",
        "distance_share": share,
    }
    if source != "none":
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
    assert by_audit == by_bank.integers
    assert not fuel or any(by_audit[n] for n in by_audit if n.startswith("project_"))
