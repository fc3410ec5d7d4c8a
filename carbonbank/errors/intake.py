"""Files that are not what they claim. The caller must send something else."""

from carbonbank.errors.base import InputError

__all__ = [
    "BrokenGpx",
    "BrokenJson",
    "BrokenParquet",
    "BrokenWorkbook",
    "ChargesLeftOut",
    "ChargesNotTrips",
    "DateIsNumber",
    "DayNotNamed",
    "DistanceNotTold",
    "EmptyFile",
    "EntitiesRefused",
    "ExpandsTooLarge",
    "FileTooLarge",
    "FormatKnown",
    "FormulaWithoutValue",
    "MappingInvalid",
    "MergedHeader",
    "MixedDelimiters",
    "NoRows",
    "NotText",
    "SheetNotNamed",
    "TooManyRows",
    "TripsNotCharges",
    "UnknownColumns",
    "UnknownFormat",
    "UnknownOption",
    "VehicleNotNamed",
    "WrongColumnType",
    "ZoneNotNamed",
]


class FileTooLarge(InputError):
    """Refused by its announced size, or while streaming as soon as the limit is passed."""

    says = "the file has at least {size_bytes} bytes; at most {size_bytes_max} bytes are taken"
    hint = "split the file by month or by vehicle; splitting changes no result"
    size_bytes: int
    size_bytes_max: int


class ExpandsTooLarge(InputError):
    """A compressed file that would grow beyond the limit."""

    says = "{filename} has {size_bytes} bytes compressed and expands beyond {size_bytes_max} bytes"
    hint = "send the file in parts; splitting changes no result"
    filename: str
    size_bytes: int
    size_bytes_max: int


class TooManyRows(InputError):
    """A columnar file can announce more rows than memory holds in a few bytes."""

    says = "{filename} announces {rows} rows; at most {rows_max} rows are taken in one file"
    hint = "split the file by month or by vehicle; splitting changes no result"
    filename: str
    rows: int
    rows_max: int


class EmptyFile(InputError):
    """Nothing in it, or white space alone."""

    says = "{filename} is empty ({size_bytes} bytes)"
    hint = "send a file with a header line and at least one row"
    filename: str
    size_bytes: int


class NoRows(InputError):
    """A header and nothing below it, or an empty list."""

    says = "{filename} has the shape of {format} and no row in it"
    hint = "send a file with at least one row"
    filename: str
    format: str


class NotText(InputError):
    """Neither a Parquet file nor UTF-8 text."""

    says = "{filename} is not text: {found} at byte {offset_bytes}"
    hint = "send CSV or JSON as UTF-8 text, Parquet, GPX or XLSX; archives are not read"
    filename: str
    found: str
    offset_bytes: int


class BrokenParquet(InputError):
    """Begins as Parquet and can not be read as such."""

    says = "{filename} ({size_bytes} bytes) begins like a Parquet file and is broken: {reason}"
    hint = "write the file again; a Parquet file begins and ends with the four bytes PAR1"
    filename: str
    size_bytes: int
    reason: str


class BrokenJson(InputError):
    """Begins as JSON and can not be read as such."""

    says = "{filename} begins like JSON and is broken: {reason}"
    hint = "write the file again; one document, or one whole object a line"
    filename: str
    reason: str


class ChargesNotTrips(InputError):
    """A file of charging sessions where trips are expected."""

    says = "{filename} holds charging sessions ({format}), which are no trips"
    hint = "send the file of the vehicles' trips; charges say nothing about distance"
    filename: str
    format: str


class UnknownColumns(InputError):
    """No format has this set of columns."""

    says = (
        "{filename}: the columns {found} are of no known format; nearest is {format}: "
        "missing {missing}, not known {unexpected}; it has {expected}. {advice}"
    )
    hint = (
        "rename the columns to those of the template, or confirm how they are read: trips propose"
    )
    filename: str
    format: str
    found: list[str]
    expected: list[str]
    missing: list[str]
    unexpected: list[str]
    advice: str


class WrongColumnType(InputError):
    """A typed file whose column holds another type."""

    says = "{filename}: column {column} holds {found}; {expected} is expected"
    hint = "write the column in the type of the template: whole numbers, UTC times, text ids"
    filename: str
    column: str
    found: str
    expected: str


