"""Trips on disk between two passes: one Arrow file a block, its rows sorted by vehicle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.mrv.bulk.kin import COLUMNS, shares
from carbonbank.mrv.trips import RAW_SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Spilled:
    """A block on disk: which run of its rows (first, count) each vehicle has."""

    path: Path
    runs: dict[str, tuple[int, int]]


def spill(trips: pa.Table, path: Path) -> Spilled:
    """Write a block's trips (`RAW_SCHEMA`), sorted by vehicle."""
    names = pc.dictionary_encode(trips["vehicle_id"].combine_chunks())
    vehicles: list[str] = names.dictionary.to_pylist()
    rank = np.empty(len(vehicles), dtype=np.int64)
    by_name = sorted(range(len(vehicles)), key=vehicles.__getitem__)
    rank[by_name] = np.arange(len(vehicles))
    codes = rank[names.indices.to_numpy()]
    order = np.argsort(codes, kind="stable")
    _write(trips.take(pa.array(order)), path)
    ends = np.cumsum(np.bincount(codes, minlength=len(vehicles))).tolist()
    starts = [0, *ends[:-1]]
    runs = {
        vehicles[place]: (first, last - first)
        for place, first, last in zip(by_name, starts, ends, strict=True)
    }
    return Spilled(path=path, runs=runs)


def spill_shares(trips: pa.Table, path: Path, count: int) -> tuple[int, ...]:
    """Write what `kin` compares, sorted by share; return how many rows each share has."""
    share = shares(trips, count)
    order = pa.array(np.argsort(share, kind="stable"))
    _write(trips.select(list(COLUMNS)).take(order), path)
    return tuple(np.bincount(share, minlength=count).tolist())


def _write(trips: pa.Table, path: Path) -> None:
    trips = trips.combine_chunks()
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


def read_runs(runs: Iterable[Run]) -> pa.Table:
    """Read rows back; the files are mapped only while they are read."""
    parts = []
    for path, first, rows in runs:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all().slice(first, rows)
            parts.append(table)
    return pa.concat_tables(parts).combine_chunks() if parts else RAW_SCHEMA.empty_table()
