"""What workers do: read a block, seal a partition of vehicles, build a run of the tree."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from carbonbank.domain.documents import ReportedVehicle, VehicleLeftOut
from carbonbank.domain.evidence import LEAF
from carbonbank.domain.issue import RowIssue
from carbonbank.intake.bulk.blocks import Block, read_block
from carbonbank.intake.bulk.spill import Run, Spilled, read_runs, spill, spill_shares
from carbonbank.mrv.bulk.judge import issue_of, judge, keeps_out
from carbonbank.mrv.bulk.kin import COMPARED, alike_pairs, prints_in
from carbonbank.mrv.bulk.leaves import (
    LEAF_DTYPE,
    Beside,
    LeafArray,
    add_running_totals,
    subtree_root,
)
from carbonbank.mrv.bulk.seal import SealedPart, bytes_column, seal
from carbonbank.mrv.bulk.terms import Terms
from carbonbank.mrv.bulk.texts import encoded
from carbonbank.mrv.quantify import month_column

_KEPT = ("baseline_ng", "project_ng", "reduction_g", "trip_id", "salt")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTask:
    """A block to read, and where its trips and issues go."""

    block: Block
    spill: Path
    issues: Path
    shares: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBlock:
    """A block on disk, who drove what in it, and what was said about its rows.

    `shares` are the sizes of its shares in the file beside `spilled`, and `prints` what its
    vehicles print (`carbonbank.mrv.bulk.kin`).
    """

    spilled: Spilled
    shares: tuple[int, ...]
    prints: pa.Table
    drivers: frozenset[tuple[str, str | None]]
    rows_read: int
    codes: Mapping[str, int]


def read(task: ReadTask) -> ReadBlock:
    """Read a block and spill its trips by vehicle."""
    raw = read_block(task.block)
    trips = encoded(raw.table)
    pairs = trips.select(["vehicle_id", "driver_id"]).group_by(["vehicle_id", "driver_id"])
    write_issues(raw.issues, task.issues)
    return ReadBlock(
        spilled=spill(trips, task.spill),
        shares=spill_shares(trips, shares_beside(task.spill), task.shares),
        prints=prints_in(trips),
        drivers=frozenset(
            (one["vehicle_id"], one["driver_id"]) for one in pairs.aggregate([]).to_pylist()
        ),
        rows_read=raw.rows_read,
        codes=Counter(issue.code for issue in raw.issues),
    )


def shares_beside(spilled: Path) -> Path:
    """Return where the shares of a block lie."""
    return spilled.with_suffix(".shares")


def compare_share(runs: tuple[Run, ...]) -> pa.Table:
    """Return the pairs of trips of a share that are alike in two vehicles."""
    return alike_pairs(read_runs(runs, COMPARED))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealTask:
    """A partition: where the rows of its vehicles are, and where its part goes."""

    runs: tuple[Run, ...]
    terms: Terms
    out: Path
    issues: Path
    leaves: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRun:
    """The leaf rows of one vehicle: where they lie, and what they add up to in grams."""

    path: Path
    vehicle_index: int
    first: int
    rows: int
    total_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfMonth:
    """What a partition brings to the batch of a month."""

    runs: tuple[LeafRun, ...]
    vehicles: tuple[ReportedVehicle, ...]
    left_out: tuple[VehicleLeftOut, ...]
    drivers_g: Mapping[str, int]
    undriven_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a partition brings to every month, and what was said about its rows."""

    months: Mapping[int, PartOfMonth]
    codes: Mapping[str, int]


def seal_partition(task: SealTask) -> Part:
    """Judge all trips of some vehicles and seal those that count, month by month."""
    judged = judge(read_runs(task.runs), task.terms)
    issues = list(judged.issues)
    months = month_column(judged.trips).to_numpy()
    parts: dict[int, PartOfMonth] = {}
    ends: dict[int, int] = {}
    for month in np.unique(months).tolist():
        mine = months == month
        came = judged.trips if mine.all() else judged.trips.filter(pa.array(mine))
        counts = judged.counts[mine]
        part = seal(came, counts, task.terms, month, Beside(previous_end=ends, next_start={}))
        if part.left_out:
            lines = {line: place for place, line in enumerate(came["row"].to_pylist())}
            issues += [
                issue_of(came, lines[row], code, "start_at", code) for row, code in part.left_out
            ]
        path = task.leaves.with_suffix(f".{month}")
        part.leaves.tofile(path)
        runs = _runs(part.leaves, path)
        for run in runs:
            ends[run.vehicle_index] = int(part.leaves["end_at"][run.first + run.rows - 1])
        _write_trips(part, task.out.with_suffix(f".{month}.parquet"))
        parts[month] = PartOfMonth(
            runs=tuple(runs),
            vehicles=part.vehicles,
            left_out=_left_out(came, part, issues),
            drivers_g=part.drivers_g,
            undriven_g=part.undriven_g,
        )
    write_issues(issues, task.issues)
    return Part(months=parts, codes=Counter(issue.code for issue in issues))


