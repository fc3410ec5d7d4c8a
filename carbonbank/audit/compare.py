"""Sampled trips against their source: a row of the operator's file, or what the verifier read."""

import csv
import hashlib
from codecs import BOM_UTF8 as BOM
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any, NamedTuple

from carbonbank.audit.charges import is_metered_by_charges
from carbonbank.audit.findings import Reason, add_finding
from carbonbank.audit.grams import formula_of
from carbonbank.audit.package import Package
from carbonbank.errors import ReadingsUnusable

# How others read a file: its name and content in, a row's number and its record's fields out.
RowsIn = Callable[[str, bytes], Iterable[tuple[int, Mapping[str, Any]]]]
CANONICAL = "canonical_csv"
MEASURED = (
    "distance_m",
    "energy_grid_wh",
    "energy_battery_wh",
    "soc_start_bps",
    "soc_end_bps",
    "fuel_ml",
)
WORKSHEET = (
    "leaf", "trip_id", "vehicle_id", "start_at", "end_at", "source", "source_record_id",
    *MEASURED, "read_from",
)  # fmt: skip
REASONS = {
    "vehicle_id": Reason.VEHICLE_DIFFERS,
    "driver_id": Reason.DRIVER_DIFFERS,
    "start_at": Reason.TIMES_DIFFER,
    "end_at": Reason.TIMES_DIFFER,
    "distance_m": Reason.DISTANCE_DIFFERS,
} | dict.fromkeys(MEASURED[1:], Reason.ENERGY_DIFFERS)


class Reading(NamedTuple):
    """What a source says of a trip: where it was read, and the fields it has."""

    leaf: int
    read_from: str
    fields: dict[str, Any]


def worksheet(package: Package, plan: Mapping[str, Any]) -> str:
    """Return a CSV of the drawn trips for a verifier to fill in; what was measured is blank."""
    target = StringIO()
    rows = csv.DictWriter(target, WORKSHEET, lineterminator="\n")
    rows.writeheader()
    for leaf in plan["leaves"]:
        trip = package.trips[leaf]
        named = {name: trip.record.get(name) for name in WORKSHEET[2:7]}
        rows.writerow({"leaf": leaf, "trip_id": trip.trip_id} | named)
    return target.getvalue()


def readings_of(package: Package, plan: Mapping[str, Any], content: str) -> list[Reading]:
    """Read a filled-in worksheet; a blank cell says that the source has no such value.

    Raises:
        ReadingsUnusable: a row names no drawn trip, no distance or no source.
    """
    read = []
    for row, cells in enumerate(csv.DictReader(StringIO(content)), 2):
        leaf, source = cells.get("leaf") or "", cells.get("read_from") or ""
        if not leaf.isdecimal() or int(leaf) not in plan["leaves"]:
            raise ReadingsUnusable(row=row, reason=f"{leaf!r} is no drawn leaf")
        if not cells.get("distance_m") and not source:
            continue  # not read yet
        if not cells.get("distance_m") or not source:
            raise ReadingsUnusable(row=row, reason="distance_m or read_from is blank")
        record = package.trips[int(leaf)].record
        fields = {name: _integer(row, name, cells.get(name) or "") for name in MEASURED}
        blank = {name for name, value in fields.items() if value is None and record[name] is None}
        kept = {name: value for name, value in fields.items() if name not in blank}
        read.append(Reading(int(leaf), source, kept))
    return read


def rows_of(
    package: Package,
    plan: Mapping[str, Any],
    name: str,
    content: bytes,
    read: RowsIn | None = None,
) -> list[Reading]:
    """Find the drawn trips in one of the operator's own files.

    Canonical CSV is read here, by a reader that nothing of the bank has a part in; other formats
    are read by `read`, where one is given.

    Raises:
        ReadingsUnusable: the report does not name this file, or nobody reads its format.
    """
    digest, source = source_named(package, name, content)
    by_hand = _is_plain_csv(source["format"], content)
    if by_hand:
        told: Iterable[tuple[int, Mapping[str, Any]]] = enumerate(_cells(content), 2)
    elif read is not None:
        told = read(source["filename"], content)
    else:
        reason = f"{name} is {source['format']}; read it yourself and fill in the worksheet"
        raise ReadingsUnusable(row=0, reason=reason)
    rows: dict[tuple[str, str], tuple[int, Mapping[str, Any]]] = {}
    for row, fields in told:
        rows.setdefault((fields["vehicle_id"], fields["source_record_id"]), (row, fields))
    readings = []
    for leaf in plan["leaves"]:
        record = package.trips[leaf].record
        found = rows.get((record["vehicle_id"], record["source_record_id"]))
        if found:
            row, fields = found
            if by_hand:
                fields = {one: _value(row, one, fields.get(one) or "") for one in record}
                fields["driver_id"] = fields["driver_id"] or _driver(package, record["vehicle_id"])
            where = f"{name} {'line' if by_hand else 'row'} {row}, SHA-256 {digest}"
            readings.append(Reading(leaf, where, dict(fields)))
    return readings


