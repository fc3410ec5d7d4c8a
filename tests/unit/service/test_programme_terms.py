"""The terms of a programme, from registering to sealing: period, versions, cap, fleet, method."""

import json
from dataclasses import replace
from typing import Any

import pytest

from carbonbank.audit.check import check_package
from carbonbank.domain.records import Programme, SealedBatch
from carbonbank.errors import (
    AnnualCapReached,
    BatchTotalNotPositive,
    FleetLargerThanSold,
    MethodNeverIssues,
    NotFound,
    OtherVersionInForce,
    OutsideCreditingPeriod,
    ProgrammeTotalNotPositive,
    SuccessionInvalid,
)
from carbonbank.service.certify_methodology import certify_methodology
from carbonbank.service.export_package import export_package
from carbonbank.service.preview_month import preview_month
from carbonbank.service.register_programme import register_programme
from tests.stage import FLEET, JUNE, PROGRAMME, Change, Stage, programme_file, trip

JULY = JUNE + 1
TRIPS = [trip(), trip("2024-06-04T08:00:00", vehicle_id="car-2")]
LATER = [trip("2024-07-03T08:00:00"), trip("2024-07-04T08:00:00", vehicle_id="car-2")]
NEXT = "demo-chicago-2"


def register(stage: Stage, change: Change, handle: str = NEXT) -> Programme:
    def changed(document: dict[str, Any]) -> None:
        document.update(base_year=2024, reading={}, handle=handle)
        change(document)

    return register_programme(stage.bank, content=programme_file(change=changed))


def follows(document: dict[str, Any]) -> None:
    """A version with another buffer, in force from July on."""
    document["shares_bps"]["buffer"] = 2000
    document["succession"] = {"replaces": PROGRAMME, "from_month": "2024-07"}


def period(first: str, last: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        months = {"first_month": first, "last_month": last}
        document["crediting_period"] = months | {"evidence": "registration 4"}

    return change


def test_months_outside_the_crediting_period_are_shown_and_not_sealed() -> None:
    stage = Stage(change=period("2024-01", "2024-06"))
    stage.offer([*TRIPS, *LATER])
    stage.close()
    stage.close(JULY)
    assert stage.seal().total_g > 0
    with pytest.raises(OutsideCreditingPeriod, match=r"2024-07 lies outside .* 2024-01 to 2024-06"):
        stage.seal(JULY)
    preview = preview_month(stage.bank, fleet=FLEET, programme=PROGRAMME, month=JULY)
    assert preview.reduction_g > 0
    assert len(preview.refusals) == 1
    assert "crediting period" in preview.refusals[0]


def test_a_new_version_leaves_what_was_sealed_as_it_was(stage: Stage) -> None:
    stage.offer([*TRIPS, *LATER])
    stage.close()
    stage.close(JULY)
    old = stage.seal()
    before = export_package(stage.bank, old.batch_id)
    record = register(stage, follows)
    assert record.methodology_id != stage.methodology_id
    with pytest.raises(OtherVersionInForce, match="2024-07 is sealed under programme demo-chi"):
        stage.seal(JULY)
    new = stage.seal(JULY, programme=NEXT)
    assert new.buffer_g * 10 >= new.total_g * 2
    assert export_package(stage.bank, old.batch_id) == before
    (first, second) = (stage.all(SealedBatch, month=month)[0] for month in (JUNE, JULY))
    assert (first.programme, second.programme) == (PROGRAMME, NEXT)
    for batch in (old, new):
        checks = check_package(export_package(stage.bank, batch.batch_id))
        assert [str(check) for check in checks if not check.ok] == []


def test_an_earlier_month_is_not_sealed_under_a_later_version(stage: Stage) -> None:
    stage.offer(TRIPS)
    stage.close()
    register(stage, follows)
    with pytest.raises(OtherVersionInForce) as refused:
        stage.seal(programme=NEXT)
    assert (refused.value.in_force, refused.value.month) == (PROGRAMME, "2024-06")


def test_a_new_version_does_not_leave_losses_behind(stage: Stage) -> None:
    # Its consumption is three times too high: June loses more than July gains under the new one.
    def thirsty(document: dict[str, Any]) -> None:
        consumption = document["project"]["specific_energy_consumption"]
        consumption.update(value="0.7")
        consumption.pop("factor")

    lossy = Stage(change=thirsty)
    lossy.offer([*TRIPS, *LATER])
    lossy.close()
    lossy.close(JULY)
    with pytest.raises(BatchTotalNotPositive):
        lossy.seal()
    register(lossy, follows)
    with pytest.raises(ProgrammeTotalNotPositive):
        lossy.seal(JULY, programme=NEXT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"replaces": NEXT, "from_month": "2024-07"}, "begins no earlier than 2024-07"),
        ({"replaces": PROGRAMME, "from_month": "2024-09"}, "demo-chicago-2 has replaced it"),
    ],
)
def test_versions_stand_in_one_line(stage: Stage, change: dict[str, str], reason: str) -> None:
    first = register(stage, follows)
    assert register(stage, follows) == first
    with pytest.raises(SuccessionInvalid, match=reason):
        register(stage, lambda d: d.update(succession=change), "demo-chicago-3")
    nobody = {"replaces": "nobody", "from_month": "2024-07"}
    with pytest.raises(NotFound):
        register(stage, lambda d: d.update(succession=nobody), "demo-chicago-3")