def _runs(leaves: LeafArray, path: Path) -> list[LeafRun]:
    if not len(leaves):
        return []
    index = leaves["vehicle_index"].astype(np.int64)
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(index)) + 1, [len(index)]]).tolist()
    grams = leaves["reduction_g"].astype(np.int64)
    return [
        LeafRun(
            path=path,
            vehicle_index=int(index[first]),
            first=first,
            rows=last - first,
            total_g=sum(grams[first:last].tolist()),
        )
        for first, last in pairwise(cuts)
    ]


def _left_out(
    came: pa.Table, part: SealedPart, issues: Sequence[RowIssue]
) -> tuple[VehicleLeftOut, ...]:
    """List the vehicles none of whose trips counts, with what most of them suffer from."""
    counted = {one.vehicle_id for one in part.vehicles}
    out = sorted(set(pc.unique(came["vehicle_id"]).to_pylist()) - counted)
    if not out:
        return ()
    theirs = came.filter(pc.is_in(came["vehicle_id"].cast(pa.string()), pa.array(out)))
    reasons: dict[int, str] = {}
    for issue in issues:
        if keeps_out(issue):
            reasons.setdefault(issue.row, issue.code)
    found: dict[str, Counter[str]] = {}
    for vehicle_id, row in zip(
        theirs["vehicle_id"].to_pylist(), theirs["row"].to_pylist(), strict=True
    ):
        found.setdefault(vehicle_id, Counter())[reasons[row]] += 1
    return tuple(
        VehicleLeftOut(vehicle_id=v, trips=codes.total(), reason=codes.most_common(1)[0][0])
        for v, codes in found.items()
    )


def _write_trips(part: SealedPart, path: Path) -> None:
    hashes = bytes_column(part.leaves["record_hash"])
    table = part.trips.append_column("record_hash", hashes)
    texts = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    numbers = [f.name for f in table.schema if pa.types.is_int64(f.type) or f.name.endswith("_at")]
    pq.write_table(
        table,
        path,
        use_dictionary=texts,
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        compression="none",  # hashes are random, and what differences leave is small
        write_statistics=False,
    )


def write_issues(issues: Sequence[RowIssue], path: Path) -> None:
    """Write issues as Parquet; none writes nothing."""
    if issues:
        columns = {
            field.name: [getattr(issue, field.name) for issue in issues]
            for field in fields(RowIssue)
        }
        pq.write_table(pa.table(columns), path)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeTask:
    """A run of leaves: its rows, the grams before it, and its place in the leaf file."""

    runs: tuple[tuple[Path, int, int], ...]
    before_g: int
    leaves: Path
    first: int


def build_subtree(task: TreeTask) -> bytes:
    """Complete a run of leaves, write it into the leaf file, and return its root."""
    # Joined as bytes: joining arrays would turn them to the machine's own order of bytes.
    joined = bytearray().join(_leaf_rows(*run).tobytes() for run in task.runs)
    rows = np.frombuffer(joined, LEAF_DTYPE)
    add_running_totals(rows, task.before_g)
    with task.leaves.open("r+b") as file:
        os.pwrite(file.fileno(), rows.tobytes(), task.first * LEAF.size)
    return subtree_root(rows)


def grams_of(path: Path, first: int, rows: int) -> int:
    """Add up some leaf rows."""
    return sum(_leaf_rows(path, first, rows)["reduction_g"].tolist())


def _leaf_rows(path: Path, first: int, rows: int) -> LeafArray:
    return np.fromfile(path, dtype=LEAF_DTYPE, count=rows, offset=first * LEAF.size)
