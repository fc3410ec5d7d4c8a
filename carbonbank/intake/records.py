"""Formats whose file is a list of records: JSON, NDJSON, or a table with the same names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.errors import VehicleNotNamed
from carbonbank.intake.record import Record, Unreadable
from carbonbank.intake.text_table import read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

Tell = Callable[[RowIssue], None]


def as_they_are(records: list[Record], _: Tell) -> list[Record]:
    """Leave the records of a file alone."""
    return records


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFormat:
    """A vendor's record of a trip.

    Attributes:
        name: the name of the format, which is also the `source` of its trips.
        required: the fields that show the format; further ones come and go between versions.
        trip: makes the cells of `RAW_SCHEMA` from one record; `source` and `row` are added.
        select: looks at all records of a file, for what one record can not say alone.
    """

    name: str
    required: Sequence[str]
    trip: Callable[[Upload, Record], dict[str, Any]]
    select: Callable[[list[Record], Tell], list[Record]] = as_they_are

    def fits(self, found: Iterable[str]) -> bool:
        """Say whether records with these fields are of this format."""
        names = set(found)
        return all(name in names or name.partition(".")[0] in names for name in self.required)

    def read(self, upload: Upload, rows: Iterable[tuple[int, dict[str, Any] | str]]) -> RawTrips:
        """Read records; a text in place of a record says what is wrong with its line."""
        issues: list[RowIssue] = []
        records: list[Record] = []
        rows_read = 0
        for row, cells in rows:
            rows_read += 1
            if isinstance(cells, str):
                issues.append(issue_at(row, "unreadable_value", "", cells, "a JSON object"))
            else:
                records.append(Record(row, cells))
        return self._read(upload, records, issues, rows_read)

    def read_table(self, upload: Upload, delimiter: str) -> RawTrips:
        """Read the records from delimited text; nested fields are columns named with dots."""
        table = read_text_table(upload, self.name, delimiter)
        columns = [table.texts(column) for column in table.columns]
        rows = zip(table.lines.tolist(), zip(*columns, strict=True), strict=True)
        records = [Record(row, dict(zip(table.columns, cells, strict=True))) for row, cells in rows]
        return self._read(upload, records, table.issues, table.rows_read)

    def _read(
        self, upload: Upload, records: list[Record], issues: list[RowIssue], rows_read: int
    ) -> RawTrips:
        trips: list[dict[str, Any]] = []
        for record in self.select(records, issues.append):
            try:
                trip = self.trip(upload, record)
            except Unreadable as found:
                issues.append(
                    issue_at(record.row, found.code, found.column, found.value, found.limit)
                )
            else:
                trips.append({**trip, "source": self.name, "row": record.row})
        issues.extend(issue for record in records for issue in record.issues)
        return RawTrips(
            table=pa.Table.from_pylist(trips, schema=RAW_SCHEMA),
            issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
            format=self.name,
            rows_read=rows_read,
        )


def ended(record: Record, end: str) -> None:
    """Refuse a trip that has no end yet.

    Raises:
        Unreadable: with the code `trip_ongoing`.
    """
    if not record.has(end):
        raise Unreadable("trip_ongoing", end, None)


def named_vehicle(upload: Upload, format_name: str) -> str:
    """Return the vehicle that the caller names for a file that names none.

    Raises:
        VehicleNotNamed: the caller names none either.
    """
    if upload.options.vehicle_id is None:
        raise VehicleNotNamed(filename=upload.filename, format=format_name)
    return upload.options.vehicle_id
