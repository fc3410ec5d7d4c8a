"""One record of a vendor's file: its cells by the vendor's names, read exactly or refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from carbonbank.domain.issue import RowIssue
from carbonbank.intake.upload import issue_at
from carbonbank.mrv.rules.cells import cell_of
from carbonbank.units import ceil_div, floor_div

INT64_MAX = 2**63 - 1

_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,200}")
# Java writes 12,345,678.9 m as 1.23456789E7; two digits of exponent are beyond any road.
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?",
    re.ASCII,
)


class Unreadable(Exception):
    """A record that makes no trip; the loop over the records turns it into a row issue."""

    def __init__(self, code: str, column: str, value: object, limit: str | None = None) -> None:
        super().__init__(code, column)
        self.code, self.column, self.limit = code, column, limit
        self.value = "empty" if value is None or value == "" else str(value)


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, and what was found while reading them.

    A name with dots leads into nested objects (`device.id`), or is the name of a column, as
    flattened tables write it. None, empty text and an absent cell are the same: no value.
    """

    row: int
    cells: Mapping[str, Any]
    issues: list[RowIssue] = field(default_factory=list)

    def cell(self, name: str) -> Any:
        """Return what stands there, None where nothing does."""
        if name in self.cells:
            found: Any = self.cells[name]
        else:
            found = self.cells
            for part in name.split("."):
                found = found.get(part) if isinstance(found, dict) else None
        return None if found == "" else found

    def has(self, name: str) -> bool:
        """Say whether a value stands there."""
        return self.cell(name) is not None

    def text(self, name: str) -> str:
        """Return a plain text of up to 200 signs; a number by its digits.

        Raises:
            Unreadable: nothing, no text, or with control signs.
        """
        found = self.cell(name)
        if not isinstance(found, str) or not _TEXT.fullmatch(found):
            raise Unreadable("unreadable_value", name, found, "required, text")
        return str(found)

    def moment(self, name: str, *, naive_is_utc: bool = False) -> datetime:
        """Return an ISO 8601 time as UTC, down to the whole second.

        Raises:
            Unreadable: nothing, no such time, or none of a known zone.
        """
        found = self.cell(name)
        if not isinstance(found, str) or not (shape := _MOMENT.fullmatch(found)):
            raise Unreadable("unreadable_value", name, found, "required, ISO 8601 time")
        if shape[2] is None and not naive_is_utc:
            raise Unreadable("unreadable_value", name, found, "a time with its zone")
        try:
            at = datetime.fromisoformat(found)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unreadable("impossible_date", name, found) from error
        return at.replace(microsecond=0)

    def exact(self, name: str) -> Fraction:
        """Return a number exactly.

        Raises:
            Unreadable: nothing, or no number.
        """
        return self._number(name)

    def moment_of_ms(self, name: str) -> datetime:
        """Return milliseconds since 1970 as UTC, down to the whole second.

        Raises:
            Unreadable: nothing, no number, or no year of the calendar.
        """
        at_ms = self._whole(name, 1, floor_div)
        try:
            return datetime.fromtimestamp(floor_div(at_ms, 1_000), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise Unreadable("impossible_date", name, f"{at_ms} ms") from error

    def floor(self, name: str, factor: int = 1) -> int:
        """Return a number times a factor, downward.

        Raises:
            Unreadable: nothing, or no number below 2^63.
        """
        return self._whole(name, factor, floor_div)

    def ceil(self, name: str, factor: int = 1) -> int:
        """Return a number times a factor, upward.

        Raises:
            Unreadable: nothing, or no number below 2^63.
        """
        return self._whole(name, factor, ceil_div)

    def reading_floor(self, name: str, factor: int = 1) -> int | None:
        """Return a counter times a factor, downward; 0 is a device's word for no reading."""
        return self.floor(name, factor) or None if self.has(name) else None

    def reading_ceil(self, name: str, factor: int = 1) -> int | None:
        """Return a counter times a factor, upward; 0 is a device's word for no reading."""
        return self.ceil(name, factor) or None if self.has(name) else None

    def place(self, latitude: str, longitude: str) -> str | None:
        """Return the cell of a position; a position that is none is told and left out."""
        fix = self.position(latitude, longitude)
        return None if fix is None else cell_of(*fix)

    def position(self, latitude: str, longitude: str) -> tuple[float, float] | None:
        """Return a position in degrees; one that is none is told and left out."""
        if not self.has(latitude) or not self.has(longitude):
            return None
        fix = float(self._number(latitude)), float(self._number(longitude))
        code = "zero_gps_fix" if 0 in fix else "gps_out_of_range"
        if 0 in fix or abs(fix[0]) > 90 or abs(fix[1]) > 180:
            column = f"{latitude}, {longitude}"
            self.issues.append(issue_at(self.row, code, column, f"{fix[0]:g}, {fix[1]:g}"))
            return None
        return fix

    def _number(self, name: str) -> Fraction:
        found = self.cell(name)
        if not isinstance(found, str) or not _NUMBER.fullmatch(found):
            raise Unreadable("unreadable_value", name, found, "required, number")
        return Fraction(found)

    def _whole(self, name: str, factor: int, rounded: Any) -> int:
        exact = self._number(name) * factor
        whole: int = rounded(exact.numerator, exact.denominator)
        if abs(whole) > INT64_MAX:
            raise Unreadable("unreadable_value", name, self.cell(name), "a number below 2^63")
        return whole
