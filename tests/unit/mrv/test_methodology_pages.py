"""The methodology pages: the worked example runs, and the tables hold what the code holds."""

import doctest
import re
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

from carbonbank.domain.factor import FactorState
from carbonbank.mrv.discount_table import MEASURES, TABLES
from carbonbank.mrv.electric_programme import ElectricProgramme
from carbonbank.mrv.methods import ams_iii_c_v16
from carbonbank.mrv.package import BY_ENERGY, EQUATIONS, ROLE_UNITS
from carbonbank.mrv.programme import METHODS

DOCS = Path(__file__).parents[3] / "docs"


def cells(page, heading):
    """The first column of the table under a heading, without its marks."""
    section = (DOCS / page).read_text().split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (.+?) \|", section, re.MULTILINE)
    return [row.strip("`") for row in rows[1:] if set(row) != set("-")]


PAGES = {
    "ams_iii_c_v16": "ams-iii-c-v16.md",
    "vm0038_v1": "vm0038-v1.md",
    "lcfs_bc_v1": "lcfs.md",
    "lcfs_ca_v1": "lcfs.md",
    "shared_transport_v1": "shared-transport-v1.md",
}


@pytest.mark.parametrize("name", [*sorted(set(PAGES.values())), "grid-hours.md"])
def test_the_worked_example_runs(name):
    page = str(DOCS / "methodology" / name)
    found = doctest.testfile(page, module_relative=False, verbose=False)
    assert found.attempted >= 5
    assert found.failed == 0


def test_every_method_has_a_page_with_its_equations():
    assert set(PAGES) == set(METHODS) == set(EQUATIONS)
    for method, name in PAGES.items():
        page = (DOCS / "methodology" / name).read_text()
        module = import_module(f"carbonbank.mrv.methods.{method}")
        functions = {
            n
            for n, f in vars(module).items()
            if getattr(f, "__module__", "") == module.__name__ and isfunction(f)
        }
        helpers = {
            "energy_consumed_kwh",
            "fleet_size",
            "metered_trips",
            "case_by_distance",
            "case_by_energy",
        }
        assert functions - helpers <= set(re.findall(r"`(\w+)`", page)), method
        assert f"{method}.py" in page
        for heading in ("Worked example", "One trip, worked"):
            if heading in page:
                break
        else:
            pytest.fail(f"{name} has no worked example")


def test_every_equation_named_on_the_page_or_in_a_package_is_in_the_module():
    page = (DOCS / "methodology/ams-iii-c-v16.md").read_text()
    named = set(re.findall(r"`(eq\d_\w+|box1_\w+)`", page))
    in_code = {name for name in dir(ams_iii_c_v16) if name.startswith(("eq", "box"))}
    assert named == in_code
    assert (
        set(
            re.findall(
                r"eq\d_\w+", " ".join([*EQUATIONS["ams_iii_c_v16"].values(), *BY_ENERGY.values()])
            )
        )
        <= in_code
    )


def test_every_state_and_role_is_on_the_page_of_factors():
    assert cells("methodology/factors.md", "## States") == [s.value for s in FactorState]
    assert cells("methodology/factors.md", "## Roles and units") == list(ROLE_UNITS)
    page = (DOCS / "methodology/factors.md").read_text()
    for units in ROLE_UNITS.values():
        assert ", ".join(units) in page


def test_every_field_of_a_programme_is_on_its_page():
    documented = [
        name.strip("`")
        for cell in cells("reference/programme.md", "# Programme files")
        for name in cell.split(", ")
    ]
    assert documented == list(ElectricProgramme.model_fields)


def rows(page, heading):
    """The cells of the table under a heading, without marks and head."""
    section = (DOCS / page).read_text().split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[c.strip(" `") for c in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_page_of_discounts_prints_the_table_and_the_measures():
    page = "methodology/discount.md"
    (steps,) = TABLES.values()
    told = [[s.measure, f"{s.below_bps / 100:.2f} %", str(s.discount_bps)] for s in steps]
    assert rows(page, "## The table `carbonbank/1`") == told
    measures = [[name, one.what, one.remedy] for name, one in MEASURES.items()]
    assert rows(page, "## Measures") == measures


def test_the_page_of_discounts_says_what_every_shipped_package_takes(package_of):
    told = dict(rows("methodology/discount.md", "## Shipped programmes"))
    shipped = {p.stem for p in (DOCS.parent / "carbonbank/data/programmes").glob("*.json")}
    assert set(told) == shipped
    named = {steps: name for name, steps in TABLES.items()} | {(): "none"}
    assert told == {n: named[package_of(n).programme.discounts] for n in shipped}
