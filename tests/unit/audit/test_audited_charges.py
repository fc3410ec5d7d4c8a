"""Charging sessions in the package: the energy of trips recomputed, and every lie about it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from carbonbank.audit.charges import check_charges
from carbonbank.audit.check import check_package
from carbonbank.audit.outcome import Refuted, State, Unchecked
from carbonbank.audit.package import Package, open_archive
from carbonbank.domain.records import SealedBatch
from carbonbank.service.disclose_package import (
    package_for_anyone,
    package_for_auditor,
    package_for_driver,
)
from carbonbank.service.erase_person import erase_person
from carbonbank.service.export_package import export_package
from carbonbank.service.import_charges import import_charges
from carbonbank.service.record_verification import record_verification
from carbonbank.service.trace import ALL_SEEING, Viewer, trace
from tests.stage import FLEET, Stage, trip
from tests.unit.audit.charges_made import (
    SESSIONS,
    TRIPS,
    by_approach_2,
    cdr,
    files_of,
    lines,
    relaid,
    sealed,
)
from tests.unit.audit.worked_out import jcs


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return files_of()


def outcome(package: bytes, name: str) -> tuple[State, str]:
    return next((c.state, c.detail) for c in check_package(package) if c.name == name)


def test_energy_is_recomputed_from_the_sessions(files: dict[str, bytes]) -> None:
    records = [line["record"] for line in lines(files["trips.ndjson"])]
    # 10 kWh of car-1 over 15 and 45 km, and 4 kWh of car-2 over its one trip.
    assert [one["energy_grid_wh"] for one in records] == [2_500, 7_500, 4_000]
    assert check_charges(Package(files)) == "3 sessions, 14000 Wh, shared by 3 trips"
    charges = [line["record"] for line in lines(files["charges.ndjson"])]
    assert [one["month"] for one in charges] == ["2024-05", "2024-06", "2024-06"]
    listed = json.loads(files["report.json"])["source_files"]
    assert sorted(one["format"] for one in listed) == ["canonical_csv", "ocpi_cdrs"]


def test_a_batch_with_charges_is_verified_and_holds() -> None:
    stage, batch = sealed()
    record_verification(stage.bank, batch, stage.signed(batch))
    checks = check_package(export_package(stage.bank, batch))
    assert [(c.name, c.detail) for c in checks if not c.ok] == []


def test_a_session_that_is_credited_later_stays_in_its_batch() -> None:
    stage, batch = sealed()
    before = export_package(stage.bank, batch)
    credit = cdr(SESSIONS[1]) | {"id": "2-C", "credit": True, "credit_reference_id": "2"}
    data = json.dumps([credit]).encode()
    import_charges(stage.bank, fleet=FLEET, filename="credit.json", data=data)
    assert export_package(stage.bank, batch) == before


Lie = Callable[[list[Any]], Any]


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (lambda c: c[1]["record"].update(energy_grid_wh=7_501), "counts 10000 Wh, 10001 Wh were"),
        (lambda c: c.pop(2), "car-2 counts 4000 Wh, 0 Wh were charged"),
        (lambda c: c.append(c[0]), "stands twice"),
        (lambda c: c[0]["record"].update(vehicle_id="car-3"), "no credited vehicle"),
        (lambda c: c[0]["record"].update(energy_grid_wh=-1), "-1 Wh"),
        (lambda c: c[0]["record"].update(month="2024-07"), "a later month"),
        (lambda c: c[1]["record"].update(month="2024-05"), "starts after 2024-05"),
        (lambda c: c[0]["record"].update(end_at="2024-05-31T21:00:00Z"), "ends before it starts"),
        (lambda c: c[0].update(session_id="ocpi_cdrs/other"), "id of session 0"),
        (lambda c: c[0]["record"].pop("source"), "fields of session 0"),
    ],
)
def test_a_lie_about_sessions_is_refuted_though_it_is_committed_to(
    files: dict[str, bytes], lie: Lie, reason: str
) -> None:
    charges = lines(files["charges.ndjson"])
    lie(charges)
    with pytest.raises(Refuted, match=reason):
        check_charges(relaid(files, charges))


def test_sessions_are_those_that_were_committed_to(files: dict[str, bytes]) -> None:
    charges = lines(files["charges.ndjson"])
    charges[0]["record"]["end_at"] = "2024-06-01T02:00:00Z"
    told = b"".join(jcs(one) + b"\n" for one in charges)
    with pytest.raises(Refuted, match="charges' root"):
        check_charges(Package(files | {"charges.ndjson": told}))
    with pytest.raises(Refuted, match=r"sessions of charges\.ndjson is 2"):
        check_charges(Package(files | {"charges.ndjson": b"\n".join(told.split(b"\n")[1:])}))


def test_a_trip_with_another_share_is_refuted(files: dict[str, bytes]) -> None:
    trips = lines(files["trips.ndjson"])
    trips[0]["record"]["energy_grid_wh"] -= 1
    trips[1]["record"]["energy_grid_wh"] += 1
    told = b"".join(jcs(one) + b"\n" for one in trips)
    with pytest.raises(Refuted, match="energy of trip"):
        check_charges(Package(files | {"trips.ndjson": told}))


def test_approach_2_counts_what_was_charged_and_nothing_that_trips_tell() -> None:
    telling = [*TRIPS[:2], trip("2024-06-05T08:00:00", vehicle_id="car-2", energy_grid_wh=9_000)]
    files = files_of(by_approach_2, telling)
    records = [line["record"] for line in lines(files["trips.ndjson"])]
    assert [one["energy_grid_wh"] for one in records] == [2_500, 7_500, 4_000]
    assert check_charges(Package(files)) == "3 sessions, 14000 Wh, shared by 3 trips"
    charges = lines(files["charges.ndjson"])
    charges[2]["record"]["energy_grid_wh"] = 3_000
    with pytest.raises(Refuted, match="car-2 counts 4000 Wh, 3000 Wh were charged"):
        check_charges(relaid(files, charges))


def test_what_trips_tell_beyond_the_meter_is_named() -> None:
    telling = [*TRIPS[:2], trip("2024-06-05T08:00:00", vehicle_id="car-2", energy_grid_wh=9_000)]
    told = check_charges(Package(files_of(trips=telling)))
    assert told == (
        "3 sessions, 14000 Wh; more is told by the trips of car-2, and counts, shared by 3 trips"
    )


def test_a_report_without_a_commitment_leaves_energy_unchecked(files: dict[str, bytes]) -> None:
    report = json.loads(files["report.json"])
    del report["charges"]
    with pytest.raises(Unchecked, match="commits to no charging sessions"):
        check_charges(Package(files | {"report.json": jcs(report)}))


def test_sessions_of_a_programme_that_measures_otherwise_are_strangers() -> None:
    stage = Stage()
    files = open_archive(export_package(stage.bank, stage.sealed([trip()]).batch_id))
    assert check_charges(Package(files)) == "the programme does not measure by charging records"
    with pytest.raises(Refuted, match="of no such programme"):
        check_charges(Package(files | {"charges.ndjson": b""}))


def test_outsiders_get_what_their_package_is_for() -> None:
    stage, batch = sealed()
    auditor = package_for_auditor(stage.bank, batch)
    state, told = outcome(auditor, "charges")
    assert (state, told) == (State.OK, "3 sessions, 14000 Wh; shares of trips are not shown")
    for package in (
        package_for_driver(stage.bank, batch, "anna"),
        package_for_anyone(stage.bank, batch),
    ):
        assert "charges.ndjson" not in open_archive(package)
        assert outcome(package, "charges")[0] is State.NOT_CHECKED
        assert [c.name for c in check_package(package) if not c.ok] == []


def test_salts_are_of_the_vehicle_so_that_erasing_a_driver_keeps_them() -> None:
    stage, batch = sealed()
    record_verification(stage.bank, batch, stage.signed(batch))
    (before,) = stage.all(SealedBatch)
    erase_person(stage.bank, person="anna of old")
    (after,) = stage.all(SealedBatch)
    assert after.charges == before.charges != ""
    package = export_package(stage.bank, batch)
    assert outcome(package, "charges") == (
        State.OK,
        "3 sessions, 14000 Wh; shares of trips are not shown",
    )


def test_a_trip_is_traced_to_the_rows_of_its_charges() -> None:
    stage, batch = sealed()
    trip_id = lines(open_archive(export_package(stage.bank, batch))["trips.ndjson"])[0]["trip_id"]
    traced = trace(stage.bank, trip_id, ALL_SEEING).trip
    assert traced is not None
    told = [(one.session_id, one.energy_grid_wh, one.filename, one.row) for one in traced.charges]
    assert told == [
        ("ocpi_cdrs/be/bec/1", 2_500, "cdrs.json", 2),
        ("ocpi_cdrs/be/bec/2", 7_500, "cdrs.json", 3),
    ]
    driver = Viewer(role="driver", account="anna", fleet=FLEET)
    own = trace(stage.bank, trip_id, driver).trip
    assert own is not None
    assert own.charges == ()
