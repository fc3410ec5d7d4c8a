"""Closing, reopening, previewing and withdrawing: until a batch stands on a month."""

from datetime import UTC, datetime

import pytest

from carbonbank.domain.records import (
    SealedBatch,
    StoredIssue,
    StoredTrip,
    TripCopy,
    Upload,
    VehicleMonth,
)
from carbonbank.errors import (
    MonthAlreadyCredited,
    MonthNotOpened,
    MonthNotOver,
    MonthSealed,
    NotFound,
    UploadInBatch,
)
from carbonbank.service.close_month import close_month
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.preview_month import preview_month
from carbonbank.service.reopen_month import reopen_month
from carbonbank.service.withdraw_upload import withdraw_upload
from tests.stage import FLEET, JUNE, PROGRAMME, Clock, Stage, trip

TRIPS = [trip(), trip("2024-06-04T08:00:00", vehicle_id="car-2")]
LATER = trip("2024-06-05T08:00:00")


def states(stage: Stage) -> dict[str, str]:
    return {one.vehicle_id: one.state for one in stage.all(VehicleMonth, month=JUNE)}


def test_closing_takes_every_vehicle_with_trips_and_may_be_repeated(stage: Stage) -> None:
    stage.offer(TRIPS)
    first = close_month(stage.bank, fleet=FLEET, month=JUNE)
    assert first.closed == ("car-1", "car-2")
    assert close_month(stage.bank, fleet=FLEET, month=JUNE) == first
    assert states(stage) == {"car-1": "closed", "car-2": "closed"}


def test_one_vehicle_can_be_closed_alone(stage: Stage) -> None:
    stage.offer(TRIPS)
    close_month(stage.bank, fleet=FLEET, month=JUNE, vehicle_id="car-2")
    assert states(stage) == {"car-2": "closed"}


def test_a_month_that_is_not_over_stays_open(stage: Stage) -> None:
    assert isinstance(stage.bank.clock, Clock)
    stage.offer(TRIPS)
    stage.bank.clock.moment_at = datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(MonthNotOver) as refused:
        close_month(stage.bank, fleet=FLEET, month=JUNE)
    assert (refused.value.month, refused.value.ends_at) == ("2024-06", "2024-07-01T00:00:00Z")
    stage.bank.clock.moment_at = datetime(2024, 7, 1, tzinfo=UTC)
    assert close_month(stage.bank, fleet=FLEET, month=JUNE).closed


def test_there_is_nothing_to_close_without_trips_vehicle_or_fleet(stage: Stage) -> None:
    with pytest.raises(MonthNotOpened):
        close_month(stage.bank, fleet=FLEET, month=JUNE)
    with pytest.raises(NotFound):
        close_month(stage.bank, fleet=FLEET, month=JUNE, vehicle_id="stranger")
    with pytest.raises(NotFound):
        close_month(stage.bank, fleet="nowhere", month=JUNE)


def test_reopening_lets_late_trips_count(stage: Stage) -> None:
    stage.offer(TRIPS, "a.csv")
    stage.close()
    stage.offer([LATER], "b.csv")
    reopened = reopen_month(stage.bank, fleet=FLEET, month=JUNE, vehicle_id="car-1")
    assert (reopened.opened, reopened.trips_accepted) == (("car-1",), 1)
    assert states(stage) == {"car-1": "open", "car-2": "closed"}
    assert {t.state for t in stage.all(StoredTrip)} == {"accepted"}
    again = reopen_month(stage.bank, fleet=FLEET, month=JUNE, vehicle_id="car-1")
    assert (again.opened, again.discarded) == ((), ())


def test_reopening_discards_a_batch_nobody_signed(stage: Stage) -> None:
    sealed = stage.sealed(TRIPS)
    reopened = reopen_month(stage.bank, fleet=FLEET, month=JUNE, vehicle_id="car-1")
    assert reopened.discarded == (sealed.batch_id,)
    assert stage.all(SealedBatch) == []
    assert states(stage) == {"car-1": "open", "car-2": "closed"}
    stage.close()
    assert stage.seal().batch_id == sealed.batch_id


def test_a_verified_month_does_not_open(stage: Stage) -> None:
    sealed = stage.verified(TRIPS)
    for vehicle_id in ("car-1", None):
        with pytest.raises(MonthSealed) as refused:
            reopen_month(stage.bank, fleet=FLEET, month=JUNE, vehicle_id=vehicle_id)
        assert (refused.value.batch_id, refused.value.state) == (sealed.batch_id, "verified")
    with pytest.raises(MonthSealed):
        stage.close(vehicle_id="car-1")
    assert close_month(stage.bank, fleet=FLEET, month=JUNE).sealed == ("car-1", "car-2")


