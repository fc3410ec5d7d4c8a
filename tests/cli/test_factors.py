"""`carbonbank factors`: what ships, with licence and state."""

import json

from click.testing import CliRunner, Result

from carbonbank.cli.main import carbonbank
from carbonbank.errors import NotFound


def run(*words: str) -> Result:
    return CliRunner().invoke(carbonbank, ["factors", *words])


def test_factors_are_listed_shown_and_chosen() -> None:
    listed = run("list", "morocco").stdout.splitlines()
    line = (
        "ifi2021.om.Morocco: 729 gCO2/kWh, single_copy, Morocco 2021 (v3.1),"
        " licence UNFCCC/IFI public data"
    )
    assert line in listed
    chosen = run("choose", "Morocco", "--year", "2026", "--margin", "om")
    assert chosen.stdout.strip() == line
    shown = json.loads(run("show", "ember.MAR", "--json").stdout)
    assert shown["licence"].startswith("CC BY-SA 4.0")
    assert shown["state"] == "single_copy"
    assert run("list", "--state", "concordant").stdout.count("concordant") > 1
    assert run("list", "atlantis").stdout.strip() == "none"
    assert isinstance(run("show", "atlantis").exception, NotFound)


def test_hours_are_shown_with_what_a_table_lacks() -> None:
    table = "hourly.demo-morocco.2021-03"
    lines = run("hours", table, "--day", "2021-03-14").stdout.splitlines()
    assert lines[0].startswith(f"{table}: 690 gCO2/kWh, unverified, Morocco 2021")
    assert lines[1:4] == [
        "2021-03-14T00:00:00Z 580 gCO2/kWh",
        "2021-03-14T01:00:00Z 570 gCO2/kWh",
        "2021-03-14T02:00:00Z none",
    ]
    assert len(lines) == 25
    facts = json.loads(run("hours", table, "--json").stdout)
    assert (len(facts["values"]), facts["hours"]["without_value"]) == (744, 1)
    assert (
        facts["hours"]["sha256"]
        == json.loads(run("show", table, "--json").stdout)["hours"]["sha256"]
    )
    assert isinstance(run("hours", "ember.MAR").exception, NotFound)
