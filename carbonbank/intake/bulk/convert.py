"""Convert a file of any size into sealed batches, in bounded memory.

    CSV ─blocks─▶ rows by vehicle on disk ─partitions─▶ leaf rows, Parquet ─runs─▶ roots, report

A partition is some vehicles with all their trips; vehicles that share a driver, or may tell
each other's trips, stay together. The
leaves of a batch stand by vehicle and time, whichever partition they come from, and the tree is
built over runs of 2^k leaves: neither the cut nor who computes changes a bit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory

from carbonbank.domain.documents import ReportedDriver, ReportedVehicle, VehicleLeftOut
from carbonbank.domain.erasure import subject_of
from carbonbank.domain.merkle import root_of_hashes
from carbonbank.domain.payout import PayoutTree, Shares, Split, payout_tree, split_batch
from carbonbank.errors import NoRows
from carbonbank.intake import canonical
from carbonbank.intake.bulk.blocks import BlockCutter, block_bytes_for, check_canonical
from carbonbank.intake.bulk.partition import (
    LeafRun,
    PartOfMonth,
    ReadBlock,
    ReadTask,
    SealTask,
    TreeTask,
    build_subtree,
    compare_share,
    grams_of,
    read,
    seal_partition,
    shares_beside,
)
from carbonbank.intake.bulk.runners import Runner
from carbonbank.intake.bulk.spill import Run, runs_of
from carbonbank.mrv.bulk.kin import joined_prints, kin_of, printed_kin
from carbonbank.mrv.bulk.terms import Terms
from carbonbank.mrv.programme import rules_of

PARTITION_ROWS = 50_000
RUN_LEAVES = 2**15  # a power of two, so that a run is a node of the whole tree

_MADE = ("trips", "issues", "leaves")
_SPILLED = "spilled"

TermsOf = Callable[[frozenset[tuple[str, str | None]]], Terms]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedMonth:
    """The batch of one month.

    Attributes:
        month: month number.
        evidence_root: over the leaf file.
        leaves: the leaf file.
        trips: how many leaves.
        total_g: all grams.
        vehicles: the credited vehicle-months.
        left_out: vehicles none of whose trips counts.
        drivers: drivers with an account.
        undriven_g: grams of trips without a driver's account.
        split: the batch in parts.
        payouts: the payout tree.
    """

    month: int
    evidence_root: bytes
    leaves: Path
    trips: int
    total_g: int
    vehicles: tuple[ReportedVehicle, ...]
    left_out: tuple[VehicleLeftOut, ...]
    drivers: tuple[ReportedDriver, ...]
    undriven_g: int
    split: Split
    payouts: PayoutTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A file as sealed batches; `codes` counts the issues by code."""

    file_hash: str
    rows_read: int
    codes: Mapping[str, int]
    months: tuple[SealedMonth, ...]


def convert(
    path: Path,
    out: Path,
    *,
    terms_of: TermsOf,
    accounts: Mapping[str, str],
    runner: Runner,
    block_bytes: int | None = None,
    partition_rows: int = PARTITION_ROWS,
) -> Converted:
    """Convert a canonical CSV file.

    Args:
        path: the file.
        out: where `trips` and `issues` (Parquet) and `leaves` are to be, none of which is there.
        terms_of: gives the terms for the (vehicle, driver) pairs found in the file.
        accounts: address of a driver's account by driver id.
        runner: who computes.
        block_bytes: how much text is read at a time; by the size of the file unless given.
        partition_rows: how many trips are judged at a time, unless vehicles can not be parted.

    Raises:
        InputError: the file is not canonical CSV, or there is nothing below its header.
        BatchTotalNotPositive: a month's total is not positive.
    """
    check_canonical(path)
    out.mkdir(parents=True, exist_ok=True)
    # What is cut short leaves nothing that looks like a conversion.
    with TemporaryDirectory(dir=out, prefix="unfinished-") as unfinished:
        made = Path(unfinished)
        for name in (*_MADE, _SPILLED):
            (made / name).mkdir()
        by = _By(terms_of=terms_of, accounts=accounts, runner=runner)
        done = _convert(path, made, by, block_bytes, partition_rows)
        for name in _MADE:
            (made / name).rename(out / name)
    months = (replace(one, leaves=out / "leaves" / one.leaves.name) for one in done.months)
    return replace(done, months=tuple(months))


