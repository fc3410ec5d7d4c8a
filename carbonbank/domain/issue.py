"""What validation says about a row: a value, never an exception."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What became of the row."""

    DROPPED = "dropped"  # a raw sample that can not be read (a row of a log, not a trip)
    MENDED = "mended"  # used after a documented repair
    WARNED = "warned"  # used as it is, and shown
    QUARANTINED = "quarantined"  # a trip kept out until a person decides


@dataclass(frozen=True, slots=True, kw_only=True)
class RowIssue:
    """One finding on one row of an uploaded file.

    `row` is the line number in the file (header = 1) or 0 for the whole file; `value` and `limit`
    carry units in their text; `code` is documented in docs/reference/issues.md.
    """

    row: int
    column: str
    code: str
    severity: Severity
    value: str
    limit: str
    hint: str
    trip_source_record_id: str | None = None
