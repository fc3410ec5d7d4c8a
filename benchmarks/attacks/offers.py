"""Rows with labels, and the files that tell them."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from openpyxl import Workbook

from benchmarks.attacks.fleets import Fleet
from carbonbank.domain.trip import COLUMNS, Trip, trip_record
from carbonbank.intake.canonical import write_csv, write_ndjson, write_parquet

FIRST, SECOND = "first", "second"
WHOLE = 2  # a drive has two halves
Label = Literal["honest", "again", "false"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a file and the truth about it.

    Attributes:
        trip: what it tells.
        label: `honest`; `again`, a drive that another row told; `false`, a drive as it never was.
        halves: which drives it tells, by number, and how many halves of each.
    """

    trip: Trip
    label: Label
    halves: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file that is offered for a fleet; its first row stands on line `first_line`."""

    fleet: str
    filename: str
    data: bytes
    rows: tuple[Row, ...]
    first_line: int = 2


Attack = Callable[[Fleet, Random], list[Offer]]


def honest_rows(trips: Sequence[Trip]) -> list[Row]:
    """Number the drives of an honest fleet."""
    return [
        Row(trip=trip, label="honest", halves=((number, WHOLE),))
        for number, trip in enumerate(trips)
    ]


def again(rows: Iterable[Row], **changes: Any) -> list[Row]:
    """Tell rows again, with columns changed; a change may be a function of the trip."""
    return [replace(row, label="again", trip=changed(row.trip, changes)) for row in rows]


def false(row: Row, **changes: Any) -> Row:
    """Tell a row as it was not."""
    return replace(row, label="false", trip=changed(row.trip, changes))


def changed(trip: Trip, changes: dict[str, Any]) -> Trip:
    """Return a trip with columns changed; a change may be a function of the trip."""
    found = {name: new(trip) if callable(new) else new for name, new in changes.items()}
    return replace(trip, **found)


def in_csv(rows: Sequence[Row], filename: str = "trips.csv", fleet: str = FIRST) -> Offer:
    """Offer rows as canonical CSV."""
    data = write_csv([row.trip for row in rows])
    return Offer(fleet=fleet, filename=filename, data=data, rows=tuple(rows))


def in_parquet(rows: Sequence[Row], fleet: str = FIRST) -> Offer:
    """Offer rows as canonical Parquet."""
    data = write_parquet([row.trip for row in rows])
    return Offer(fleet=fleet, filename="trips.parquet", data=data, rows=tuple(rows))


def in_ndjson(rows: Sequence[Row], fleet: str = FIRST) -> Offer:
    """Offer rows as canonical NDJSON, which has no header."""
    data = write_ndjson([row.trip for row in rows])
    return Offer(
        fleet=fleet, filename="trips.ndjson", data=data, rows=tuple(rows), first_line=1
    )  # fmt: skip


def in_workbook(rows: Sequence[Row], fleet: str = FIRST) -> Offer:
    """Offer rows as a workbook with times as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("trips")
    sheet.append(COLUMNS)
    for row in rows:
        record = trip_record(row.trip)
        sheet.append([record[column] for column in COLUMNS])
    sink = io.BytesIO()
    book.save(sink)
    return Offer(fleet=fleet, filename="trips.xlsx", data=sink.getvalue(), rows=tuple(rows))
