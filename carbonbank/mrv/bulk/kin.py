"""Which vehicles have to be judged together, although no driver drives both.

A file told again under another vehicle shows in trips of equal length and duration, all apart by
one shift. To find such pairs of vehicles without holding a whole fleet, trips are spread by length
and duration, where the rule's own comparison runs over each share. A file told again with small
changes shows in prints (carbonbank/mrv/rules/prints.py): each block of a file gives the prints of
its vehicle-months, and the smallest of all blocks are those of the whole file.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.mrv.rules.copies import alike
from carbonbank.mrv.rules.frame import Frame
from carbonbank.mrv.rules.prints import Prints, merged, prints_of
from carbonbank.mrv.rules.prints import kin_of as kin_by_prints
from carbonbank.mrv.trips import RAW_SCHEMA

_COLUMNS = (
    "vehicle_id",
    "start_at",
    "end_at",
    "distance_m",
    "energy_grid_wh",
    "energy_battery_wh",
    "fuel_ml",
    "soc_start_bps",
    "soc_end_bps",
    "row",
)
COMPARED: pa.Schema = pa.schema([RAW_SCHEMA.field(name) for name in _COLUMNS])
_PAIRS = pa.schema(
    [("one", pa.string()), ("other", pa.string()), ("shift_s", pa.int64()), ("kind", pa.int64())]
)
_PRINTS = pa.schema(
    [
        ("vehicle_id", pa.string()),
        ("month", pa.int64()),
        ("kind", pa.int64()),
        ("value", pa.int64()),
    ]
)
_PRINTS_KEPT = 16
_PRINTS_SHARED = 4  # a fourth: few prints tell less exactly how much two months share


def prints_in(trips: pa.Table) -> pa.Table:
    """Return what the vehicles of a block print."""
    frame = Frame(trips)
    return _table(prints_of(frame, _PRINTS_KEPT), frame.vehicle_names)


def joined_prints(one: pa.Table, other: pa.Table) -> pa.Table:
    """Return what the vehicles of two blocks print."""
    found, names = _prints(pa.concat_tables([one, other]))
    return _table(merged(found, _PRINTS_KEPT), names)


def printed_kin(prints: pa.Table) -> list[tuple[str, str]]:
    """Return the pairs of vehicles that print alike."""
    found, names = _prints(prints)
    pairs = kin_by_prints(found, _PRINTS_SHARED)
    return sorted((names[one], names[other]) for one, other in pairs)


def _prints(table: pa.Table) -> tuple[Prints, list[str]]:
    coded = pc.dictionary_encode(table["vehicle_id"].combine_chunks())
    month, kind, value = (table[name].to_numpy() for name in ("month", "kind", "value"))
    vehicle = coded.indices.to_numpy().astype(np.int64)
    found = Prints(vehicle=vehicle, month=month, kind=kind, value=value)
    return found, coded.dictionary.to_pylist()


def _table(prints: Prints, names: list[str]) -> pa.Table:
    vehicles = pa.array(names, pa.string()).take(pa.array(prints.vehicle))
    numbers = (pa.array(column) for column in (prints.month, prints.kind, prints.value))
    return pa.table([vehicles, *numbers], schema=_PRINTS)


def shares(trips: pa.Table, count: int) -> npt.NDArray[np.int64]:
    """Return which of `count` shares each trip belongs to: equal trips are in the same."""
    start, end, metres = (
        trips[name].cast(pa.int64()).to_numpy() for name in ("start_at", "end_at", "distance_m")
    )
    share: npt.NDArray[np.int64] = ((end - start) % 1_000_003 + metres % 1_000_033) % count
    return share


def alike_pairs(trips: pa.Table) -> pa.Table:
    """Return pairs of trips of one share that are alike in two vehicles, each kind once."""
    frame = Frame(trips)
    pairs = alike(frame)
    pairs = pairs.only(frame.vehicle[pairs.earlier] != frame.vehicle[pairs.later])
    names = pa.array(frame.vehicle_names, pa.string())
    one, other = (
        names.take(pa.array(frame.vehicle[places])) for places in (pairs.earlier, pairs.later)
    )
    shift_s = frame.start_s[pairs.later] - frame.start_s[pairs.earlier]
    found = pa.table([one, other, pa.array(shift_s), pa.array(pairs.kind)], schema=_PAIRS)
    return found.group_by(_PAIRS.names).aggregate([])


def kin_of(pairs: Iterable[pa.Table], copied_trips_min: int) -> list[tuple[str, str]]:
    """Return the pairs of vehicles that may tell each other's trips."""
    whole = pa.concat_tables([_PAIRS.empty_table(), *pairs])
    counts = whole.group_by(["one", "other", "shift_s"]).aggregate([("kind", "count")])
    many = counts.filter(pc.greater_equal(counts["kind_count"], copied_trips_min))
    kin = {(pair["one"], pair["other"]) for pair in many.to_pylist()}
    return sorted(kin)
