"""What `carbonbank demo` promises: the trail, the figures, and books that stay as they are."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from carbonbank.demo.story import STEPS
from carbonbank.domain.records import PROJECTIONS
from tests.e2e.demo_run import (
    DemoRun,
    carbonbank,
    chain_of,
    papers_of,
    reconciled,
    tables_of,
)

pytestmark = pytest.mark.xdist_group("demo")

# Worked out before the bank was built, from the published tables of both data sets: kilograms.
EXPECTED_KG = {
    "rsk-twizy": {
        "2021-03": 3.75,
        "2021-04": 1.69,
        "2021-05": 0.74,
        "2021-06": 2.40,
        "2021-07": 0.70,
    },
    "chicago-2007": {
        "2007-03": 17.9,
        "2007-04": 36.6,
        "2007-05": 60.7,
        "2007-06": 116.6,
        "2007-07": 2.8,
        "2007-08": 19.7,
    },
}
EXPECTED_KM = {"rsk-twizy": 507.4, "chicago-2007": 3581}
LINE_COLUMNS_MAX = 120


def step(demo: DemoRun, number: int) -> str:
    """What was printed under a heading."""
    parts = re.split(r"^(\d+) (?=[A-Z])", demo.output, flags=re.MULTILINE)
    return dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))[number]


def test_it_says_demo_first_and_prints_eleven_numbered_steps(demo: DemoRun) -> None:
    assert demo.output.startswith("DEMO. ")
    headings = re.findall(r"^(\d+) (.+)$", demo.output, re.MULTILINE)
    assert headings == [(str(n), one.title) for n, one in enumerate(STEPS, 1)]
    assert len(headings) == 11


def test_it_says_that_its_admin_does_not_wait(demo: DemoRun) -> None:
    before_the_steps = demo.output.split("\n1 ")[0]
    assert "DEMO: what the admin schedules waits 0 s; a bank in earnest waits 172,800 s" in (
        " ".join(before_the_steps.split())
    )


def test_it_fits_a_terminal_and_tells_the_work_time(demo: DemoRun) -> None:
    assert max(map(len, demo.output.splitlines())) <= LINE_COLUMNS_MAX
    assert re.search(r"^Done: 11 steps, work time \d+ s\.$", demo.output, re.MULTILINE)


def test_it_imports_17_and_241_real_trips(demo: DemoRun) -> None:
    fleets = demo.log["1"]["fleets"]
    assert {handle: told["trips"] for handle, told in fleets.items()} == {
        "rsk-twizy": 17,
        "chicago-2007": 241,
    }
    assert (fleets["rsk-twizy"]["files"], fleets["rsk-twizy"]["vehicles"]) == (17, 1)
    assert (fleets["chicago-2007"]["files"], fleets["chicago-2007"]["vehicles"]) == (1, 22)


def test_the_22_cars_are_first_offered_as_they_are_and_refused(demo: DemoRun) -> None:
    assert "refused. VehicleNotEligible: " in step(demo, 1)
    refused = demo.log["1"]["fleets"]["chicago-2007"]["refused"]
    assert "is not electric" in refused
    assert "no grid energy" in refused


def test_what_was_dropped_and_mended_is_counted_by_rule(demo: DemoRun) -> None:
    told = demo.log["2"]["rsk-twizy"]["issues"]
    assert told["dropped/impossible_date"] > 0
    assert told["mended/soc_outlier"] == 1
    for named, count in told.items():
        severity, code = named.split("/")
        assert re.search(rf"rsk-twizy +{count:,} {severity} +{code} ", step(demo, 2)), named


@pytest.mark.parametrize("fleet", EXPECTED_KG)
def test_every_month_saves_what_was_expected(demo: DemoRun, fleet: str) -> None:
    found_kg = {month: told["reduction_g"] / 1000 for month, told in demo.log["3"][fleet].items()}
    assert found_kg == pytest.approx(EXPECTED_KG[fleet], rel=0.01)
    km = sum(told["distance_m"] for told in demo.log["3"][fleet].values()) / 1000
    assert km == pytest.approx(EXPECTED_KM[fleet], rel=0.002)


def test_it_seals_11_batches_of_27_vehicle_months(demo: DemoRun) -> None:
    assert len(set(demo.log["4"]["batches"])) == 11
    assert demo.log["4"]["vehicle_months"] == 27
    assert "11 batches, 27 vehicle-months" in step(demo, 4)


def test_the_verifier_refuses_a_copy_raised_by_one_gram(demo: DemoRun) -> None:
    refused = demo.log["5"]["refused"]
    assert (refused["error"], refused["exit"]) == ("PackageDoesNotHold", 3)
    true_g = demo.log["5"]["verified"][refused["batch_id"]]
    shown = " ".join(step(demo, 5).split())
    assert "raised by 1 g" in shown
    assert f"reduction_g is {true_g + 1}, recomputed {true_g}" in shown


def test_the_verifier_had_a_keystore_of_its_own_and_the_packages_alone(demo: DemoRun) -> None:
    verifier, bank = demo.place / ".carbonbank-verifier", demo.place / ".carbonbank"
    assert (verifier / "keystore.json").read_bytes() != (bank / "keys/bank.json").read_bytes()
    known = {"keystore.json", "demo-passphrase", "desk"}
    assert {one.name for one in verifier.iterdir()} == known
    given = {f"{batch[:8]}.zip" for batch in demo.log["4"]["batches"]}
    assert {one.name for one in (verifier / "desk").iterdir()} <= given | {"verification.json"}


def test_the_audit_is_made_without_the_data_directory_and_finds_nothing(demo: DemoRun) -> None:
    assert demo.log["11"]["exit"] == 0
    states = demo.log["11"]["checks"]
    not_ok = {name for name, state in states.items() if state != "ok"}
    # No node was asked, and the demo's verifier signs without handing in plan and sample.
    assert not_ok == {"work", "chain id", "chain event", "chain amounts", "chain vehicles"}
    assert {states[name] for name in not_ok} == {"not checked"}
    assert "not checked: chain id" in step(demo, 11)


def test_the_books_are_clean(demo: DemoRun) -> None:
    done = reconciled(demo.place)
    assert done["findings"] == []
    assert (done["batches"], done["vehicle_months"]) == (11, 27)


def test_run_again_it_changes_nothing(demo: DemoRun, tmp_path: Path) -> None:
    place = demo.copied_to(tmp_path / "again")
    tables = tables_of(demo.place / ".carbonbank", tmp_path / "before")
    again = carbonbank(place, "demo")
    assert again.returncode == 0, again.stderr
    assert papers_of(place) == papers_of(demo.place)
    assert tables_of(place / ".carbonbank", tmp_path / "after") == tables
    assert chain_of(place) == demo.chain


def test_dropped_projections_are_folded_from_the_chain_to_the_same_tables(
    demo: DemoRun, tmp_path: Path
) -> None:
    place = demo.copied_to(tmp_path / "dropped")
    tables = tables_of(demo.place / ".carbonbank", tmp_path / "before")
    with closing(sqlite3.connect(place / ".carbonbank/bank.sqlite")) as database:
        named = re.compile(r"(?<!^)(?=[A-Z])")
        for kind in PROJECTIONS:
            database.execute(f"DELETE FROM {named.sub('_', kind.__name__).lower()}")
        database.commit()
    assert tables_of(place / ".carbonbank", tmp_path / "empty") != tables
    done = carbonbank(place, "sync")
    assert done.returncode == 0, done.stderr
    assert tables_of(place / ".carbonbank", tmp_path / "after") == tables
    assert reconciled(place)["findings"] == []


def test_sync_from_the_start_gives_the_same_tables(demo: DemoRun, tmp_path: Path) -> None:
    place = demo.copied_to(tmp_path / "dropped")
    done = carbonbank(place, "sync", "--from-start")
    assert done.returncode == 0, done.stderr
    before = tables_of(demo.place / ".carbonbank", tmp_path / "before")
    assert tables_of(place / ".carbonbank", tmp_path / "after") == before


def test_a_restored_backup_has_the_same_tables_and_chain(demo: DemoRun, tmp_path: Path) -> None:
    place = demo.copied_to(tmp_path / "bank")
    kept = tmp_path / "kept.zip"
    made = carbonbank(place, "backup", str(kept))
    assert made.returncode == 0, made.stderr
    new = tmp_path / "new"
    new.mkdir()
    done = carbonbank(new, "restore", str(kept))
    assert done.returncode == 0, done.stderr
    before = tables_of(demo.place / ".carbonbank", tmp_path / "before")
    assert tables_of(new / ".carbonbank", tmp_path / "after") == before
    # The other parties' keystores are theirs: no backup of the bank holds them.
    assert not (new / ".carbonbank-verifier").exists()
    assert chain_of(new) == demo.chain
    assert reconciled(new)["findings"] == []
