"""Leaf rows as one array: the 68 bytes of `carbonbank.domain.evidence`, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from carbonbank.domain.evidence import (
    END_AFTER_MONTH_S_MAX,
    LEAF,
    OVERLAP_S_MAX,
    LeafRow,
    cut_overlaps,
)
from carbonbank.errors import LeafOutOfRange
from carbonbank.mrv.bulk.hashes import root_of_rows

LEAF_DTYPE = np.dtype(
    [
        ("vehicle_index", ">u4"),
        ("start_at", ">u8"),
        ("end_at", ">u8"),
        ("reduction_g", ">i8"),
        ("running_g", ">i8"),
        ("record_hash", "u1", (32,)),
    ]
)
assert LEAF_DTYPE.itemsize == LEAF.size
INT64_MAX = 2**63 - 1
LeafArray = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is sealed already next to a batch: by vehicle index, in Unix seconds."""

    previous_end: Mapping[int, int]
    next_start: Mapping[int, int]


NOTHING_BESIDE = Beside(previous_end={}, next_start={})


def cut(rows: LeafArray, month_end: int, beside: Beside = NOTHING_BESIDE) -> dict[int, str]:
    """Move starts as `cut_overlaps` does, in place; return the places left out, with a code.

    Args:
        rows: sorted by vehicle and start.
        month_end: first Unix second after the month.
        beside: what is sealed in the months around it.
    """
    left_out: dict[int, str] = {}
    vehicles = rows["vehicle_index"].astype(np.int64)
    bounds = np.flatnonzero(np.diff(vehicles)) + 1
    starts_at = [0, *bounds.tolist()] if len(rows) else []
    start_s, end_s = rows["start_at"].astype(np.int64), rows["end_at"].astype(np.int64)
    busy_s = np.zeros(len(rows), dtype=np.int64)
    busy_s[1:] = end_s[:-1]
    free_s = np.full(len(rows), INT64_MAX)
    for first, last in zip(starts_at, [*starts_at[1:], len(rows)], strict=True):
        index = int(vehicles[first])
        busy_s[first] = beside.previous_end.get(index, 0)
        free_s[first:last] = beside.next_start.get(index, INT64_MAX)
    cut_s = np.maximum(start_s, busy_s)
    odd = (cut_s - start_s > OVERLAP_S_MAX) | (end_s <= cut_s) | (cut_s >= month_end)
    odd |= (end_s > month_end + END_AFTER_MONTH_S_MAX) | (end_s > free_s)
    rows["start_at"] = cut_s
    for first, last in zip(starts_at, [*starts_at[1:], len(rows)], strict=True):
        if odd[first:last].any():  # one that is left out changes what the next ones meet
            rows["start_at"][first:last] = start_s[first:last]
            left_out |= _cut_one(rows, range(first, last), month_end, beside)
    return left_out


def _cut_one(rows: LeafArray, places: range, month_end: int, beside: Beside) -> dict[int, str]:
    by_hash = {rows["record_hash"][place].tobytes(): place for place in places}
    own = [
        LeafRow(
            vehicle_index=int(rows["vehicle_index"][place]),
            start_at=int(rows["start_at"][place]),
            end_at=int(rows["end_at"][place]),
            reduction_g=0,
            record_hash=record_hash,
        )
        for record_hash, place in by_hash.items()
    ]
    # An end can not be moved, so a trip that runs into a sealed one is left out. It must not push
    # others either, so it leaves before the cut.
    runs_on = [r for r in own if r.end_at > beside.next_start.get(r.vehicle_index, r.end_at)]
    alone = [row for row in own if row not in runs_on]
    kept, out = cut_overlaps(alone, month_end=month_end, previous_end=beside.previous_end)
    for row in kept:
        rows["start_at"][by_hash[row.record_hash]] = row.start_at
    found = {by_hash[row.record_hash]: code for row, code in out}
    return found | {by_hash[row.record_hash]: "overlap" for row in runs_on}


def add_running_totals(rows: LeafArray, before_g: int) -> None:
    """Set `running_g` of rows in tree order, after `before_g` grams of the rows before them.

    Raises:
        LeafOutOfRange: a total does not fit the leaf.
    """
    reduction_g = rows["reduction_g"].astype(np.int64)
    largest = int(np.abs(reduction_g).max(initial=0)) * len(rows) + abs(before_g)
    if largest > INT64_MAX:
        raise LeafOutOfRange(field="running_g", value=largest, limit="int64, grams")
    rows["running_g"] = np.cumsum(reduction_g) + before_g


def subtree_root(rows: LeafArray) -> bytes:
    """Return the RFC 9162 root over a run of leaves."""
    return root_of_rows(rows.view(np.uint8).reshape(len(rows), LEAF.size))
