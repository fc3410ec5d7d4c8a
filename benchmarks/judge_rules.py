"""Time the quality rules over made trips: `python -m benchmarks.judge_rules [ROWS]`.

A thousand vehicles, 1 % defects (rollback, speed, overlap, copy, teleport); prints one JSON object.
"""

import json
import resource
import sys
import time
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips, validate

_VEHICLES = 1_000
_FIRST_S = 1_704_067_200  # 2024-01-01


def made_trips(rows: int, seed: int = 1) -> RawTrips:
    """Return honest trips of a thousand vehicles with 1 % defects."""
    draw = np.random.default_rng(seed)
    vehicle = np.arange(rows) % _VEHICLES
    number = np.arange(rows) // _VEHICLES
    lasts_s = draw.integers(600, 3_000, rows)
    start_s = _FIRST_S + number * 5_400 + draw.integers(0, 1_800, rows)
    distance_m = lasts_s * draw.integers(6, 22, rows) + draw.integers(0, 9, rows)
    by_vehicle = np.lexsort((number, vehicle))
    sums = np.cumsum(distance_m[by_vehicle])
    starts = np.flatnonzero(np.diff(vehicle[by_vehicle], prepend=-1))
    before = np.repeat(sums[starts] - distance_m[by_vehicle][starts], np.diff([*starts, rows]))
    end_m = np.empty(rows, dtype=np.int64)
    end_m[by_vehicle] = sums - before + 50_000_000
    start_m = end_m - distance_m
    bad = draw.choice(rows, rows // 100, replace=False)
    parts = np.array_split(bad, 5)
    end_m[parts[0]] -= 40_000
    start_m[parts[0]] -= 40_000
    distance_m[parts[1]] *= 30
    start_s[parts[2]] -= 2_700
    for values in (start_s, lasts_s, distance_m, vehicle):
        values[parts[3]] = values[(parts[3] + 1) % rows]
    cells = np.array(["u33db", "u33d8", "u33dc", "u33d9"])[draw.integers(0, 4, rows)].astype(object)
    cells[parts[4]] = "u281z"
    columns = {
        "vehicle_id": [f"v{n:04}" for n in vehicle],
        "driver_id": [f"d{n:04}" for n in vehicle],
        "start_at": start_s,
        "end_at": start_s + lasts_s,
        "distance_m": distance_m,
        "distance_source": ["gps"] * rows,
        "odometer_start_m": start_m,
        "odometer_end_m": end_m,
        "energy_battery_wh": distance_m * 16 // 100,
        "start_cell": cells,
        "end_cell": cells,
        "source": ["made"] * rows,
        "source_record_id": [str(n) for n in range(rows)],
        "row": np.arange(2, rows + 2),
    }
    arrays = [
        pa.array(columns[field.name]).cast(field.type)
        if field.name in columns
        else pa.nulls(rows, field.type)
        for field in RAW_SCHEMA
    ]
    table = pa.Table.from_arrays(arrays, schema=RAW_SCHEMA)
    return RawTrips(table=table, issues=(), format="made", rows_read=rows)


def main(rows: int) -> None:
    """Print how long the rules take."""
    raw = made_trips(rows)
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    began_s = time.process_time()
    valid = validate(raw, CAR, datetime(2027, 1, 1, tzinfo=UTC))
    took_s = time.process_time() - began_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    told = {"rows": rows, "judge_cpu_s": round(took_s, 2), "issues": len(valid.issues)}
    print(json.dumps(told | {"before_mb": before_mb, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
