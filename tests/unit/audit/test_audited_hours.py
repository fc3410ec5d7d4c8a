"""Hours of charging decide a month's factor: worked on paper, audited, and every lie about them.

The year has 416 g/kWh, the hours 400, but for 500 at 23:00 on 31 May and 600 at noon of 2 June (the
dirtiest); the table ends with 3 June, and TDL is 0.20. car-1 drew 2.5 kWh from 22:00 on 31 May to
01:00 (500) and 7.5 kWh in the evening of 3 June (400, so the year's 416): 437 g/kWh, by 0.8 that is
546.25. car-2 drew on 10 June, which the table does not have: 600, by 0.8 that is 750 g/kWh.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from benchmarks.byteflip import flip
from carbonbank.audit.check import check_package
from carbonbank.audit.grid_hours import check_grid_hours
from carbonbank.audit.outcome import Refuted, State
from carbonbank.audit.package import Package, open_archive
from carbonbank.domain.factor import Factor, FactorState, Hours
from carbonbank.service.disclose_package import package_for_auditor, package_for_driver
from carbonbank.service.export_package import export_package
from carbonbank.service.preview_month import preview_month
from carbonbank.service.record_verification import record_verification
from tests.stage import FLEET, JUNE, PROGRAMME, Stage, factors, trip
from tests.unit.audit.charges_made import (
    TRIPS,
    by_approach_2,
    by_charges,
    files_of,
    lines,
    relaid,
    sealed,
)
from tests.unit.audit.worked_out import jcs

TABLE = "hourly.made-for-tests"
FIRST_AT = datetime(2024, 5, 31, tzinfo=UTC)
Change = Callable[[dict[str, Any]], None]


def table() -> dict[str, Factor]:
    grams = [400] * 24 * 4
    grams[23], grams[2 * 24 + 12] = 500, 600
    hours = Hours(first_at=FIRST_AT, values=tuple(Decimal(one) for one in grams))
    like = factors()["ifi2021.om.United States"]
    hourly = replace(
        like, factor_id=TABLE, value=Decimal(600), state=FactorState.SINGLE_COPY, hours=hours
    )
    return {TABLE: hourly}


def hourly(change: Change) -> Change:
    def changed(document: dict[str, Any]) -> None:
        change(document)
        document["project"]["grid_hours"] = TABLE

    return changed


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return files_of(hourly(by_charges), factors=table())


def outcomes(package: bytes) -> dict[str, tuple[State, str]]:
    return {one.name: (one.state, one.detail) for one in check_package(package)}


def own_factors(files: dict[str, bytes]) -> dict[str, int]:
    vehicles = json.loads(files["report.json"])["vehicles"]
    return {one["vehicle_id"]: one["project_ug_per_kwh"] for one in vehicles}


def test_a_vehicle_month_has_the_factor_of_its_hours(files: dict[str, bytes]) -> None:
    assert own_factors(files) == {"car-1": 546_250_000, "car-2": 750_000_000}
    report = json.loads(files["report.json"])
    assert report["coefficients"]["project_ug_per_kwh"] == 750_000_000
    by_vehicle = {one["vehicle_id"]: one for one in report["vehicles"]}
    assert by_vehicle["car-1"]["project_ng"] == str(546_250_000 * 10_000)
    # 7.864 L/100km is 178.653770064 g/km; 60 km of it less 10 kWh at 546.25 g.
    assert by_vehicle["car-1"]["exact_g"] == "5256.72620384"
    assert check_grid_hours(Package(files)) == "96 hours, 1 of 3 sessions at the worst"


def test_the_batch_is_verified_and_holds() -> None:
    stage, batch = sealed(hourly(by_charges), factors=table())
    record_verification(stage.bank, batch, stage.signed(batch))
    found = outcomes(export_package(stage.bank, batch))
    assert [name for name, (state, _) in found.items() if state is State.FAILED] == []
    for name in ("charges", "grid hours", "grams", "vehicle-months", "totals"):
        assert found[name][0] is State.OK


def test_an_operator_sees_the_factor_before_sealing() -> None:
    stage, _ = sealed(hourly(by_charges), factors=table())
    seen = preview_month(stage.bank, fleet=FLEET, programme=PROGRAMME, month=JUNE).vehicles
    told = {one.vehicle_id: (one.charges, one.project_ug_per_kwh) for one in seen}
    assert told == {"car-1": (2, 546_250_000), "car-2": (1, 750_000_000)}


@pytest.mark.parametrize("change", [by_charges, by_approach_2])
def test_hours_never_claim_more_than_the_year(change: Change) -> None:
    with_hours = files_of(hourly(change), factors=table())
    without = files_of(change)
    grams = [
        {one["vehicle_id"]: one["reduction_g"] for one in json.loads(f["report.json"])["vehicles"]}
        for f in (with_hours, without)
    ]
    assert all(grams[0][vehicle] < grams[1][vehicle] for vehicle in ("car-1", "car-2"))
    assert "project_ug_per_kwh" not in json.loads(without["report.json"])["vehicles"][0]


def test_energy_beyond_the_meter_has_no_hour() -> None:
    first, second, other = TRIPS
    telling = [replace(first, energy_grid_wh=3_500), replace(second, energy_grid_wh=9_000), other]
    files = files_of(hourly(by_charges), telling, factors=table())
    # car-1: (2.5 · 500 + 7.5 · 416 + 2.5 · 600) / 12.5 = 469.6 g/kWh, by 0.8 is 587.
    assert own_factors(files) == {"car-1": 587_000_000, "car-2": 750_000_000}
    assert check_grid_hours(Package(files)).startswith("96 hours")


def test_any_byte_of_the_sessions_and_of_all_others_is_guarded() -> None:
    stage, batch = sealed(hourly(by_charges), factors=table())
    record_verification(stage.bank, batch, stage.signed(batch))
    tallies = flip(export_package(stage.bank, batch), flips=4, seed=7)
    assert {"charges.ndjson", "package.json"} <= {one.member for one in tallies}
    assert [one.member for one in tallies if one.named < one.flips] == []


def with_report(files: dict[str, bytes], change: Callable[[Any], Any]) -> Package:
    report = json.loads(files["report.json"])
    change(report["vehicles"])
    return Package(files | {"report.json": jcs(report)})


def test_another_factor_than_the_hours_give_is_refuted(files: dict[str, bytes]) -> None:
    for value in (546_249_999, 520_000_000):
        told = with_report(files, lambda rows, v=value: rows[0].update(project_ug_per_kwh=v))
        with pytest.raises(Refuted, match=f"of car-1 is {value}, recomputed 546250000"):
            check_grid_hours(told)


def test_a_session_moved_to_a_cleaner_hour_is_refuted(files: dict[str, bytes]) -> None:
    charges = lines(files["charges.ndjson"])
    charges[0]["record"]["end_at"] = "2024-05-31T23:00:00Z"
    with pytest.raises(Refuted, match="of car-1 is 546250000, recomputed 520000000"):
        check_grid_hours(relaid(files, charges))


def test_an_own_factor_where_no_hours_decide_is_refuted() -> None:
    files = files_of()
    assert check_grid_hours(Package(files)) == "the programme chose no hours"
    told = with_report(files, lambda rows: rows[0].update(project_ug_per_kwh=1))
    with pytest.raises(Refuted, match="where no hours of charging decide"):
        check_grid_hours(told)


def spoiled(files: dict[str, bytes], **changes: Any) -> Package:
    document = json.loads(files["package.json"])
    row = document["factors"]["grid_hours"]
    hours = changes.pop("hours", {})
    row |= changes
    row["hours"] |= hours
    return Package(files | {"package.json": jcs(document)})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hours": {"values": ["400", "600"]}}, "SHA-256 of the hours"),
        ({"hours": {"first_hour": "2024-05-31T01:00:00Z"}}, "SHA-256 of the hours"),
        ({"hours": {"more": 1}}, "fields of the hours"),
        ({"value": "500"}, "value of the hours"),
        ({"region": "Iceland"}, "region of the hours"),
    ],
)
def test_a_table_that_is_not_its_hashs_is_refuted(
    files: dict[str, bytes], changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refuted, match=reason):
        check_grid_hours(spoiled(files, **changes))


def test_trips_that_meter_themselves_count_at_the_dirtiest_hour() -> None:
    def metered(document: dict[str, Any]) -> None:
        by_charges(document)
        del document["project"]["metered_by"]
        document["project"]["grid_hours"] = TABLE

    bank = sealed(factors=table())[0].bank
    stage = Stage(change=metered, bank=replace(bank, store=type(bank.store)()))
    batch = stage.sealed([trip(energy_grid_wh=2_000)]).batch_id
    files = open_archive(export_package(stage.bank, batch))
    assert check_grid_hours(Package(files)) == (
        "96 hours, hours of energy are not known: 600.0 g per kWh"
    )
    found = outcomes(export_package(stage.bank, batch))
    assert [name for name, (state, _) in found.items() if state is State.FAILED] == []


def test_outsiders_are_told_what_hours_keep_from_them() -> None:
    stage, batch = sealed(hourly(by_charges), factors=table())
    auditor = outcomes(package_for_auditor(stage.bank, batch))
    assert auditor["grid hours"][0] is State.OK
    with_row = outcomes(package_for_auditor(stage.bank, batch, [0]))
    assert with_row["grams"] == (State.OK, "1 of 3 trips recomputed, 2 are not disclosed")
    driver = outcomes(package_for_driver(stage.bank, batch, "anna"))
    for name in ("grid hours", "grams"):
        assert driver[name][0] is State.NOT_CHECKED
    assert [name for name, (state, _) in driver.items() if state is State.FAILED] == []
