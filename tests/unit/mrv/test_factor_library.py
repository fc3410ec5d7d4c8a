"""Shipped factors: every row has a state, a licence and its exact decimal."""

import csv
import fnmatch
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from carbonbank.domain.factor import FactorState
from carbonbank.errors import FactorTableInvalid
from carbonbank.intake import factor_library

DATA = Path(str(resources.files("carbonbank.data")))
TABLES = (
    "fuels_core.csv",
    "grid_ifi.csv",
    "lcfs.csv",
    "vehicle_km_uk.csv",
    "vm0038_defaults.csv",
)


def rows(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_shipped_data_file_has_one_licence_entry():
    entries = rows(DATA / "LICENCES.csv")
    assert all(entry["licence"] and entry["attribution"] for entry in entries)
    files = [p.relative_to(DATA).as_posix() for p in DATA.rglob("*") if p.is_file()]
    shipped = [f for f in files if not f.endswith((".py", ".pyc"))]
    assert len(shipped) > len(TABLES)
    for file in shipped:
        matching = [e["path"] for e in entries if fnmatch.fnmatchcase(file, e["path"])]
        assert len(matching) == 1, (file, matching)
    for entry in entries:
        assert fnmatch.filter(files, entry["path"]), f"{entry['path']} is licensed but not there"


def test_every_verification_text_of_a_table_is_mapped_to_a_closed_state():
    mapped = {
        (row["table"], row["verification"]): row["state"]
        for row in rows(DATA / "factors/verification_states.csv")
    }
    assert set(mapped.values()) <= set(FactorState)
    for table in TABLES:
        for row in rows(DATA / "factors" / table):
            assert (table, row.get("verification", row["source"])) in mapped


def test_no_state_is_better_than_its_text():
    for row in rows(DATA / "factors/verification_states.csv"):
        text, state = row["verification"], row["state"]
        if "copies agree" in text:
            assert state == "concordant"
        if "third-party copy" in text or "repository" in text:
            assert state in {"single_copy", "unverified"}
        if "arithmetic" in text:
            assert state == "derived"


def test_factors_are_the_decimals_of_their_tables(factors):
    written = {r["factor_id"]: r["value"] for r in rows(DATA / "factors/grid_ifi.csv")}
    assert len(written) == 1165
    for factor_id, value in written.items():
        assert str(factors[factor_id].value) == value


@pytest.mark.parametrize(
    ("factor_id", "value", "unit", "state"),
    [
        ("ifi2021.cm_consumption.Morocco", "547", "gCO2/kWh", "single_copy"),
        ("ifi2021.om.United States", "416", "gCO2/kWh", "single_copy"),
        ("ipcc2006.ef.gasoline", "69300", "kgCO2/TJ(NCV)", "single_copy"),
        ("ghgp.density.gasoline", "0.74", "kg/L", "single_copy"),
        ("desnz2025.scope1.diesel_blend", "2.57082", "kgCO2e/L", "concordant"),
        ("desnz2025.implied.ncv.LPG", "45.96", "MJ/kg (net)", "derived"),
        ("defra2024.scope1.petrol_mineral", "2.35372", "kgCO2e/L", "unverified"),
        ("vm0038.afec.ldv-l1-l2.us", "33.32", "kWh/100 mi", "primary"),
        ("vm0038.kwh_per_km.ldv-l1-l2.us", "0.207041", "kWh/km", "derived"),
        ("lcfs.target_ci.gasoline-category.2024", "78.68", "gCO2e/MJ", "single_copy"),
        ("lcfs.eer.battery-bus-diesel", "3.8", "-", "single_copy"),
        ("lcfs.california.eer-bev-phev-vs-gasoline", "3.4", "-", "primary"),
    ],
)
def test_known_factors(factors, factor_id, value, unit, state):
    factor = factors[factor_id]
    assert (factor.value, factor.unit, factor.state) == (Decimal(value), unit, state)


def test_every_derived_factor_names_what_it_was_made_of(factors):
    for factor in factors.values():
        assert bool(factor.derived_from) == (factor.state is FactorState.DERIVED), factor.factor_id
        for parent in factor.derived_from:
            assert factors[parent].state is not FactorState.DERIVED


def test_derived_consumption_is_its_parent_per_kilometre(factors):
    for place in ("ldv-l1-l2.us", "ldv-dcfc.us", "e-bus-hdv.us", "ldv-l1-l2.ca"):
        per_100_mi = factors[f"vm0038.afec.{place}"].value
        derived = factors[f"vm0038.kwh_per_km.{place}"].value
        assert abs(per_100_mi / Decimal("160.9344") - derived) <= Decimal("0.000001")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"value": "about 3"}, "no decimal"),
        ({"verification": "somebody said so"}, "no state"),
        ({}, "twice"),
    ],
)
def test_a_broken_row_is_a_typed_error_with_its_place(monkeypatch, changed, reason):
    real = factor_library._rows

    def broken(table):
        for name, number, row in real(table):
            yield name, number, row
            if table == "fuels_core.csv" and number == 5:
                yield name, number, {**row, **changed}

    monkeypatch.setattr(factor_library, "_rows", broken)
    with pytest.raises(FactorTableInvalid, match=reason) as caught:
        factor_library.load_factors()
    assert (caught.value.table, caught.value.row) == ("fuels_core.csv", 5)
