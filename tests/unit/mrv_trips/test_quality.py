"""Shares of a vehicle's month, counted by hand."""

from datetime import UTC, datetime

from carbonbank.mrv.quality import vehicle_months
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import validate
from carbonbank.units import month_from_label
from tests.unit.mrv_trips.trips_made import NOW_AT, made, raw_of


def test_shares_of_a_month():
    trips = [
        made(0, distance_m=30_000, odometer_start_m=10_000, odometer_end_m=40_000),
        made(60, distance_m=10_000, energy_grid_wh=2_000),
        made(120, distance_m=10_000, source_record_id="gapped"),
        made(180, distance_m=-1),
        made(0, distance_m=30_000, odometer_start_m=10_000, odometer_end_m=40_000,
             source_record_id="z"),
        made(240, start_at=datetime(2024, 6, 1, tzinfo=UTC),
             end_at=datetime(2024, 6, 1, 0, 1, tzinfo=UTC), distance_m=-1),
    ]  # fmt: skip
    raw = raw_of(trips)
    valid = validate(raw, CAR, NOW_AT)
    may, june = vehicle_months(raw, valid)
    assert (may.vehicle_id, may.month) == ("v1", month_from_label("2024-05"))
    assert (may.trips, may.distance_m) == (3, 50_000)
    assert may.odometer_share == 6_000
    assert may.measured_energy_share == 2_000
    assert may.gap_free_share == 10_000
    assert may.accepted_share == 7_500  # three of four: the copy is no trip of its own
    assert (june.trips, june.accepted_share, june.odometer_share) == (0, 0, 0)