def test_an_issued_month_is_closed_for_good(stage: Stage) -> None:
    stage.certify()
    sealed = stage.verified(TRIPS)
    issue_batch(stage.bank, sealed.batch_id)
    for attempt in (close_month, reopen_month):
        with pytest.raises(MonthAlreadyCredited) as refused:
            attempt(stage.bank, fleet=FLEET, month=JUNE, vehicle_id="car-1")
        assert refused.value.batch_id == sealed.batch_id
    imported = stage.offer([LATER], "late.csv")
    assert (imported.upload.trips_late, imported.months) == (1, ())
    assert stage.seal().batch_id == sealed.batch_id


def test_a_preview_counts_what_sealing_would(stage: Stage) -> None:
    stage.offer([*TRIPS, trip("2024-06-03T08:05:00"), trip("2024-07-03T08:00:00")])
    preview = preview_month(stage.bank, fleet=FLEET, programme=PROGRAMME, month=JUNE)
    rows = [
        (v.vehicle_id, v.state, v.trips_accepted, v.trips_quarantined) for v in preview.vehicles
    ]
    assert rows == [("car-1", "open", 1, 1), ("car-2", "open", 1, 0)]
    stage.close()
    assert stage.seal().total_g == preview.reduction_g
    assert stage.all(VehicleMonth, month=JUNE + 1) == []


def test_a_preview_says_what_would_raise_the_discount() -> None:
    stage = Stage(change=lambda document: document.update(discounts="carbonbank/1"))
    proven = trip(
        "2024-06-04T08:00:00",
        distance_m=14_000,
        odometer_start_m=1_000_000,
        odometer_end_m=1_014_000,
    )
    stage.offer([trip(distance_m=6_000), proven])
    preview = preview_month(stage.bank, fleet=FLEET, programme=PROGRAMME, month=JUNE)
    (car,) = preview.vehicles
    lines = {one.measure: one for one in car.discount_lines}
    odometer = lines["odometer_share"]
    assert (odometer.share_bps, odometer.below_bps, odometer.discount_bps) == (7000, 9000, 100)
    assert "odometer" in odometer.remedy
    assert lines["measured_energy_share"].share_bps == 0
    # 100 for 70 % odometer, 500 for energy that nobody measured.
    assert (car.discount_bps, preview.fixed_discount_bps) == (600, 0)
    plain = Stage()
    plain.offer([trip(distance_m=6_000), proven])
    (whole,) = preview_month(plain.bank, fleet=FLEET, programme=PROGRAMME, month=JUNE).vehicles
    assert whole.discount_lines == ()
    # Two trips, each floored before and after.
    assert abs(car.reduction_g * 100 - whole.reduction_g * 94) < 200


def test_a_withdrawn_upload_takes_its_trips_and_can_come_again(stage: Stage) -> None:
    first = stage.offer(TRIPS)
    gone = withdraw_upload(stage.bank, fleet=FLEET, file_hash=first.upload.file_hash)
    assert (gone.trips_removed, gone.trips_kept, gone.repeated) == (2, 0, False)
    assert stage.all(StoredTrip) == stage.all(StoredIssue) == []
    again = withdraw_upload(stage.bank, fleet=FLEET, file_hash=first.upload.file_hash)
    assert again.repeated
    assert stage.offer(TRIPS) == first
    with pytest.raises(NotFound):
        withdraw_upload(stage.bank, fleet=FLEET, file_hash="00")


def test_a_trip_that_another_file_tells_stays(stage: Stage) -> None:
    first = stage.offer(TRIPS, "a.csv")
    second = stage.offer([TRIPS[1], LATER], "b.csv")
    gone = withdraw_upload(stage.bank, fleet=FLEET, file_hash=first.upload.file_hash)
    assert (gone.trips_removed, gone.trips_kept) == (1, 1)
    kept = stage.all(StoredTrip)
    assert {t.file_hash for t in kept} == {second.upload.file_hash}
    assert {t.vehicle_id: t.row for t in kept} == {"car-2": 2, "car-1": 3}
    assert stage.all(TripCopy) == []
    withdraw_upload(stage.bank, fleet=FLEET, file_hash=second.upload.file_hash)
    assert stage.all(StoredTrip) == []


def test_what_a_withdrawn_trip_kept_out_counts_again(stage: Stage) -> None:
    first = stage.offer([trip(minutes=60)], "a.csv")
    stage.offer([trip("2024-06-03T08:30:00")], "b.csv")
    assert [t.reason for t in stage.all(StoredTrip)].count("overlap") == 1
    withdraw_upload(stage.bank, fleet=FLEET, file_hash=first.upload.file_hash)
    (left,) = stage.all(StoredTrip)
    assert (left.state, left.reason) == ("accepted", "")


def test_an_upload_under_a_batch_is_not_withdrawn(stage: Stage) -> None:
    sealed = stage.sealed(TRIPS)
    (upload,) = stage.all(Upload)
    with pytest.raises(UploadInBatch) as refused:
        withdraw_upload(stage.bank, fleet=FLEET, file_hash=upload.file_hash)
    assert refused.value.batch_ids == [sealed.batch_id]
    assert len(stage.all(StoredTrip)) == 2
