"""Files of trips: what counts, what is shown, and that nothing counts twice."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from carbonbank.domain.records import StoredIssue, StoredTrip, TripCopy, Upload
from carbonbank.errors import (
    Conflict,
    EmptyFile,
    NotFound,
    NotText,
    ProgrammeOfOtherFleet,
    UnknownColumns,
    VehicleNotEligible,
    VehicleNotEnrolled,
)
from carbonbank.intake.canonical import write_csv
from carbonbank.service.open_account import open_account
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from tests.stage import FLEET, JUNE, PROGRAMME, Clock, Stage, programme_file, trip

TRIPS = [
    trip("2024-06-03T08:00:00"),
    trip("2024-06-03T18:00:00", driver_id="ben"),
    trip("2024-06-04T08:00:00", vehicle_id="car-2", driver_id=None),
    trip("2024-07-01T08:00:00"),
]
WANTED_G = 15 * (178_653_770 - 107_661_320) // 10**6  # ng per metre of the demo's coefficients


def told(stage: Stage) -> set[tuple[Any, ...]]:
    """What is stored, without which file and row told it."""
    return {
        (t.trip_id, t.state, t.reason, t.start_at, t.end_at, t.vehicle_id)
        for t in stage.all(StoredTrip)
    }


def codes(issues: Any) -> Counter[str]:
    return Counter(issue.code for issue in issues)


def test_a_file_is_stored_with_estimates_by_month(stage: Stage) -> None:
    imported = stage.offer(TRIPS)
    assert imported.upload.trips_accepted == 4
    assert imported.issues == ()
    months = [(m.month, m.trips, m.reduction_g) for m in imported.months]
    assert months == [("2024-06", 3, 3 * WANTED_G), ("2024-07", 1, WANTED_G)]


def test_the_same_file_again_changes_nothing(stage: Stage) -> None:
    first = stage.offer(TRIPS)
    before = told(stage), stage.all(Upload), stage.all(StoredIssue)
    again = stage.offer(TRIPS, "renamed.csv")
    assert again == replace(first, repeated=True)
    assert (told(stage), stage.all(Upload), stage.all(StoredIssue)) == before


def test_the_same_file_for_another_programme_is_a_conflict(stage: Stage) -> None:
    register_programme(
        stage.bank,
        content=programme_file(change=lambda d: d.update(handle="second", base_year=2024)),
    )
    stage.offer(TRIPS)
    with pytest.raises(Conflict, match=PROGRAMME):
        stage.offer(TRIPS, programme="second")


@pytest.mark.parametrize("seed", range(3))
def test_splitting_and_reordering_change_nothing(stage: Stage, seed: int) -> None:
    order = random.Random(seed)
    trips = [
        *TRIPS,
        trip("2024-06-03T08:19:30", distance_m=9_000),  # shares 30 s with the first
        trip("2024-06-03T17:00:00", minutes=90),  # is still on its way when the second starts
        trip("2024-06-05T08:00:00", distance_m=4_294_967_295),
        trip("2024-06-06T08:00:00", vehicle_id="stranger"),
    ]
    whole = Stage()
    whole.offer(trips)
    order.shuffle(trips)
    cut = order.randrange(1, len(trips))
    parts = [part for part in (trips[:cut], trips[cut:]) if {t.vehicle_id for t in part}]
    for number, part in enumerate(parts):
        if {t.vehicle_id for t in part} == {"stranger"}:
            part.append(TRIPS[0])
        stage.offer(part, f"part-{number}.csv")
    assert told(stage) == told(whole)
    assert Counter(t.state for t in stage.all(StoredTrip)) == {"accepted": 5, "quarantined": 3}


def test_a_trip_told_again_by_another_file_is_stored_once(stage: Stage) -> None:
    stage.offer(TRIPS[:2], "a.csv")
    second = stage.offer(TRIPS[1:], "b.csv")
    assert second.upload.trips_duplicate == 1
    assert second.upload.trips_accepted == 2
    assert codes(second.issues) == {"duplicate_trip": 1}
    assert len(stage.all(StoredTrip)) == 4
    assert len(stage.all(TripCopy)) == 1


def test_a_row_that_stands_twice_in_a_file_counts_once(stage: Stage) -> None:
    imported = stage.offer([TRIPS[0], TRIPS[0]])
    assert imported.upload.trips_accepted == 1
    assert codes(imported.issues) == {"duplicate_trip": 1}


def test_the_same_trip_with_other_content_waits_for_a_person(stage: Stage) -> None:
    stage.offer(TRIPS[:1], "a.csv")
    imported = stage.offer([replace(TRIPS[0], driver_id="ben")], "b.csv")
    assert imported.upload.trips_quarantined == 1
    (issue,) = imported.issues
    assert (issue.code, issue.severity) == ("conflicting_copies", "quarantined")
    assert "driver_id ben" in issue.value
    (stored,) = stage.all(StoredTrip)
    assert '"anna"' in stored.record


def test_two_tellings_in_one_file_are_both_kept_out(stage: Stage) -> None:
    imported = stage.offer([TRIPS[0], replace(TRIPS[0], driver_id="ben"), TRIPS[1]])
    assert codes(imported.issues) == {"conflicting_copies": 2}
    assert len(stage.all(StoredTrip)) == 1


def test_a_mended_trip_replaces_the_one_kept_out() -> None:
    def metered(document: dict[str, Any]) -> None:
        project = document["project"]
        project["energy_source"] = "grid"
        del project["specific_energy_consumption"]

    stage = Stage(change=metered)
    good = replace(TRIPS[0], energy_grid_wh=2_500)
    other = replace(TRIPS[1], energy_grid_wh=2_500)
    first = stage.offer([replace(good, energy_grid_wh=None), other], "a.csv")
    assert codes(first.issues) == {"energy_missing": 1}
    second = stage.offer([good], "b.csv")
    assert second.upload.trips_accepted == 1
    assert {t.state for t in stage.all(StoredTrip)} == {"accepted"}


def test_no_row_of_an_enrolled_vehicle_is_refused(stage: Stage) -> None:
    with pytest.raises(VehicleNotEnrolled) as refused:
        stage.offer([trip(vehicle_id="stranger"), trip(vehicle_id="other")])
    assert refused.value.vehicle_ids == ["other", "stranger"]
    assert stage.all(Upload) == stage.all(StoredTrip) == []


def test_rows_of_a_stranger_beside_others_are_quarantined(stage: Stage) -> None:
    imported = stage.offer([trip(), trip(vehicle_id="stranger")])
    assert (imported.upload.trips_accepted, imported.upload.trips_quarantined) == (1, 1)
    assert codes(imported.issues) == {"vehicle_not_enrolled": 1}


def test_an_ineligible_vehicle_refuses_the_whole_offer(stage: Stage) -> None:
    stage.enrol("truck", 7, category="N3")
    with pytest.raises(VehicleNotEligible) as refused:
        stage.offer([trip(), trip(vehicle_id="truck")])
    assert refused.value.vehicle_id == "truck"
    assert stage.all(StoredTrip) == []


def test_dates_in_2032_are_kept_out(stage: Stage) -> None:
    imported = stage.offer([trip(), trip("2032-02-09T08:00:00")])
    assert codes(imported.issues) == {"future_date": 1}
    assert [m.month for m in imported.months] == ["2024-06"]


def test_a_distance_sentinel_is_kept_out(stage: Stage) -> None:
    counter, longest = 4_294_967_295, 2**63 - 1
    imported = stage.offer(
        [
            trip(),
            trip("2024-06-05T08:00:00", distance_m=counter),
            trip("2024-06-06T08:00:00", distance_m=longest),
        ]
    )
    assert codes(imported.issues) == {"distance_sentinel": 1, "number_too_large": 1}
    assert imported.upload.trips_quarantined == 2


@pytest.mark.parametrize("sentinel_m", [0, 4_294_967_295, 2**63 - 1])
def test_an_odometer_sentinel_is_set_aside(stage: Stage, sentinel_m: int) -> None:
    imported = stage.offer([trip(odometer_start_m=sentinel_m, odometer_end_m=5_000_000)])
    assert imported.upload.trips_accepted == 1
    assert "odometer_sentinel" in codes(imported.issues)


def test_trips_before_enrolment_and_before_the_base_year_are_kept_out(stage: Stage) -> None:
    stage.enrol("late", 5, from_month=JUNE)
    stage.enrol("old", 6, from_month=2020 * 12)
    imported = stage.offer(
        [
            trip(),
            trip("2024-05-31T10:00:00", vehicle_id="late"),
            trip("2023-06-01T08:00:00", vehicle_id="old"),
        ]
    )
    assert codes(imported.issues) == {"before_enrolment": 1, "before_base_year": 1}


def test_trips_of_a_closed_month_are_kept_and_shown_as_late(stage: Stage) -> None:
    stage.offer(TRIPS[:1], "a.csv")
    stage.close(vehicle_id="car-1")
    imported = stage.offer(TRIPS[1:], "b.csv")
    assert (imported.upload.trips_late, imported.upload.trips_accepted) == (1, 2)
    assert codes(imported.issues) == {"month_closed": 1}
    assert [t.state for t in stage.all(StoredTrip, month=JUNE, vehicle_id="car-1")].count(
        "late"
    ) == 1


def test_a_trip_that_runs_into_a_closed_month_gives_way(stage: Stage) -> None:
    """The closed trip starts later, and still it is the open one that is kept out."""
    stage.offer([trip("2024-07-01T00:00:00", minutes=30)], "july.csv")
    stage.close(month=JUNE + 1)
    imported = stage.offer([trip("2024-06-30T23:50:00", minutes=40)], "june.csv")
    assert codes(imported.issues) == {"overlap": 1}
    assert {t.month: t.state for t in stage.all(StoredTrip)} == {
        JUNE: "quarantined",
        JUNE + 1: "accepted",
    }


def test_a_dry_run_gives_the_same_answer_and_stores_nothing(stage: Stage) -> None:
    dry = stage.offer(TRIPS, dry_run=True)
    assert stage.all(Upload) == stage.all(StoredTrip) == stage.all(StoredIssue) == []
    assert stage.offer(TRIPS) == dry


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFile),
        (b"a,b\n1,2\n", UnknownColumns),
        (b"\x89PNG\r\n\x1a\n\x00\x00", NotText),
    ],
)
def test_a_file_that_is_none_is_refused(stage: Stage, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        stage.offer_bytes(data)
    assert stage.all(Upload) == []


def test_a_programme_of_another_fleet_is_refused(stage: Stage) -> None:
    open_account(stage.bank, handle="otto", kind="operator", person="Otto")
    register_fleet(stage.bank, handle="vans", title="Vans", operator="otto")

    def of_vans(document: dict[str, Any]) -> None:
        document["handle"], document["fleet"]["handle"] = "vans-2024", "vans"

    register_programme(stage.bank, content=programme_file(change=of_vans))
    with pytest.raises(ProgrammeOfOtherFleet) as refused:
        stage.offer(TRIPS, programme="vans-2024")
    assert (refused.value.owner, refused.value.fleet) == ("vans", FLEET)
    with pytest.raises(NotFound):
        stage.offer(TRIPS, programme="nothing")


def test_a_newer_upload_judges_old_trips_again(stage: Stage) -> None:
    """What was in the future at the first import has passed at the second."""
    assert isinstance(stage.bank.clock, Clock)
    stage.offer([trip(), trip("2026-12-01T08:00:00")], "a.csv")
    stage.bank.clock.moment_at = datetime(2027, 1, 1, tzinfo=UTC)
    stage.offer([trip("2026-12-02T08:00:00")], "b.csv")
    assert {t.state for t in stage.all(StoredTrip)} == {"accepted"}


def test_times_keep_their_zone(stage: Stage) -> None:
    data = write_csv([trip("2024-06-30T23:59:00")]).replace(b"Z", b"+02:00")
    stage.offer_bytes(data)
    (stored,) = stage.all(StoredTrip)
    assert stored.start_at == datetime(2024, 6, 30, 23, 59, tzinfo=UTC) - timedelta(hours=2)