def source_named(package: Package, name: str, content: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return a file's SHA-256 and what the report says of it.

    Raises:
        ReadingsUnusable: it says nothing.
    """
    digest = hashlib.sha256(content).hexdigest()
    known = {one["sha256"]: one for one in package.report["source_files"]}
    if digest not in known:
        raise ReadingsUnusable(row=0, reason=f"{name} has SHA-256 {digest}, unknown to the report")
    return digest, known[digest]


def compare(
    package: Package, record: Mapping[str, Any], readings: Sequence[Reading]
) -> dict[str, Any]:
    """Return findings.json with the trips that were read, and a finding for each that differs.

    Grams are recomputed from what the source says, by the equations of the package. Comparing the
    same trip again adds nothing.
    """
    done, formula = {one["leaf"] for one in record["compared"]}, formula_of(package)
    # What a trip shares of its vehicle's charges stands in no file of trips.
    unsaid = {"energy_grid_wh"} if is_metered_by_charges(package.methodology) else set()
    for reading in readings:
        if reading.leaf in done:
            continue
        done.add(reading.leaf)
        sealed = package.trips[reading.leaf].record
        fields = {n: value for n, value in reading.fields.items() if n not in unsaid}
        differs = sorted(n for n, value in fields.items() if sealed[n] != value)
        right_g = formula.grams(sealed | fields)
        claimed_g = package.leaves[reading.leaf].reduction_g
        told = {
            "leaf": reading.leaf,
            "read_from": reading.read_from,
            "claimed_g": claimed_g,
            "recomputed_g": right_g,
            "differs": differs,
        }
        record = {**record, "compared": [*record["compared"], told]}
        if differs:
            record = add_finding(
                record,
                reason=_reason(differs),
                text="; ".join(f"{n}: {sealed[n]} sealed, {fields[n]}" for n in differs),
                leaf=reading.leaf,
                effect_g=claimed_g - right_g,
            )
    ordered = sorted(record["compared"], key=lambda one: one["leaf"])
    return {**record, "compared": ordered}


def _reason(differs: Sequence[str]) -> str:
    # The one that moves most grams first; a list of reasons would hide it.
    order: Iterator[str] = (n for n in REASONS if n in differs)
    worst = sorted(order, key=lambda n: n not in MEASURED)
    return REASONS[worst[0]] if worst else Reason.ROW_DIFFERS


def _is_plain_csv(format_name: str, content: bytes) -> bool:
    header = content.split(b"\n", 1)[0].removeprefix(BOM).decode("utf-8", "replace").strip()
    return format_name == CANONICAL and {"vehicle_id", "source_record_id"} <= set(header.split(","))


def _cells(content: bytes) -> Iterator[Mapping[str, Any]]:
    yield from csv.DictReader(StringIO(content.decode("utf-8-sig")))


def _driver(package: Package, vehicle_id: str) -> str | None:
    """Return the driver that the programme gives trips whose file names none."""
    pattern = (package.methodology["programme"].get("reading") or {}).get("driver_pattern")
    return pattern and str(pattern).replace("{vehicle_id}", vehicle_id)


def _value(row: int, name: str, text: str) -> Any:
    if name in {"start_at", "end_at"}:
        moment_at = datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
        return f"{moment_at.isoformat(timespec='seconds')}Z"
    is_number = name.endswith(("_m", "_wh", "_ml", "_bps")) or name == "passengers"
    return _integer(row, name, text) if is_number else text or None


def _integer(row: int, name: str, text: str) -> int | None:
    if text and not text.removeprefix("-").isdecimal():
        raise ReadingsUnusable(row=row, reason=f"{name} is {text!r}, not a whole number")
    return int(text) if text else None