def test_the_cap_of_a_year_counts_every_batch_of_the_line(stage: Stage) -> None:
    stage.offer([*TRIPS, *LATER])
    stage.close()
    stage.close(JULY)
    stage.seal()
    (batch,) = stage.all(SealedBatch)
    room_g = 60_000 * 10**6 - batch.total_g
    with stage.bank.store.begin() as session:
        session.add(replace(batch, batch_id="ab" * 32, month=JUNE - 3, total_g=room_g - 1))
    with pytest.raises(AnnualCapReached) as refused:
        stage.seal(JULY)
    assert refused.value.year == 2024
    assert refused.value.total_g > refused.value.cap_g == 60_000 * 10**6
    with stage.bank.store.begin() as session:  # the year before is another cap
        session.put(replace(batch, batch_id="ab" * 32, month=JUNE - 12, total_g=room_g - 1))
    assert stage.seal(JULY).total_g > 0


def test_no_more_vehicles_are_credited_than_sales_leave() -> None:
    def sold(document: dict[str, Any]) -> None:
        sales = [{"year": 2023, "vehicles": 2, "evidence": "invoices"}]
        document["monitoring"] = {"evidence": "plan", "cross_check": "invoices", "sales": sales}

    stage = Stage(change=sold)
    stage.offer(TRIPS)
    stage.close()
    with pytest.raises(FleetLargerThanSold) as refused:  # 2 · 0.9 = 1.8 vehicles in 2024
        stage.seal()
    assert (refused.value.vehicles, refused.value.vehicles_max) == (2, 1)


def charging(document: dict[str, Any]) -> None:
    document["method"] = "vm0038_v1"
    document["class_label"] = "VM0038/1.0"
    document["baseline"] = {
        "vehicle": "US light duty",
        "electricity_consumption": "vm0038.afec.ldv-l1-l2.us",
        "mileage": "vm0038.mpg.ldv-l1-l2.us",
        "fuel_emission_factor": "vm0038.ef.ldv-l1-l2.us",
        "improvement_rate": {"value": "1", "unit": "1/year", "evidence": "default table"},
    }
    document["project"] = {
        "energy_source": "grid",
        "grid_factor": "ifi2021.om.United States",
        "charger_efficiency": {"value": "1", "unit": "1", "evidence": "level 2"},
    }


def test_charging_is_previewed_and_never_sealed(stage: Stage) -> None:
    register(stage, charging, "charging")
    stage.offer([trip(energy_grid_wh=100_000)], programme="charging")
    preview = preview_month(stage.bank, fleet=FLEET, programme="charging", month=JUNE)
    # 100 kWh · (8,800 g/gal · 100 / (33.32 · 29.18) − 416 g/kWh)
    assert preview.reduction_g == int(100 * (880_000 / (33.32 * 29.18) - 416))
    assert (preview.may_issue, preview.method) == (False, "vm0038_v1")
    assert "no guard on the chain" in preview.refusals[0]
    stage.close()
    with pytest.raises(MethodNeverIssues, match="charging by vm0038_v1 is shown"):
        stage.seal(programme="charging")
    with pytest.raises(MethodNeverIssues):
        certify_methodology(stage.bank, "charging")
    assert stage.all(SealedBatch) == []
    assert json.loads(stage.all(Programme, handle="charging")[0].package)["code"] == {
        "method": "vm0038_v1",
        "version": "1",
    }