@dataclass(frozen=True, slots=True, kw_only=True)
class _By:
    """What a conversion is told from outside."""

    terms_of: TermsOf
    accounts: Mapping[str, str]
    runner: Runner


def _convert(
    path: Path, made: Path, by: _By, block_bytes: int | None, partition_rows: int
) -> Converted:
    """Convert a file into directories that are there."""
    block_bytes = block_bytes or block_bytes_for(path.stat().st_size)
    cutter = BlockCutter(path, block_bytes)
    shares = path.stat().st_size // block_bytes + 1
    tasks = (
        ReadTask(
            block=block,
            spill=made / _SPILLED / f"{number:06d}.arrow",
            issues=made / "issues" / f"read-{number:06d}.parquet",
            shares=shares,
        )
        for number, block in enumerate(cutter.blocks())
    )
    blocks = list(by.runner.map(read, tasks))
    if not any(block.rows_read for block in blocks):
        raise NoRows(filename=path.name, format=canonical.CSV_NAME)
    drivers = frozenset().union(*(block.drivers for block in blocks))
    terms = by.terms_of(drivers)
    alike = by.runner.map(compare_share, _shares(blocks))
    kin = kin_of(
        [pairs for pairs in alike if pairs.num_rows],
        rules_of(terms.methodology.programme).copied_trips_min,
    )
    _remove(shares_beside(block.spilled.path) for block in blocks)
    kin += printed_kin(reduce(joined_prints, (block.prints for block in blocks)))
    seals = _seal_tasks(blocks, _together(drivers, kin), terms, made, partition_rows)
    parts = list(by.runner.map(seal_partition, seals))
    _remove(block.spilled.path for block in blocks)
    codes: Counter[str] = Counter()
    for said in (*(block.codes for block in blocks), *(part.codes for part in parts)):
        codes.update(said)
    sealed = [
        _seal_month(
            month,
            [part.months[month] for part in parts if month in part.months],
            made / "leaves" / f"{month}.leaves",
            terms,
            by,
        )
        for month in sorted({month for part in parts for month in part.months})
    ]
    return Converted(
        file_hash=cutter.file_hash,
        rows_read=sum(block.rows_read for block in blocks),
        codes=codes,
        months=tuple(sealed),
    )


def _remove(paths: Iterable[Path]) -> None:
    """Remove files as soon as they are read: much of them was not even written to the disk yet."""
    for path in paths:
        path.unlink()


def _shares(blocks: Sequence[ReadBlock]) -> Iterator[tuple[Run, ...]]:
    """Yield where the rows of every share are."""
    firsts = [0] * len(blocks)
    for share in range(len(blocks[0].shares) if blocks else 0):
        runs = []
        for number, block in enumerate(blocks):
            if rows := block.shares[share]:
                runs.append((shares_beside(block.spilled.path), firsts[number], rows))
                firsts[number] += rows
        if runs:
            yield tuple(runs)


def _seal_tasks(
    blocks: Sequence[ReadBlock],
    groups: Sequence[list[str]],
    terms: Terms,
    made: Path,
    partition_rows: int,
) -> Iterator[SealTask]:
    pairs = frozenset().union(*(block.drivers for block in blocks))
    rows: Counter[str] = Counter()
    drivers: dict[str, set[str | None]] = {}
    for vehicle_id, driver_id in pairs:
        drivers.setdefault(vehicle_id, set()).add(driver_id)
    for block in blocks:
        for vehicle_id, (_, count) in block.spilled.runs.items():
            rows[vehicle_id] += count
    for number, group in enumerate(_partitions(groups, rows, partition_rows)):
        ours = replace(
            terms,
            vehicles={v: terms.vehicles[v] for v in group if v in terms.vehicles},
            keys={
                subject: terms.keys[subject]
                for v in group
                for d in (None, *drivers[v])  # an erased driver's trips are the vehicle's
                if (subject := subject_of(terms.fleet, v, d)) in terms.keys
            },
        )
        yield SealTask(
            runs=runs_of((block.spilled for block in blocks), group),
            terms=ours,
            out=made / "trips" / f"part-{number:06d}",
            issues=made / "issues" / f"part-{number:06d}.parquet",
            leaves=made / _SPILLED / f"part-{number:06d}",
        )


