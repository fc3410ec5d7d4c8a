"""Trips on disk between two passes: one Arrow file a block, its rows sorted by vehicle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import pyarrow as pa

from carbonbank.mrv.bulk.kin import COMPARED, shares
from carbonbank.mrv.bulk.texts import encoded
from carbonbank.mrv.rules.frame import numbered, stable_order
from carbonbank.mrv.trips import RAW_SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Spilled:
    """A block on disk: which run of its rows (first, count) each vehicle has."""

    path: Path
    runs: dict[str, tuple[int, int]]


def spill(trips: pa.Table, path: Path) -> Spilled:
    """Write a block's trips (`RAW_SCHEMA`, texts as dictionaries), sorted by vehicle."""
    numbers, vehicles = numbered(trips["vehicle_id"])
    _write(trips.take(pa.array(stable_order(numbers))), path)
    ends = np.cumsum(np.bincount(numbers, minlength=len(vehicles))).tolist()
    runs = {
        vehicle_id: (first, last - first)
        for vehicle_id, first, last in zip(vehicles, [0, *ends], ends, strict=False)
    }
    return Spilled(path=path, runs=runs)


def spill_shares(trips: pa.Table, path: Path, count: int) -> tuple[int, ...]:
    """Write what `kin` compares, sorted by share; return how many rows each share has."""
    share = shares(trips, count)
    order = pa.array(stable_order(share))
    _write(trips.select(COMPARED.names).take(order), path)
    return tuple(np.bincount(share, minlength=count).tolist())


def _write(trips: pa.Table, path: Path) -> None:
    """Write a table, but for columns without any value."""
    told = [name for name in trips.column_names if trips[name].null_count < trips.num_rows]
    trips = trips.select(told).combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, trips.schema) as writer:
        writer.write_table(trips)


Run = tuple[Path, int, int]  # file, first row, rows


def runs_of(blocks: Iterable[Spilled], vehicles: Sequence[str]) -> tuple[Run, ...]:
    """Return where the rows of some vehicles (sorted by id) are; neighbours are read as one."""
    found: list[Run] = []
    for block in blocks:
        for vehicle_id in vehicles:
            if vehicle_id not in block.runs:
                continue
            first, rows = block.runs[vehicle_id]
            if found and found[-1][0] == block.path and found[-1][1] + found[-1][2] == first:
                rows, first = rows + found[-1][2], found[-1][1]
                found.pop()
            found.append((block.path, first, rows))
    return tuple(found)


def read_runs(runs: Iterable[Run], schema: pa.Schema = RAW_SCHEMA) -> pa.Table:
    """Read rows back, texts as dictionaries; the files are mapped only while they are read."""
    parts = [encoded(schema.empty_table())]
    for path, of_file in groupby(runs, key=itemgetter(0)):
        with pa.memory_map(str(path)) as source:
            rows = pa.ipc.open_file(source).read_all()
            parts += [rows.slice(first, count) for _, first, count in of_file]
    return encoded(pa.concat_tables(parts, promote_options="default").combine_chunks())
