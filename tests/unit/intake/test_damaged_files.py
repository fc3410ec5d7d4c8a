"""However a file is damaged, it is read with issues or refused with a typed error."""

import gzip
import random
from datetime import UTC, datetime, timedelta

import pytest

from carbonbank.domain.trip import Trip
from carbonbank.errors import InputError
from carbonbank.intake import ReadOptions, read_trips
from carbonbank.intake.canonical import write_csv, write_ndjson, write_parquet
from carbonbank.intake.shipped import shipped_files
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import validate
from tests.unit.intake.vendor_samples import CAR_SCANNER, SAMPLES, TORQUE

NOW_AT = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
TRIPS = [
    Trip(
        vehicle_id="007",
        driver_id="é",
        start_at=NOON + timedelta(hours=n),
        end_at=NOON + timedelta(hours=n, minutes=30),
        distance_m=20_000,
        distance_source="odometer",
        odometer_start_m=20_000 * n + 1,
        odometer_end_m=20_000 * n + 20_001,
        energy_grid_wh=3_000,
        soc_start_bps=9_000,
        soc_end_bps=5_000,
        start_cell="u33db",
        end_cell="u33dc",
        source="test",
        source_record_id=f"r{n}",
    )
    for n in range(12)
]
LOG = b"\n".join(shipped_files("twizy")[0][1].split(b"\n")[:40])
TABLE = b"\n".join(shipped_files("chicago")[0][1].split(b"\n")[:15])
WHOLE = {
    "csv": write_csv(TRIPS),
    "parquet": write_parquet(TRIPS),
    "log": LOG,
    "table": TABLE,
    "gzip": gzip.compress(LOG, mtime=0),
    "ndjson": write_ndjson(TRIPS),
    "torque": TORQUE,
    "car scanner": CAR_SCANNER,
    **SAMPLES,
}
INSERTED = [
    b'"',
    b",",
    b"\n",
    b";",
    b"\r",
    b"9" * 20,
    b"-",
    b"\x00",
    b"2021-02-30",
    b"\xc3",
    b"e5",
    b"{",
    b"]",
    b"\\ud800",
]


def damaged(whole: bytes, rng: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        place = rng.randrange(len(data) + 1)
        match rng.randrange(3):
            case 0:
                data[place : place + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[place : place + rng.randrange(1, 20)]
            case 2:
                data[place:place] = rng.choice(INSERTED)
    return bytes(data)


@pytest.mark.parametrize("kind", WHOLE)
def test_damage_is_an_issue_or_a_typed_error(kind):
    rng = random.Random(kind)
    known = {"vehicle_id": "v1", "zone": "UTC", "day": "2024-05-06"}
    limits = ReadOptions(**known, size_bytes_max=10**7, rows_max=10**6)
    refused = 0
    for _ in range(200):
        try:
            raw = read_trips(damaged(WHOLE[kind], rng), "damaged", options=limits)
        except InputError as error:
            refused += bool(str(error))
        else:
            valid = validate(raw, CAR, NOW_AT)
            assert valid.table.num_rows <= raw.table.num_rows
    assert refused > 0


def test_old_line_ends_are_lines_too():
    data = write_csv(TRIPS).replace(b"\n", b"\r")
    assert read_trips(data, "old.csv").table.num_rows == len(TRIPS)