def _together(
    pairs: Iterable[tuple[str, str | None]], kin: Iterable[tuple[str, str]]
) -> list[list[str]]:
    """Return groups of vehicles that share no driver and no kin, each sorted, in order."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while above.setdefault(name, name) != name:
            above[name] = name = above[above[name]]
        return name

    first_of: dict[str, str] = {}
    for vehicle_id, driver_id in sorted(pairs, key=str):
        one = top(vehicle_id)
        if driver_id is not None:
            above[one] = top(first_of.setdefault(driver_id, vehicle_id))
    for vehicle_id, other in kin:
        above[top(vehicle_id)] = top(other)
    groups: dict[str, list[str]] = {}
    for vehicle_id in sorted(above):
        groups.setdefault(top(vehicle_id), []).append(vehicle_id)
    return list(groups.values())


def _partitions(
    groups: Iterable[list[str]], rows: Mapping[str, int], rows_max: int
) -> Iterator[list[str]]:
    """Join groups while they stay small together."""
    vehicles: list[str] = []
    filled = 0
    for group in groups:
        count = sum(rows[vehicle_id] for vehicle_id in group)
        if vehicles and filled + count > rows_max:
            yield sorted(vehicles)
            vehicles, filled = [], 0
        vehicles += group
        filled += count
    if vehicles:
        yield sorted(vehicles)


def _seal_month(
    month: int,
    parts: Sequence[PartOfMonth],
    leaves: Path,
    terms: Terms,
    by: _By,
) -> SealedMonth:
    runs = sorted((run for part in parts for run in part.runs), key=lambda run: run.vehicle_index)
    leaves.touch()
    roots = b"".join(by.runner.map(build_subtree, _tree_tasks(runs, leaves)))
    total_g = sum(run.total_g for run in runs)
    grams: Counter[str] = Counter()
    undriven_g = sum(part.undriven_g for part in parts)
    for part in parts:
        for driver_id, reduction_g in part.drivers_g.items():
            if driver_id in by.accounts:
                grams[driver_id] += reduction_g
            else:
                undriven_g += reduction_g
    shares = terms.methodology.programme.shares_bps
    split = split_batch(
        total_g,
        Shares(drivers_bps=shares.drivers, buffer_bps=shares.buffer),
        {by.accounts[driver_id]: reduction_g for driver_id, reduction_g in grams.items()},
        undriven_g,
    )
    return SealedMonth(
        month=month,
        evidence_root=root_of_hashes(roots),
        leaves=leaves,
        trips=sum(run.rows for run in runs),
        total_g=total_g,
        vehicles=tuple(
            sorted((v for part in parts for v in part.vehicles), key=lambda v: v.vehicle_index)
        ),
        left_out=tuple(
            sorted((v for part in parts for v in part.left_out), key=lambda v: v.vehicle_id)
        ),
        drivers=tuple(
            ReportedDriver(driver_id=one, account=by.accounts[one], reduction_g=reduction_g)
            for one, reduction_g in sorted(grams.items())
        ),
        undriven_g=undriven_g,
        split=split,
        payouts=payout_tree(split.payouts),
    )


def _tree_tasks(runs: Sequence[LeafRun], leaves: Path) -> Iterator[TreeTask]:
    """Cut the leaves in tree order into runs of `RUN_LEAVES`."""
    pieces: list[tuple[Path, int, int]] = []
    filled, first, before_g, total_g = 0, 0, 0, 0
    for run in runs:
        start, end = run.first, run.first + run.rows
        while start < end:
            count = min(end - start, RUN_LEAVES - filled)
            piece = (run.path, start, count)
            pieces.append(piece)
            total_g += run.total_g if count == run.rows else grams_of(*piece)
            start, filled = start + count, filled + count
            if filled == RUN_LEAVES:
                yield TreeTask(runs=tuple(pieces), before_g=before_g, leaves=leaves, first=first)
                first, before_g, pieces, filled = first + filled, total_g, [], 0
    if pieces:
        yield TreeTask(runs=tuple(pieces), before_g=before_g, leaves=leaves, first=first)