class MixedDelimiters(InputError):
    """The header is cut by one sign and no row below it is."""

    says = (
        "{filename}: the header has {columns} columns cut by {header_delimiter}, "
        "and none of {rows} rows has as many; line {row} has {row_columns}"
    )
    hint = "write header and rows with the same delimiter"
    filename: str
    columns: int
    header_delimiter: str
    rows: int
    row: int
    row_columns: int


class UnknownFormat(InputError):
    """The caller named a format that does not exist or does not fit the file."""

    says = "{filename} can not be read as {format}; known formats are {known}"
    hint = "leave the format out: it is recognised from the content"
    filename: str
    format: str
    known: list[str]


class UnknownOption(InputError):
    """A reading option with a value that makes no sense."""

    says = "{option} = {value} is not {expected}"
    hint = "see the options of the import command"
    option: str
    value: str
    expected: str


class VehicleNotNamed(InputError):
    """A file of one vehicle that does not say of which."""

    says = "{filename}: {format} names no vehicle"
    hint = "name the vehicle of the file in the option vehicle_id"
    filename: str
    format: str


class ZoneNotNamed(InputError):
    """A file with local clocks that does not say of where."""

    says = "{filename}: the clocks of {format} are local and of no known zone"
    hint = "name the zone in the option zone, such as Europe/Lisbon"
    filename: str
    format: str


class DayNotNamed(InputError):
    """A file with times and no date."""

    says = "{filename}: the times of {format} have no date"
    hint = "name the day on which the recording began in the option day, such as 2024-05-06"
    filename: str
    format: str


class BrokenWorkbook(InputError):
    """An archive like a workbook that can not be read as one; XML with entities is such."""

    says = "{filename} begins like a workbook and can not be read: {reason}"
    hint = "save it again as .xlsx, or send the sheet as CSV"
    filename: str
    reason: str


class FormulaWithoutValue(InputError):
    """A workbook written by a program that computes nothing."""

    says = "{filename}: cell {cell} of sheet {sheet} is a formula whose value was never saved"
    hint = "open the workbook in a spreadsheet, save it, and send it again; or paste values"
    filename: str
    sheet: str
    cell: str


class DateIsNumber(InputError):
    """A date that lost its format is a number of days, of one of two calendars."""

    says = "{filename}: {column} in row {row} is the number {value}, not a date"
    hint = "give the column a date format in the spreadsheet, or write UTC times as text"
    filename: str
    column: str
    row: int
    value: str


class MergedHeader(InputError):
    """A header whose cells are merged names no columns."""

    says = "{filename}: the cells {cells} in the first row of {sheet} are merged"
    hint = "the first row has one name a column and no title above it"
    filename: str
    sheet: str
    cells: str


class SheetNotNamed(InputError):
    """A workbook with several sheets that could be meant."""

    says = "{filename} has the sheets {sheets}; which one is meant is not said"
    hint = "name the sheet in the option sheet"
    filename: str
    sheets: list[str]


class BrokenGpx(InputError):
    """Begins as GPX and can not be read as GPX 1.1."""

    says = "{filename} can not be read as GPX 1.1: {reason}"
    hint = "export the tracks again as GPX 1.1"
    filename: str
    reason: str


class EntitiesRefused(InputError):
    """XML that declares a document type could expand or fetch anything."""

    says = "{filename} declares a document type or entities in line {row}"
    hint = "export the file again; no logger writes these"
    filename: str
    row: int


class DistanceNotTold(InputError):
    """A format of trips that says when and where, and not how far."""

    says = "{filename}: {format} tells no distance; {needed} does"
    hint = "send the history of the vehicles' stats, which has odometers"
    filename: str
    format: str
    needed: str


class MappingInvalid(InputError):
    """A mapping of columns that is not whole."""

    says = "the mapping can not be used: {problems}"
    hint = "answer what the proposal asks; nothing is guessed"
    problems: str


class ChargesLeftOut(InputError):
    """A charge that is left out makes a claim larger, so such a file is not taken in part."""

    says = "{filename}: {count} charges can not be read or belong to no vehicle; first {reasons}"
    hint = "mend the rows, and say of every token which vehicle it belongs to, or to none"
    filename: str
    count: int
    reasons: str


class TripsNotCharges(InputError):
    """A file of trips where charging sessions are expected."""

    says = "{filename} holds trips ({format}), which are no charging sessions"
    hint = "import it as trips"
    filename: str
    format: str


class FormatKnown(InputError):
    """A mapping is asked for where none is needed."""

    says = "{filename} is of a known format, {format}"
    hint = "import it as it is"
    filename: str
    format: str
