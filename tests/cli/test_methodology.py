"""`carbonbank methodology show|diff`: three kinds of files, values with units, the hashed bytes."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from carbonbank.cli.main import carbonbank
from carbonbank.errors import PackageInvalid
from tests.stage import programme_file


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(carbonbank, ["methodology", *map(str, words)])


def cleaner(document: dict[str, Any]) -> None:
    document["project"]["transmission_loss"]["value"] = "0.15"
    document["rules"] = {"overlap_s_max": 59}
    document["eligibility"].pop("assumed_electric")
    consumption = document["project"]["specific_energy_consumption"]
    consumption["sample"] = {
        "population": 40,
        "size": 30,
        "mean": "0.2",
        "standard_deviation": "0.01",
    }


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.json"
    path.write_bytes(programme_file())
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.json"
    path.write_bytes(programme_file(change=cleaner))
    return path


def test_a_package_is_shown_with_every_factor_and_its_own_bytes(old: Path, tmp_path: Path) -> None:
    shown = run("show", old).stdout
    found = json.loads(run("show", old, "--json").stdout)
    canonical = run("show", old, "--canonical").stdout_bytes
    assert hashlib.sha256(canonical).hexdigest() == found["methodology_id"]
    assert found["methodology_id"] in shown
    assert "factor grid: ifi2021.om.United States = 416 gCO2/kWh, single_copy" in shown
    assert "licence: UNFCCC/IFI public data" in shown
    assert "declared project.transmission_loss: 0.20 1, evidence: none (DEMO)" in shown
    assert "compiled baseline_ug_per_km: 178653770" in shown
    assert "on the embedded chain: may issue" in shown
    package = tmp_path / "package.json"
    package.write_bytes(canonical)
    audit = tmp_path / "batch.zip"
    with zipfile.ZipFile(audit, "w") as archive:
        archive.writestr("package.json", canonical)
    assert run("show", package).stdout == run("show", audit).stdout == shown


def test_two_packages_differ_by_path_with_values_and_units(old: Path, new: Path) -> None:
    lines = run("diff", old, new).stdout.splitlines()
    assert "programme.project.transmission_loss: 0.20 → 0.15" in lines
    assert "programme.eligibility.assumed_electric: yes → no" in lines
    assert "rules.overlap_s_max: 60 s → 59 s" in lines
    sample = "programme.project.specific_energy_consumption.sample"
    assert f"{sample}.mean: added 0.2" in lines
    # 0.207041 kWh/km · 416 g/kWh / 0.85, rounded up
    assert "compiled for 2007: project_ug_per_km 107661320 → 101328302" in lines
    assert f"{sample}.mean: removed 0.2" in run("diff", new, old).stdout.splitlines()
    assert "both are" in run("diff", old, old).stdout


def test_the_difference_as_json(old: Path, new: Path) -> None:
    found = json.loads(run("diff", old, new, "--json").stdout)
    by_path = {one["path"]: one for one in found["differences"]}
    assert by_path["rules.overlap_s_max"] == {
        "path": "rules.overlap_s_max",
        "kind": "changed",
        "old": "60 s",
        "new": "59 s",
    }
    assert found["old"] != found["new"]


def test_a_zip_without_a_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.json", b"{}")
    assert isinstance(run("show", path).exception, PackageInvalid)
