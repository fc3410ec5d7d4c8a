"""Approach 2, hybrids and blends through the whole bank: sealed, and recomputed by the audit."""

import json
from typing import Any

import pytest

from carbonbank.audit.check import check_package
from carbonbank.audit.compare import Reading, compare, readings_of, worksheet
from carbonbank.audit.findings import new_findings
from carbonbank.audit.package import Package, open_archive
from carbonbank.audit.plan import Terms, make_plan
from carbonbank.domain.records import SealedBatch, StoredTrip
from carbonbank.errors import VehicleNotEligible
from carbonbank.service.export_package import export_package
from tests.stage import Stage, trip

FUEL = {
    "fuel_density": "ghgp.density.gasoline",
    "net_calorific_value": "ipcc2006.ncv.gasoline",
    "emission_factor": "ipcc2006.ef.gasoline",
}
BASELINE = 178_653_770  # µg/km: 7.864 L/100km · 7.4 · 3.06999
PETROL = 2_271_792_600  # µg/L: 740 g/L · 44,300 J/g · 6.93E-5 g/J
GRID = 520_000_000  # µg/kWh: 416 / 0.8


def charged(document: dict[str, Any]) -> None:
    document["project"]["energy_source"] = "charged"
    consumption = document["project"]["specific_energy_consumption"]
    consumption.pop("factor")
    consumption["value"] = "0.2"


def plug_in(document: dict[str, Any]) -> None:
    project = document["project"]
    project.pop("specific_energy_consumption")
    project.update(energy_source="grid", fuel={"source": "metered", **FUEL})
    of_powertrain(document, "plug_in_hybrid")


def hybrid(document: dict[str, Any]) -> None:
    document["project"] = {"energy_source": "none", "fuel": {"source": "metered", **FUEL}}
    of_powertrain(document, "hybrid")


def blended(document: dict[str, Any]) -> None:
    hybrid(document)
    blend = {"value": "0.1", "unit": "1", "evidence": "fuel law"}
    document["baseline"]["biofuel_blend"] = blend


def of_powertrain(document: dict[str, Any], powertrain: str) -> None:
    document["vehicles"]["powertrain"] = powertrain
    document["eligibility"].update(powertrains=[powertrain], assumed_electric=False)


# 15 km; 3 kWh; 0.5 L. Each by hand from the integers above.
CASES = {
    "charged": (charged, "petrol", 3_000 * (BASELINE * 5 - GRID)),
    "plug_in": (plug_in, "plug_in_hybrid", 15_000 * BASELINE - 3_000 * GRID // 3 - 500 * PETROL),
    "hybrid": (hybrid, "hybrid", 15_000 * BASELINE - 500 * PETROL),
    "blended": (blended, "hybrid", (15_000 * BASELINE - 500 * PETROL) * 9 // 10),
}


@pytest.mark.parametrize("name", CASES)
def test_every_carrier_is_sealed_and_recomputed(name: str) -> None:
    change, powertrain, reduction_ng = CASES[name]
    stage = Stage(change=change)
    stage.enrol("car-3", 3, powertrain=powertrain)
    grid_wh = 1_000 if name == "plug_in" else 3_000
    told = {"vehicle_id": "car-3", "energy_grid_wh": grid_wh, "fuel_ml": 500}
    days = [f"2024-06-{day:02d}T08:00:00" for day in (3, 4)]
    sealed = stage.sealed([trip(day, **told) for day in days])
    assert sealed.total_g == 2 * (reduction_ng // 10**9)
    package = export_package(stage.bank, sealed.batch_id)
    assert [str(check) for check in check_package(package) if not check.ok] == []
    report = json.loads(stage.all(SealedBatch)[0].report)
    assert report["coefficients"].get("project_ug_per_l", 0) == (0 if name == "charged" else PETROL)


def test_a_trip_whose_fuel_is_not_known_does_not_count() -> None:
    stage = Stage(change=plug_in)
    stage.enrol("car-3", 3, powertrain="plug_in_hybrid")
    told = {"vehicle_id": "car-3", "energy_grid_wh": 1_000}
    stage.offer([trip(fuel_ml=500, **told), trip("2024-06-04T08:00:00", **told)])
    states = sorted((one.state, one.reason) for one in stage.all(StoredTrip))
    assert states == [("accepted", ""), ("quarantined", "energy_missing")]


def test_a_pure_electric_car_is_not_of_a_hybrid_programme() -> None:
    stage = Stage(change=plug_in)
    stage.enrol("car-3", 3, powertrain="battery_electric")
    with pytest.raises(VehicleNotEligible, match="battery_electric is not plug_in_hybrid"):
        stage.offer([trip(vehicle_id="car-3", energy_grid_wh=1_000, fuel_ml=500)])


@pytest.mark.parametrize("name", ["plug_in", "blended"])
def test_what_a_source_says_of_fuel_goes_through_the_formula_of_the_leaves(name: str) -> None:
    change, powertrain, reduction_ng = CASES[name]
    stage = Stage(change=change)
    stage.enrol("car-3", 3, powertrain=powertrain)
    told = {"vehicle_id": "car-3", "energy_grid_wh": 1_000, "fuel_ml": 500}
    batch = stage.sealed([trip(**told)]).batch_id
    package = Package(open_archive(export_package(stage.bank, batch)))
    terms = Terms(kind="proportion", materiality_bps=500, materiality_source="a test")
    plan = make_plan(package, terms)
    readings = [Reading(0, "fuel card", {"fuel_ml": 600, "vehicle_id": "car-4"})]
    record = compare(package, new_findings(plan), readings)
    # A tenth of a litre more; a vehicle the report does not know loses the blend all the same.
    kept_10 = 9 if name == "blended" else 10
    right_g = (reduction_ng - 100 * PETROL * kept_10 // 10) // 10**9
    (compared,) = record["compared"]
    assert (compared["claimed_g"], compared["recomputed_g"]) == (reduction_ng // 10**9, right_g)
    (sheet, row) = worksheet(package, plan).splitlines()
    filled = dict(zip(sheet.split(","), row.split(","), strict=True))
    filled |= {"distance_m": "15000", "energy_grid_wh": "1000", "fuel_ml": "600", "read_from": "me"}
    (read,) = readings_of(package, plan, f"{sheet}\n{','.join(filled.values())}\n")
    assert (read.fields["fuel_ml"], read.fields["distance_m"]) == (600, 15_000)
