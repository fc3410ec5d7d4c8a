"""`carbonbank quantify` of methods that are shown and never issued."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from carbonbank.cli.main import carbonbank
from carbonbank.intake.canonical import write_csv
from tests.stage import programme_file, trip


def declared(value: str, unit: str) -> dict[str, str]:
    return {"value": value, "unit": unit, "evidence": "table"}


def british_columbia(document: dict[str, Any]) -> None:
    document["method"], document["base_year"] = "lcfs_bc_v1", 2024
    document["baseline"] = {
        "target_intensity": "lcfs.target_ci.gasoline-category.2024",
        "energy_density": "lcfs.energy_density.electricity",
    }
    document["project"] = {
        "energy_source": "grid",
        "carbon_intensity": "lcfs.default_ci.electricity",
        "energy_economy_ratio": "lcfs.eer.electricity-ldv-gasoline",
        "use_intensity": declared("0", "gCO2e/MJ"),
    }


def california(document: dict[str, Any]) -> None:
    document["method"], document["base_year"] = "lcfs_ca_v1", 2024
    document["baseline"] = {"benchmark": declared("89.37", "gCO2e/MJ")}
    document["project"] = {
        "energy_source": "grid",
        "carbon_intensity": "lcfs.california.ca-grid-electricity-ci-2020",
        "energy_economy_ratio": "lcfs.california.eer-bev-phev-vs-gasoline",
    }


# 1,000 kWh: a hundredth of the published 94.76640 units, a tenth of the published 7.953768.
@pytest.mark.parametrize(
    ("change", "units"), [(british_columbia, "0.94766"), (california, "0.795377")]
)
def test_compliance_units_are_shown_beside_grams(tmp_path: Path, change: Any, units: str) -> None:
    programme, trips = tmp_path / "programme.json", tmp_path / "trips.csv"
    programme.write_bytes(programme_file(change=change))
    days = [f"2024-06-{day:02d}T08:00:00" for day in range(1, 11)]
    energy = {"distance_m": 500_000, "minutes": 400, "energy_grid_wh": 100_000}
    trips.write_bytes(write_csv([trip(day, **energy) for day in days]))
    words = ["quantify", str(trips), "--programme", str(programme)]
    found = json.loads(CliRunner().invoke(carbonbank, [*words, "--json"]).stdout)
    assert found["compliance_units"] == units
    assert 0 <= float(found["exact_reduction_g"]) - found["reduction_g"] <= 11
    shown = CliRunner().invoke(carbonbank, words).stdout
    assert f"compliance units {units}" in shown
    assert "shown and never issued: compliance units are a regulator's" in shown
