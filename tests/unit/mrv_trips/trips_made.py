"""Trips for tests: a plain honest one, changed where a test says so."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from carbonbank.domain.trip import Trip
from carbonbank.mrv.rules import CAR, Rules
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips, ValidTrips, from_trips, validate

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
NOW_AT = datetime(2026, 1, 1, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def made(start: float = 0, minutes: float = 30, **changes) -> Trip:
    """A trip of 20 km in half an hour, `start` minutes after noon."""
    values = {
        "vehicle_id": "v1",
        "start_at": at(start),
        "end_at": at(start + minutes),
        "distance_m": 20_000,
        "distance_source": "gps",
        "source": "test",
        "source_record_id": f"r{start}",
    }
    return Trip(**{**values, **changes})


def raw_of(trips: list[Trip]) -> RawTrips:
    table = from_trips(trips)
    rows = pa.array(range(2, len(trips) + 2), pa.int64())
    table = table.append_column("row", rows).cast(RAW_SCHEMA)
    return RawTrips(table=table, issues=(), format="test", rows_read=len(trips))


def judged(*trips: Trip, rules: Rules = CAR) -> ValidTrips:
    return validate(raw_of(list(trips)), rules, NOW_AT)


def codes(valid: ValidTrips) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for issue in valid.issues]
