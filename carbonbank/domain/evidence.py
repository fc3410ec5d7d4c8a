"""Trip leaves: what a batch commits to about every trip, so that its holder can contradict it.

A leaf is 68 bytes, big-endian: uint32 vehicleIndex, uint64 startAt, uint64 endAt, int64 reductionG,
int64 runningG, bytes32 recordHash. Times are Unix seconds, as on the chain.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from struct import Struct
from typing import NamedTuple

from carbonbank.errors import LeafOutOfRange, TripsOverlap

LEAF = Struct(">IQQqq32s")
INT64 = range(-(2**63), 2**63)
UINT32 = range(2**32)
OVERLAP_S_MAX = 60  # the measurement tolerance: smaller overlaps are cut, larger ones quarantined
END_AFTER_MONTH_S_MAX = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRow:
    """One trip on its way into the tree: its vehicle's index, Unix seconds and grams."""

    vehicle_index: int
    start_at: int
    end_at: int
    reduction_g: int
    record_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TripLeaf(LeafRow):
    """A trip in the tree; `running_g` is the total of all leaves up to and with this one."""

    running_g: int


class LeftOut(NamedTuple):
    """A row that can not be sealed, and why (a code of docs/reference/issues.md)."""

    row: LeafRow
    code: str


def encode_leaf(leaf: TripLeaf) -> bytes:
    """Return the 68 bytes of a leaf."""
    return LEAF.pack(
        leaf.vehicle_index,
        leaf.start_at,
        leaf.end_at,
        leaf.reduction_g,
        leaf.running_g,
        leaf.record_hash,
    )


def decode_leaf(data: bytes) -> TripLeaf:
    """Read the 68 bytes of a leaf."""
    vehicle_index, start_at, end_at, reduction_g, running_g, record_hash = LEAF.unpack(data)
    return TripLeaf(
        vehicle_index=vehicle_index,
        start_at=start_at,
        end_at=end_at,
        reduction_g=reduction_g,
        running_g=running_g,
        record_hash=record_hash,
    )


def precedes(a: LeafRow, b: LeafRow) -> bool:
    """Tell whether `a` may stand before `b`: a smaller vehicle, or the same one earlier in time."""
    if a.vehicle_index != b.vehicle_index:
        return a.vehicle_index < b.vehicle_index
    return a.end_at <= b.start_at


def leaf_order(row: LeafRow) -> tuple[int, int, int, bytes, int]:
    """Return the key leaves are sorted by: vehicle and start, then what makes it total."""
    return row.vehicle_index, row.start_at, row.end_at, row.record_hash, row.reduction_g


def cut_overlaps(
    rows: Iterable[LeafRow],
    *,
    month_end: int,
    previous_end: Mapping[int, int] | None = None,
) -> tuple[list[LeafRow], list[LeftOut]]:
    """Make rows sealable: move a start that lies up to 60 s before the previous end to that end.

    The record keeps its own times. A row is left out when it overlaps by more, when nothing of it
    remains, when its start leaves the month, or when it ends more than 24 h after the month.

    Args:
        rows: the trips of one batch.
        month_end: first Unix second after the batch's month.
        previous_end: last sealed end of a vehicle index in an earlier batch, in Unix seconds.

    Returns:
        The rows as they go into the tree, and those left out with a code.
    """
    ends = dict(previous_end or {})
    kept: list[LeafRow] = []
    left_out: list[LeftOut] = []
    for row in sorted(rows, key=leaf_order):
        start_at = max(row.start_at, ends.get(row.vehicle_index, 0))
        if start_at - row.start_at > OVERLAP_S_MAX:
            left_out.append(LeftOut(row, "overlap"))
        elif row.end_at <= start_at or start_at >= month_end:
            left_out.append(LeftOut(row, "nothing_left"))
        elif row.end_at > month_end + END_AFTER_MONTH_S_MAX:
            left_out.append(LeftOut(row, "ends_after_month"))
        else:
            kept.append(replace(row, start_at=start_at))
            ends[row.vehicle_index] = row.end_at
    return kept, left_out


def build_leaves(rows: Iterable[LeafRow]) -> list[TripLeaf]:
    """Sort rows by vehicle and start and add the running total.

    Raises:
        TripsOverlap: two trips of a vehicle share time (see `cut_overlaps`).
        LeafOutOfRange: grams or an index beyond the field's width.
    """
    leaves: list[TripLeaf] = []
    running_g = 0
    for row in sorted(rows, key=leaf_order):
        running_g += row.reduction_g
        _check_width(row, running_g)
        if leaves and not precedes(leaves[-1], row):
            raise TripsOverlap(
                vehicle_index=row.vehicle_index,
                start_at=row.start_at,
                previous_end_at=leaves[-1].end_at,
            )
        leaves.append(
            TripLeaf(
                vehicle_index=row.vehicle_index,
                start_at=row.start_at,
                end_at=row.end_at,
                reduction_g=row.reduction_g,
                running_g=running_g,
                record_hash=row.record_hash,
            )
        )
    return leaves


def leaf_file(leaves: Sequence[TripLeaf]) -> bytes:
    """Return the leaves as one file: 68 bytes each, in tree order, nothing between."""
    return b"".join(map(encode_leaf, leaves))


def leaves_of_file(data: bytes) -> list[TripLeaf]:
    """Read a leaf file back."""
    return [decode_leaf(data[at : at + LEAF.size]) for at in range(0, len(data), LEAF.size)]


def _check_width(row: LeafRow, running_g: int) -> None:
    for field, value in (("reduction_g", row.reduction_g), ("running_g", running_g)):
        if value not in INT64:
            raise LeafOutOfRange(field=field, value=value, limit="int64, grams")
    if row.vehicle_index not in UINT32:
        raise LeafOutOfRange(field="vehicle_index", value=row.vehicle_index, limit="uint32")
