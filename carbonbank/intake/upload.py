"""What a reader gets: the content of one file, and what the caller knows about it."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.mapping import ColumnMapping
from carbonbank.errors import UnknownOption
from carbonbank.intake.limits import ROWS_MAX, SIZE_BYTES_MAX
from carbonbank.mrv.rules import ISSUE_CODES

_LAST_DAY = date(9999, 1, 1)
INVENTED_DRIVER = "invented-driver-of-{vehicle_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the caller knows and the file does not say.

    Attributes:
        vehicle_id: the vehicle of a log that names none.
        driver_pattern: a driver id for trips whose file names no driver; `{vehicle_id}` stands
            for the vehicle. `INVENTED_DRIVER` marks it as invented. None leaves trips without.
        zone: the IANA time zone of local clocks, instead of the format's own.
        day: the local date of a recording that has times alone, as `2024-05-06`.
        sheet: the sheet of a workbook that has several.
        mappings: the fleet's confirmed mappings of tables that are of no known format.
        size_bytes_max: limit for the file, and for its content when compressed.
        rows_max: limit for the rows of one file.
    """

    vehicle_id: str | None = None
    driver_pattern: str | None = None
    zone: str | None = None
    day: str | None = None
    sheet: str | None = None
    mappings: tuple[ColumnMapping, ...] = ()
    size_bytes_max: int = SIZE_BYTES_MAX
    rows_max: int = ROWS_MAX

    def driver_of(self, vehicle_id: str) -> str | None:
        """Return the driver id of a vehicle whose file names no driver."""
        pattern = self.driver_pattern
        return None if pattern is None else pattern.replace("{vehicle_id}", vehicle_id)

    def first_day(self) -> date | None:
        """Return the date that `day` names.

        Raises:
            UnknownOption: it is no date.
        """
        if self.day is None:
            return None
        try:
            found = date.fromisoformat(self.day)
        except ValueError as error:
            raise UnknownOption(
                option="day", value=self.day, expected="a date such as 2024-05-06"
            ) from error
        if not date.min < found < _LAST_DAY:
            raise UnknownOption(option="day", value=self.day, expected="a day of these centuries")
        return found

    def zone_or(self, zone: str) -> ZoneInfo:
        """Return the zone of local clocks.

        Raises:
            UnknownOption: there is no such zone.
        """
        name = self.zone or zone
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnknownOption(
                option="zone", value=name, expected="an IANA time zone such as Africa/Casablanca"
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file, uncompressed, with the name its records are known by."""

    filename: str
    content: bytes
    options: ReadOptions = field(default_factory=ReadOptions)

    def record_id(self, ordinal: int) -> str:
        """Return the id of the n-th trip in this file, counted from 1."""
        return f"{self.filename}#{ordinal}"


def plain_name(filename: str) -> str:
    """Return a file's name without folders and `.gz`, so that packing changes no record id."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return name.removesuffix(".gz") or "upload"


def issue_at(
    row: int, code: str, column: str, value: str, limit: str | None = None, trip: str | None = None
) -> RowIssue:
    """Make the issue of a code as it was found while reading; values are shown shortened."""
    known = ISSUE_CODES[code]
    return RowIssue(
        row=row,
        column=column,
        code=code,
        severity=known.severity,
        value=value if len(value) <= 80 else value[:77] + "...",
        limit=limit or known.limit,
        hint=known.remedy,
        trip_source_record_id=trip,
    )
