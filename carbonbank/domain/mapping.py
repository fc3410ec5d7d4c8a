"""How a table of no known format is to be read: a person's word, kept per fleet.

A mapping says of every column what it is and in which unit, how times are written and in which
zone. A proposal is one with gaps; nothing is read by it until a person has filled them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.errors import MappingInvalid

KINDS = ("trips", "odometer_log", "charges")
LENGTHS = ("m", "km", "mi")
ENERGIES = ("Wh", "kWh")
FUELS = ("mL", "L", "gal_us", "gal_uk")
SHARES = ("percent", "fraction", "bps")
DURATIONS = ("s", "min", "h", "h:mm:ss")
TIME_FORMATS = ("iso", "iso_offset", "day_first", "month_first", "unix_s", "unix_ms")
WITHOUT_ZONE = ("iso_offset", "unix_s", "unix_ms")
SOURCES = ("odometer", "wheel", "gps")

# What a column can be, and the units it can have; none for text, times and counts.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "vehicle": (),
    "token": (),
    "driver": (),
    "record": (),
    "date": (),
    "start": (),
    "end": (),
    "duration": DURATIONS,
    "distance": LENGTHS,
    "odometer": LENGTHS,
    "odometer_start": LENGTHS,
    "odometer_end": LENGTHS,
    "energy_grid": ENERGIES,
    "energy_battery": ENERGIES,
    "fuel": FUELS,
    "soc_start": SHARES,
    "soc_end": SHARES,
    "passengers": (),
}
_OF_KIND: Mapping[str, frozenset[str]] = {
    "trips": frozenset(FIELDS) - {"token", "odometer"},
    "odometer_log": frozenset(
        {"vehicle", "driver", "date", "start", "odometer", "energy_grid", "energy_battery", "fuel"}
    ),
    "charges": frozenset(
        {"vehicle", "token", "record", "date", "start", "end", "duration", "energy_grid"}
    ),
}
_PARTS = ("name", "kind", "header", "columns", "time_format", "zone", "decimal", "distance_source")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the file and its unit; None where it has none, or nobody has said it yet."""

    column: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """A whole mapping; `columns` goes from what is meant (`FIELDS`) to where it stands.

    Attributes:
        name: what people call it; the `source` of what is read by it is `mapped:NAME`.
        kind: trips; an odometer_log, whose rows say where an odometer stood and what was filled in
            since the row before; or charges.
        header: the columns of the file; they show it again.
        time_format: one of `TIME_FORMATS`.
        zone: IANA zone of local times; None where times carry their own.
        decimal: the decimal mark of numbers.
        distance_source: what distances come from.
    """

    name: str
    kind: str
    header: tuple[str, ...]
    columns: Mapping[str, MappedColumn] = field(default_factory=dict)
    time_format: str | None = None
    zone: str | None = None
    decimal: str = "."
    distance_source: str | None = None

    @property
    def header_hash(self) -> str:
        """What the same header is known by, whatever the order of its columns."""
        return header_hash(self.header)

    @property
    def document(self) -> dict[str, Any]:
        """The mapping as a JSON value."""
        return asdict(self) | {"header": list(self.header)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mapping with gaps, what has to be answered, and a few rows to answer it by.

    Attributes:
        mapping: the mapping as a JSON value; gaps are null.
        questions: what a person has to say before it can be confirmed.
        unused: columns that nothing is made of.
        sample: the first rows, by column.
    """

    mapping: dict[str, Any]
    questions: tuple[str, ...]
    unused: tuple[str, ...]
    sample: tuple[dict[str, str], ...]


def header_hash(header: Sequence[str]) -> str:
    """Return the hash of a header; the order of columns is free."""
    return sha256(canonical_json(sorted(name.strip() for name in header))).hex()


def parse_mapping(document: Any) -> ColumnMapping:
    """Read a mapping and hold it against what is needed to read a file by it.

    Raises:
        MappingInvalid: with everything that is missing or unknown.
    """
    found = list(_misshapen(document))
    if found:
        raise MappingInvalid(problems="; ".join(found))
    mapping = ColumnMapping(
        **(
            document
            | {
                "header": tuple(document["header"]),
                "columns": {n: MappedColumn(**one) for n, one in document["columns"].items()},
            }
        )
    )
    found = list(_gaps(mapping))
    if found:
        raise MappingInvalid(problems="; ".join(found))
    return mapping


def _misshapen(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        yield "it is no JSON object"
        return
    yield from (f"{name!r} is unknown" for name in sorted(set(document) - set(_PARTS)))
    for name in ("name", "kind"):
        text = document.get(name)
        if not isinstance(text, str) or not 0 < len(text) <= 60 or not text.isprintable():
            yield f"{name} is missing or no short text"
    for name in ("time_format", "zone", "distance_source"):
        if not isinstance(document.get(name), str | None):
            yield f"{name} is no text"
    header = document.get("header")
    if not isinstance(header, list) or not all(isinstance(one, str) for one in header):
        yield "header is no list of columns"
    columns = document.get("columns")
    if not isinstance(columns, dict) or not all(map(_is_column, columns.values())):
        yield 'columns is no object such as {"distance": {"column": "Km", "unit": "km"}}'


def _is_column(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and set(found) <= {"column", "unit"}
        and isinstance(found.get("column"), str)
        and isinstance(found.get("unit"), str | None)
    )


def _gaps(mapping: ColumnMapping) -> Iterator[str]:
    """Yield everything that keeps a mapping from being used."""
    if mapping.kind not in KINDS:
        yield f"kind is one of {', '.join(KINDS)}"
        return
    if not mapping.header or len(set(mapping.header)) < len(mapping.header):
        yield "the header is empty or has a column twice"
    yield from _wrong_columns(mapping)
    yield from _missing(mapping.kind, set(mapping.columns))
    if mapping.time_format not in TIME_FORMATS:
        yield f"time_format is one of {', '.join(TIME_FORMATS)}"
    elif mapping.time_format not in WITHOUT_ZONE and not _is_zone(mapping.zone):
        yield "zone of the local times, such as Europe/Lisbon"
    if mapping.decimal not in {".", ","}:
        yield "decimal is . or ,"
    measured = mapping.kind == "trips" and "distance" in mapping.columns
    if measured and mapping.distance_source not in SOURCES:
        yield f"distance_source is one of {', '.join(SOURCES)}"


def _wrong_columns(mapping: ColumnMapping) -> Iterator[str]:
    for name, one in mapping.columns.items():
        if name not in _OF_KIND[mapping.kind]:
            yield f"{mapping.kind} has no {name!r}"
        elif one.column not in mapping.header:
            yield f"{name}: the file has no column {one.column!r}"
        elif FIELDS[name] and one.unit not in FIELDS[name]:
            yield f"unit of {one.column!r}: one of {', '.join(FIELDS[name])}"


def _missing(kind: str, has: set[str]) -> Iterator[str]:
    if "start" not in has:
        yield "no column is the start"
    if kind == "trips" and not has & {"end", "duration"}:
        yield "no column is the end or the duration"
    if kind == "trips" and "distance" not in has and not has >= {"odometer_start", "odometer_end"}:
        yield "no column is the distance, nor two the odometer"
    if kind == "odometer_log" and "odometer" not in has:
        yield "no column is the odometer"
    if kind == "charges" and "energy_grid" not in has:
        yield "no column is the energy on the side of the grid"
    if kind == "charges" and not has & {"vehicle", "token"}:
        yield "no column is the vehicle or its token"


def _is_zone(name: str | None) -> bool:
    try:
        return name is not None and bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
