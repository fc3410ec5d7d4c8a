"""Small prints of what vehicles did, to find those that may tell each other's trips.

A print is a number made of a few things a trip says; a vehicle's month keeps the smallest ones (a
bottom-k sketch: Cohen, Kaplan, PODC 2007), which is the same sample whoever takes it. Two months
that tell the same share of them what they share of all. Prints accuse nobody: they only say which
vehicles are worth comparing trip by trip.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from carbonbank.mrv.months import months_since_1970
from carbonbank.mrv.rules.frame import Frame, Ints, in_order

METERS = ("energy_grid_wh", "energy_battery_wh", "fuel_ml")
CHARGES = ("soc_start_bps", "soc_end_bps")
KEPT = 64  # prints a vehicle-month keeps of each kind
_SHARED = 3  # months alike share a third of what they keep; timetables, whole minutes, a tenth
_SLOT_S = 120  # about twice what clocks differ by
_CROWD = 32  # a print of more vehicle-months than this tells nothing
_MONTHS = 4_096  # until 2311
_WHEN, _METERED, _ROW = range(3)
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """Prints of vehicle-months, a line each: vehicle (a number), month since 1970, kind, value."""

    vehicle: Ints
    month: Ints
    kind: Ints
    value: Ints


def prints_of(trips: Frame, kept: int = KEPT, *, with_rows: bool = False) -> Prints:
    """Return the prints of all alive trips, so many of a kind a vehicle-month.

    Two kinds: when a trip was and how long, in slots of two minutes laid twice, half a slot apart,
    so that a trip a minute off still shares one; and what it metered. `with_rows` a third: a trip
    with the one after it, length, duration and time between, which moving both does not change.
    """
    order = trips.order[trips.alive[trips.order]]
    vehicle, start_s = trips.vehicle[order], trips.start_s[order]
    lasts_s = trips.end_s[order] - start_s
    # Dates that no rule has looked at yet may be any.
    month = np.clip(months_since_1970(start_s), 0, _MONTHS - 1)
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(vehicle) != 0) | (np.diff(month) != 0)
    number = np.cumsum(new) - 1  # of the vehicle-month
    parts = []
    for half in (0, 1):
        slot = (start_s + half * _SLOT_S // 2) // _SLOT_S
        hashes = _hash(_WHEN + 10 * half, slot, lasts_s // _SLOT_S)
        parts.append(_low(number, _WHEN, hashes, kept))
    for place, columns in enumerate((METERS, CHARGES)):
        read = [values[order] for values in trips.told(columns)]
        if read:
            told = np.any([values > 0 for values in read], axis=0)
            read.append(lasts_s // _SLOT_S)  # many trips meter the same, few as long
            hashes = _hash(_METERED + 10 * place, *(values[told] for values in read))
            parts.append(_low(number[told], _METERED, hashes, kept))
    if with_rows:
        beside = np.flatnonzero(vehicle[1:] == vehicle[:-1])
        after, metres = beside + 1, trips.distance_m[order]
        ways = (metres[beside], lasts_s[beside], metres[after], lasts_s[after])
        hashes = _hash(_ROW, start_s[after] - start_s[beside], *ways)
        parts.append(_low(number[beside], _ROW, hashes, kept))
    group = np.concatenate([groups for groups, _ in parts])
    value = np.concatenate([values for _, values in parts])
    group, value = _smallest(group, value, kept)
    firsts = np.flatnonzero(new)[group // 4]
    return Prints(vehicle=vehicle[firsts], month=month[firsts], kind=group % 4, value=value)


def _low(number: Ints, kind: int, value: Hashes, kept: int) -> tuple[Ints, Ints]:
    """Leave out what is too large to be among the smallest of its vehicle-month, unsorted."""
    counts = np.bincount(number)
    share = np.minimum(1.0, 2 * kept / np.maximum(1, counts))
    low = value.astype(np.float64) <= (share * 2.0**64)[number]
    # Half of each number is left: every database keeps those.
    return number[low] * 4 + kind, (value[low] >> np.uint64(1)).astype(np.int64)


def merged(prints: Prints, kept: int) -> Prints:
    """Return the smallest prints of each vehicle-month and kind, each once, of several files'."""
    group = (prints.vehicle * _MONTHS + prints.month) * 4 + prints.kind
    group, value = _smallest(group, prints.value, kept)
    month = group // 4
    return Prints(vehicle=month // _MONTHS, month=month % _MONTHS, kind=group % 4, value=value)


def _smallest(group: Ints, value: Ints, kept: int) -> tuple[Ints, Ints]:
    """Return the smallest values of each group, each once."""
    order, _ = in_order(group, value)
    group, value = group[order], value[order]
    new = np.ones(len(group), dtype=bool)
    new[1:] = (np.diff(group) != 0) | (np.diff(value) != 0)
    group, value = group[new], value[new]
    changes = np.ones(len(group), dtype=bool)
    changes[1:] = np.diff(group) != 0
    firsts = np.flatnonzero(changes)
    rank = np.arange(len(group)) - np.repeat(firsts, np.diff(np.append(firsts, len(group))))
    return group[rank < kept], value[rank < kept]


def kin_of(prints: Prints, shared: int = _SHARED) -> list[tuple[int, int]]:
    """Return the pairs of vehicles (smaller number first) two months of which print alike.

    Args:
        prints: of all the vehicles.
        shared: a part of what the smaller month keeps is in the other one: one of so many.
    """
    month = (prints.vehicle * _MONTHS + prints.month) * 4 + prints.kind
    months, size = np.unique(month, return_counts=True)
    order = np.lexsort((month, prints.value))
    _, sizes = np.unique(prints.value, return_counts=True)
    order = order[np.repeat((sizes > 1) & (sizes <= _CROWD), sizes)]
    value = prints.value[order]
    mine = np.searchsorted(months, month[order])
    ones, others = [mine[:0]], [mine[:0]]
    for step in range(1, _CROWD):
        same = np.flatnonzero(value[step:] == value[:-step])
        if not len(same):
            break
        ones.append(mine[same])
        others.append(mine[same + step])
    pair = np.concatenate(ones) * np.int64(len(months)) + np.concatenate(others)
    pairs, counts = np.unique(pair, return_counts=True)
    one, other = (pairs // max(1, len(months)), pairs % max(1, len(months)))
    alike = is_shared(counts, np.minimum(size[one], size[other]), shared)
    vehicles = months // 4 // _MONTHS
    a, b = vehicles[one[alike]], vehicles[other[alike]]
    return sorted(
        {(min(p), max(p)) for p in zip(a.tolist(), b.tolist(), strict=True) if p[0] != p[1]}
    )


def is_shared(count: Any, size: Any, shared: int = _SHARED) -> Any:
    """Say whether so many common prints of `size` make two months worth comparing."""
    return count * shared >= size


def _hash(kind: int, *columns: Ints) -> Hashes:
    """Mix columns into one number each (the finaliser of splitmix64, Steele et al. 2014)."""
    mixed = np.full(len(columns[0]), kind, dtype=np.uint64)
    for column in columns:
        mixed += column.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed
