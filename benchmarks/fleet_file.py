"""A seeded fleet file: canonical CSV of a month, 1,000 vehicles, 1 % defective rows of all kinds.

The same number of rows gives the same bytes. Rows come in the order of time, so that every vehicle
is spread over the whole file. Every vehicle has drivers of its own, drives between two cells that
touch, reads its odometer and meters the energy it takes from the grid. No defect keeps a bare
reader from telling the columns' types, which would slow it down and flatter the conversion.
"""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from carbonbank.mrv.bulk.texts import iso_texts
from carbonbank.mrv.trips import TRIP_SCHEMA

VEHICLES = 1_000
DRIVERS_PER_VEHICLE = 2
MONTH = "2024-06"
_MONTH_START_S = 1_717_200_000  # 2024-06-01T00:00:00Z
_MONTH_S = 30 * 86_400
_SLOTS_AT_ONCE = 100
DEFECT_BPS = 100

Ints = npt.NDArray[np.int64]


def write_fleet_file(
    path: Path, rows: int, *, vehicles: int = VEHICLES, seed: int = 20_240_601
) -> None:
    """Write `rows` trips below a header."""
    made = np.random.default_rng(seed)
    slots = -(-rows // vehicles)
    slot_s = _MONTH_S // slots
    odometer_m = made.integers(5_000_000, 90_000_000, vehicles)
    left = rows
    with path.open("wb") as file:
        file.write(",".join(TRIP_SCHEMA.names).encode() + b"\n")
        for first in range(0, slots, _SLOTS_AT_ONCE):
            count = min(_SLOTS_AT_ONCE, slots - first)
            columns = _columns(made, np.arange(first, first + count), slot_s, odometer_m)
            lines = _with_defects(made, columns, slot_s, vehicles)[:left]
            left -= len(lines)
            file.write(b"".join(lines))


def _columns(
    made: np.random.Generator, slots: Ints, slot_s: int, odometer_m: Ints
) -> dict[str, Ints]:
    """Return trips slot by slot, and in each slot vehicle by vehicle."""
    shape = (len(slots), len(odometer_m))
    longest_s = min(slot_s * 9 // 10, 3_600)
    lasts_s = made.integers(longest_s // 2, longest_s, shape)
    late_s = made.integers(0, slot_s - longest_s, shape)
    start_s = _MONTH_START_S + slots[:, None] * slot_s + late_s
    distance_m = lasts_s * made.integers(20, 60, shape) * 1_000 // 3_600 + made.integers(
        0, 500, shape
    )
    end_m = odometer_m + np.cumsum(distance_m, axis=0)
    vehicle = np.broadcast_to(np.arange(shape[1]), shape)
    columns = {
        "slot": np.broadcast_to(slots[:, None], shape),
        "vehicle": vehicle,
        "driver": vehicle * DRIVERS_PER_VEHICLE + made.integers(0, DRIVERS_PER_VEHICLE, shape),
        "start_s": start_s,
        "end_s": start_s + lasts_s,
        "distance_m": distance_m,
        "odometer_start_m": end_m - distance_m,
        "odometer_end_m": end_m,
        "energy_wh": distance_m * made.integers(150, 210, shape) // 1_000,
        "passengers": made.integers(1, 4, shape),
    }
    odometer_m[:] = end_m[-1]
    return {name: values.ravel().copy() for name, values in columns.items()}


def _with_defects(
    made: np.random.Generator, columns: dict[str, Ints], slot_s: int, vehicles: int
) -> list[bytes]:
    count = len(columns["slot"])
    bad = np.flatnonzero(made.integers(0, 10_000, count) < DEFECT_BPS)
    kind = made.integers(0, 12, len(bad))
    of = {number: bad[kind == number] for number in range(12)}
    columns["distance_m"][of[0]] *= 1_000  # too fast
    columns["distance_m"][of[1]] //= 1_000  # kilometres for metres
    columns["distance_m"][of[2]] = 2**32 - 1
    columns["odometer_end_m"][of[3]] += 700_000_000  # one spike
    columns["odometer_start_m"][of[4]] = 0
    columns["end_s"][of[5]] = columns["start_s"][of[5]] - 60
    columns["end_s"][of[6]] += 20 * 365 * 86_400
    columns["energy_wh"][of[7]] *= -1
    columns["end_s"][of[8]] += 2 * slot_s  # runs into the next trips
    lines = _lines(columns)
    for place in of[9]:
        lines[place] = lines[place].replace(b",gps,", b",guess,")
    for place in of[10]:
        lines[place] = lines[place].replace(b",telematics,", b",,")
    for place in of[11]:  # the trip of a slot earlier again
        lines[place] = lines[max(0, place - vehicles)]
    return lines


def _lines(columns: dict[str, Ints]) -> list[bytes]:
    count = len(columns["slot"])
    vehicles = pa.array([f"car-{number:04d}" for number in range(VEHICLES)])
    drivers = pa.array([f"driver-{number:05d}" for number in range(VEHICLES * DRIVERS_PER_VEHICLE)])
    cells = pa.array(["dp3wj", "dp3wm"])
    moments = {
        name: iso_texts(pa.array(columns[f"{name}_s"], pa.timestamp("s", "UTC")))
        for name in ("start", "end")
    }
    there = (columns["slot"] % 2).astype(np.int64)
    known = {
        "vehicle_id": vehicles.take(pa.array(columns["vehicle"])),
        "driver_id": drivers.take(pa.array(columns["driver"])),
        "start_at": moments["start"],
        "end_at": moments["end"],
        "distance_m": pa.array(columns["distance_m"]),
        "distance_source": pa.repeat(pa.scalar("gps"), count),
        "odometer_start_m": pa.array(columns["odometer_start_m"]),
        "odometer_end_m": pa.array(columns["odometer_end_m"]),
        "energy_grid_wh": pa.array(columns["energy_wh"]),
        "start_cell": cells.take(pa.array(there)),
        "end_cell": cells.take(pa.array(1 - there)),
        "passengers": pa.array(columns["passengers"]),
        "source": pa.repeat(pa.scalar("telematics"), count),
        "source_record_id": pa.array(
            [
                f"t{slot}-{vehicle}"
                for slot, vehicle in zip(
                    columns["slot"].tolist(), columns["vehicle"].tolist(), strict=True
                )
            ]
        ),
    }
    table = pa.table(
        {
            name: known[name] if name in known else pa.nulls(count, pa.string())
            for name in TRIP_SCHEMA.names
        }
    )
    sink = io.BytesIO()
    options = pacsv.WriteOptions(include_header=False, quoting_style="none")
    pacsv.write_csv(table, sink, options)
    return sink.getvalue().splitlines(keepends=True)
