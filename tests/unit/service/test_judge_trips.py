"""Trips judged together: the order and the split of files change nothing, nothing counts twice."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from carbonbank.domain.records import StoredTrip, Upload, VehiclePrint
from carbonbank.domain.trip import Trip
from carbonbank.intake.canonical import write_csv
from carbonbank.service.enrol_vehicle import enrol_vehicle
from carbonbank.service.import_trips import import_trips
from carbonbank.service.open_account import open_account
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from carbonbank.service.withdraw_upload import withdraw_upload
from tests.stage import FLEET, JUNE, Stage, programme_file, trip

# Six ways of one car, each of another length, every three hours.
WAYS = [trip(f"2024-06-03T{3 * n:02}:00:00", distance_m=15_000 + 31 * n) for n in range(6)]


def shifted(trips: list[Trip], by: timedelta, **changes: object) -> list[Trip]:
    return [
        replace(one, start_at=one.start_at + by, end_at=one.end_at + by, **changes)  # type: ignore[arg-type]
        for one in trips
    ]


def told(stage: Stage) -> set[tuple[object, ...]]:
    return {(t.trip_id, t.state, t.reason) for t in stage.all(StoredTrip)}


def states(stage: Stage) -> Counter[tuple[str, str]]:
    return Counter((t.vehicle_id, t.state) for t in stage.all(StoredTrip, fleet=FLEET))


OFFERED = [
    *WAYS,
    *shifted(WAYS, timedelta(days=1)),
    *shifted(WAYS, timedelta(0), vehicle_id="car-2", driver_id=None),
    *shifted(WAYS[:2], timedelta(minutes=5), vehicle_id="car-2", distance_m=9_000),
    *shifted(WAYS[:2], timedelta(minutes=19), distance_m=8_000),
    trip("2024-10-27T00:10:00"),
    trip("2024-10-27T01:10:00"),
    trip("2024-06-09T08:00:00", distance_m=90_000),
]


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_and_split_of_files_change_nothing(rng: random.Random, files: int) -> None:
    chosen = rng.sample(OFFERED, rng.randrange(files, len(OFFERED) + 1))
    whole, stage = Stage(), Stage()
    whole.offer(sorted(chosen, key=lambda one: (one.vehicle_id, one.start_at)))
    cuts = sorted(rng.sample(range(1, len(chosen)), min(files, len(chosen)) - 1))
    for number, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(chosen)], strict=True)):
        stage.offer(chosen[a:b], f"part-{number}.csv")
    assert told(stage) == told(whole)


def test_a_cloned_car_falls_when_the_first_by_name_arrives_later() -> None:
    stage = Stage()
    stage.offer(shifted(WAYS, timedelta(0), vehicle_id="car-2", driver_id=None), "clone.csv")
    assert states(stage) == {("car-2", "accepted"): 6}
    stage.offer(WAYS)
    assert states(stage) == {("car-1", "accepted"): 6, ("car-2", "quarantined"): 6}
    assert {t.reason for t in stage.all(StoredTrip, state="quarantined")} == {"copied_trips"}


def test_of_a_closed_month_the_trips_stand_and_copies_of_them_fall() -> None:
    stage = Stage()
    stage.offer(shifted(WAYS, timedelta(0), vehicle_id="car-2", driver_id=None), "first.csv")
    stage.close(vehicle_id="car-2")
    stage.offer(WAYS)
    assert states(stage) == {("car-1", "quarantined"): 6, ("car-2", "accepted"): 6}


def other_fleet(stage: Stage) -> None:
    open_account(stage.bank, handle="otto", kind="operator", person="Otto O.")
    register_fleet(stage.bank, handle="others", title="Others", operator="otto")
    register_programme(
        stage.bank,
        content=programme_file(
            change=lambda d: d.update(
                handle="elsewhere",
                base_year=2024,
                reading={},
                fleet={"handle": "others", "title": "Others"},
            )
        ),
    )
    enrol_vehicle(
        stage.bank,
        fleet="others",
        vehicle_id="taxi",
        vin="TESTDEM0000009999",
        category="M1",
        powertrain="petrol",
        from_month=2024 * 12,
    )


def offer_elsewhere(stage: Stage, trips: list[Trip]) -> Counter[str]:
    imported = import_trips(
        stage.bank,
        fleet="others",
        programme="elsewhere",
        filename="again.csv",
        data=write_csv(trips),
    )
    return Counter(issue.code for issue in imported.issues)


def test_trips_that_count_for_another_fleet_wait_and_three_are_a_coincidence() -> None:
    stage = Stage()
    other_fleet(stage)
    stage.offer(WAYS)
    taxi = shifted(WAYS, timedelta(0), vehicle_id="taxi", driver_id=None)
    assert offer_elsewhere(stage, taxi[:3]) == {}
    assert offer_elsewhere(stage, taxi) == {"duplicate_trip": 3, "told_by_other_fleet": 3}
    reasons = {t.reason for t in stage.all(StoredTrip, fleet="others")}
    assert reasons == {"told_by_other_fleet"}
    assert states(stage) == {("car-1", "accepted"): 6}
    stage.offer(shifted(WAYS[:1], timedelta(days=9)), "more.csv")
    assert states(stage) == {("car-1", "accepted"): 7}


def test_a_fleet_that_drives_at_the_same_time_is_not_held_up() -> None:
    stage = Stage()
    other_fleet(stage)
    stage.offer(WAYS)
    taxi = [replace(one, vehicle_id="taxi", distance_m=one.distance_m + 1) for one in WAYS]
    assert offer_elsewhere(stage, taxi) == {}


def drives(count: int = 10) -> list[Trip]:
    """Drives at odd times, each of its own length and duration."""
    starts = [datetime(2024, 6, 3, tzinfo=UTC) + timedelta(minutes=307 * n) for n in range(count)]
    return [
        trip(f"{at:%Y-%m-%dT%H:%M:%S}", minutes=14 + 3 * n, distance_m=9_000 + 3_111 * n)
        for n, at in enumerate(starts)
    ]


def otherwise(trips: list[Trip], by: timedelta = timedelta(0)) -> list[Trip]:
    """What another fleet makes of them: seconds off, metres off, another car."""
    return [
        replace(
            one,
            vehicle_id="taxi",
            driver_id=None,
            start_at=one.start_at + by + timedelta(seconds=17 * n % 41),
            end_at=one.end_at + by + timedelta(seconds=29 * n % 37),
            distance_m=one.distance_m + 40,
        )
        for n, one in enumerate(trips)
    ]


def test_trips_of_another_fleet_told_a_little_otherwise_wait() -> None:
    stage = Stage()
    other_fleet(stage)
    stage.offer(drives())
    assert offer_elsewhere(stage, otherwise(drives())) == {"told_by_other_fleet": 10}
    assert states(stage) == {("car-1", "accepted"): 10}


def test_trips_of_another_fleet_told_as_of_days_later_wait() -> None:
    stage = Stage()
    other_fleet(stage)
    stage.offer(drives())
    days = shifted(drives(), timedelta(days=4), vehicle_id="taxi", driver_id=None)
    assert offer_elsewhere(stage, days) == {"told_by_other_fleet": 10}


def test_what_another_fleet_withdraws_holds_nothing_up() -> None:
    stage = Stage()
    other_fleet(stage)
    assert offer_elsewhere(stage, otherwise(drives())) == {}
    (upload,) = stage.all(Upload, fleet="others")
    withdraw_upload(stage.bank, fleet="others", file_hash=upload.file_hash)
    stage.offer(drives())
    assert states(stage) == {("car-1", "accepted"): 10}


def test_prints_are_those_of_the_trips_that_count() -> None:
    stage = Stage()
    stage.offer(drives())
    kept = stage.all(VehiclePrint)
    assert {(one.fleet, one.vehicle_id, one.month) for one in kept} == {(FLEET, "car-1", JUNE)}
    again = shifted(drives(), timedelta(days=9), source_record_id="again")
    stage.offer([*drives(), *again], "again.csv")
    assert {t.reason for t in stage.all(StoredTrip, state="quarantined")} == {"copied_trips"}
    assert stage.all(VehiclePrint) == kept
    stage.offer(shifted(drives(3), timedelta(days=20), distance_m=11_000), "more.csv")
    assert set(stage.all(VehiclePrint)) - set(kept)
