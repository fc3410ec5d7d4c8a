"""Tables of no known format, read by a mapping that a person confirmed."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from carbonbank.domain.charge import Charge
from carbonbank.domain.issue import RowIssue
from carbonbank.domain.mapping import WITHOUT_ZONE, ColumnMapping
from carbonbank.domain.trip import iso_at
from carbonbank.intake.charges import RawCharges, TokenBook, gathered
from carbonbank.intake.clock import is_ambiguous, utc_seconds
from carbonbank.intake.record import Record, Unreadable
from carbonbank.intake.records import named_vehicle
from carbonbank.intake.text_table import read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

# Exact: the international mile, the US gallon of 231 cubic inches, the imperial one of 4.54609 L.
FACTORS: dict[str, Fraction] = {
    "m": Fraction(1),
    "km": Fraction(1_000),
    "mi": Fraction(1_609_344, 1_000),
    "Wh": Fraction(1),
    "kWh": Fraction(1_000),
    "mL": Fraction(1),
    "L": Fraction(1_000),
    "gal_us": Fraction(3_785_411_784, 1_000_000),
    "gal_uk": Fraction(4_546_090, 1_000),
    "percent": Fraction(100),
    "fraction": Fraction(10_000),
    "bps": Fraction(1),
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3_600),
}
_CLOCK = (
    r"(?:[ T,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_ISO = re.compile(rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_CLOCK}", re.ASCII)
_SLASHED = re.compile(rf"([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}){_CLOCK}", re.ASCII)
_HMS = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?", re.ASCII)
_DURATION_S_MAX = 31 * 86_400


def source_of(mapping: ColumnMapping) -> str:
    """Return the source of what is read by a mapping."""
    return f"mapped:{mapping.name}"


def read_trips(upload: Upload, delimiter: str, mapping: ColumnMapping) -> RawTrips:
    """Read trips, or the ways between the rows of an odometer log."""
    rows = _Rows(upload, delimiter, mapping)
    make = _legs if mapping.kind == "odometer_log" else _trips
    trips = list(make(rows))
    return RawTrips(
        table=pa.Table.from_pylist(
            [{**trip, "source": source_of(mapping)} for trip in trips], schema=RAW_SCHEMA
        ),
        issues=tuple(sorted(rows.issues, key=lambda issue: (issue.row, issue.code))),
        format=source_of(mapping),
        rows_read=rows.rows_read,
    )


def read_charges(
    upload: Upload, delimiter: str, mapping: ColumnMapping, vehicles: TokenBook
) -> RawCharges:
    """Read charging sessions; a token must be in the fleet's book, a vehicle's own id need not."""
    rows = _Rows(upload, delimiter, mapping)
    charges = list(rows.each(lambda record: _charge(rows, record, vehicles)))
    return gathered(
        [(record.row, charge) for record, charge in charges if charge is not None],
        issues=rows.issues,
        left_out=rows.left_out,
        format_name=source_of(mapping),
        rows_read=rows.rows_read,
    )


class _Rows:
    """The rows of a file under a mapping, with the issues found in them."""

    def __init__(self, upload: Upload, delimiter: str, mapping: ColumnMapping) -> None:
        table = read_text_table(upload, source_of(mapping), delimiter)
        names = [name.strip() for name in table.columns]
        columns = [table.texts(name) for name in table.columns]
        self.upload, self.mapping = upload, mapping
        self.zone = None if mapping.time_format in WITHOUT_ZONE else ZoneInfo(str(mapping.zone))
        self.issues: list[RowIssue] = table.issues
        self.left_out = len(table.issues)
        self.rows_read = table.rows_read
        self.records = [
            Record(row, {n: cell.strip() for n, cell in zip(names, cells, strict=True)})
            for row, cells in zip(table.lines.tolist(), zip(*columns, strict=True), strict=True)
        ]

    def each(self, make: Callable[[Record], Any]) -> Iterator[tuple[Record, Any]]:
        """Yield what is made of each record; one that makes nothing is told."""
        for record in self.records:
            try:
                yield record, make(record)
            except Unreadable as wrong:
                self.left_out += 1
                self.issues.append(
                    issue_at(record.row, wrong.code, wrong.column, wrong.value, wrong.limit)
                )

    def has(self, record: Record, name: str) -> bool:
        """Say whether a value stands there."""
        one = self.mapping.columns.get(name)
        return one is not None and record.has(one.column)

    def text(self, record: Record, name: str) -> str | None:
        """Return a text, None where no column is mapped or nothing stands there."""
        return record.text(self.mapping.columns[name].column) if self.has(record, name) else None

    def whole(self, record: Record, name: str, *, upward: bool) -> int | None:
        """Return a number in the house's unit, None where nothing stands there."""
        if not self.has(record, name):
            return None
        one = self.mapping.columns[name]
        cells = record.cells
        if self.mapping.decimal == ",":
            shown = str(record.cell(one.column))
            if "." in shown:
                raise Unreadable("unreadable_value", one.column, shown, "a decimal comma")
            cells = {one.column: shown.replace(",", ".")}
        exact = Record(record.row, cells).exact(one.column) * FACTORS.get(one.unit or "", 1)
        whole = -(-exact.numerator // exact.denominator) if upward else exact.__floor__()
        if abs(whole) >= 2**53:
            raise Unreadable("number_too_large", one.column, record.cell(one.column))
        return whole

    def required(self, record: Record, name: str, *, upward: bool) -> int:
        """Return a number that has to be there."""
        found = self.whole(record, name, upward=upward)
        if found is None:
            raise Unreadable("unreadable_value", self.mapping.columns[name].column, None)
        return found

    def vehicle(self, record: Record) -> str:
        """Return the vehicle, of the row or of the whole file."""
        if "vehicle" not in self.mapping.columns:
            return named_vehicle(self.upload, source_of(self.mapping))
        return record.text(self.mapping.columns["vehicle"].column)

    def moment(self, record: Record, name: str) -> datetime:
        """Return a time as UTC; what a clock showed twice is told, what it skipped is refused."""
        column = self.mapping.columns[name].column
        shown = record.text(column)
        if self.mapping.time_format in WITHOUT_ZONE:
            return _moment_with_zone(record, column, str(self.mapping.time_format))
        if "date" in self.mapping.columns:
            shown = f"{record.text(self.mapping.columns['date'].column)} {shown}"
        local = _local(shown, str(self.mapping.time_format))
        assert self.zone is not None  # a mapping without one is not confirmed
        at_s = None if local is None else utc_seconds(local, self.zone)
        if local is None or at_s is None:
            raise Unreadable("impossible_date", column, shown)
        if is_ambiguous(local, self.zone):
            self.issues.append(issue_at(record.row, "ambiguous_local_time", column, shown))
        return datetime.fromtimestamp(at_s, UTC)

    def end(self, record: Record, start_at: datetime) -> datetime:
        """Return the end, by itself or by the duration."""
        if "end" in self.mapping.columns:
            return self.moment(record, "end")
        one = self.mapping.columns["duration"]
        if one.unit == "h:mm:ss":
            shape = _HMS.fullmatch(str(record.cell(one.column)))
            if shape is None:
                raise Unreadable("unreadable_value", one.column, record.cell(one.column), "h:mm:ss")
            seconds = int(shape[1]) * 3_600 + int(shape[2]) * 60 + int(shape[3] or 0)
        else:
            seconds = self.required(record, "duration", upward=True)
        if not 0 <= seconds <= _DURATION_S_MAX:
            raise Unreadable("unreadable_value", one.column, record.cell(one.column), "31 days")
        return start_at + timedelta(seconds=seconds)


def _trips(rows: _Rows) -> Iterator[dict[str, Any]]:
    for _, trip in rows.each(lambda record: _trip(rows, record)):
        yield trip


def _trip(rows: _Rows, record: Record) -> dict[str, Any]:
    vehicle_id, start_at = rows.vehicle(record), rows.moment(record, "start")
    odometer_start_m = rows.whole(record, "odometer_start", upward=True)
    odometer_end_m = rows.whole(record, "odometer_end", upward=False)
    source = rows.mapping.distance_source
    if "distance" in rows.mapping.columns:
        distance_m = rows.required(record, "distance", upward=False)
    else:
        rows.required(record, "odometer_start", upward=True)
        rows.required(record, "odometer_end", upward=True)
        distance_m, source = (odometer_end_m or 0) - (odometer_start_m or 0), "odometer"
    return {
        "vehicle_id": vehicle_id,
        "driver_id": rows.text(record, "driver") or rows.upload.options.driver_of(vehicle_id),
        "start_at": start_at,
        "end_at": rows.end(record, start_at),
        "distance_m": distance_m,
        "distance_source": source,
        "odometer_start_m": odometer_start_m,
        "odometer_end_m": odometer_end_m,
        "energy_grid_wh": rows.whole(record, "energy_grid", upward=True),
        "energy_battery_wh": rows.whole(record, "energy_battery", upward=True),
        "fuel_ml": rows.whole(record, "fuel", upward=True),
        "soc_start_bps": rows.whole(record, "soc_start", upward=True),
        "soc_end_bps": rows.whole(record, "soc_end", upward=False),
        "passengers": rows.whole(record, "passengers", upward=False),
        "source_record_id": rows.text(record, "record") or f"{vehicle_id}@{iso_at(start_at)}",
        "row": record.row,
    }


def _legs(rows: _Rows) -> Iterator[dict[str, Any]]:
    """Yield the way from each reading of an odometer to the next, with what was filled in then.

    What is filled in at a reading replaces what was used since the reading before. The odometer is
    read downward at the end and upward at the start, so that no leg grows.
    """
    by_vehicle: dict[str, list[tuple[datetime, Record]]] = {}
    for record, (vehicle_id, at) in rows.each(
        lambda record: (rows.vehicle(record), rows.moment(record, "start"))
    ):
        by_vehicle.setdefault(vehicle_id, []).append((at, record))
    for vehicle_id, readings in by_vehicle.items():
        last: tuple[datetime, int] | None = None
        for at, record in sorted(readings, key=lambda one: (one[0], one[1].row)):
            try:
                leg, floor_m = _leg(rows, vehicle_id, record, at, last)
            except Unreadable as wrong:
                rows.issues.append(
                    issue_at(record.row, wrong.code, wrong.column, wrong.value, wrong.limit)
                )
                last = None  # what was used before this row is of no known way
                continue
            if leg is not None:
                yield leg
            last = at, floor_m


def _leg(
    rows: _Rows, vehicle_id: str, record: Record, at: datetime, last: tuple[datetime, int] | None
) -> tuple[dict[str, Any] | None, int]:
    end_m = rows.required(record, "odometer", upward=False)
    start_of_next_m = rows.required(record, "odometer", upward=True)
    if last is None:
        return None, start_of_next_m
    start_at, start_m = last
    leg = {
        "vehicle_id": vehicle_id,
        "driver_id": rows.text(record, "driver") or rows.upload.options.driver_of(vehicle_id),
        "start_at": start_at,
        "end_at": at,
        "distance_m": end_m - start_m,
        "distance_source": "odometer",
        "odometer_start_m": start_m,
        "odometer_end_m": end_m,
        "energy_grid_wh": rows.whole(record, "energy_grid", upward=True),
        "energy_battery_wh": rows.whole(record, "energy_battery", upward=True),
        "fuel_ml": rows.whole(record, "fuel", upward=True),
        "source_record_id": f"{vehicle_id}@{iso_at(start_at)}",
        "row": record.row,
    }
    return leg, start_of_next_m


def _charge(rows: _Rows, record: Record, vehicles: TokenBook) -> Charge:
    if "token" in rows.mapping.columns:
        token = record.text(rows.mapping.columns["token"].column)
        if token not in vehicles:
            raise Unreadable("charge_of_no_vehicle", rows.mapping.columns["token"].column, token)
        vehicle_id = vehicles[token]
    else:
        named = rows.vehicle(record)
        vehicle_id = vehicles.get(named, named)
    start_at = rows.moment(record, "start")
    timed = {"end", "duration"} & set(rows.mapping.columns)
    end_at = rows.end(record, start_at) if timed else start_at
    energy_wh = rows.required(record, "energy_grid", upward=True)
    column = rows.mapping.columns["energy_grid"].column
    if energy_wh < 0:
        raise Unreadable("unreadable_value", column, f"{energy_wh} Wh", ">= 0")
    return Charge(
        vehicle_id=vehicle_id,
        start_at=start_at,
        end_at=end_at,
        energy_grid_wh=energy_wh,
        source=source_of(rows.mapping),
        source_record_id=rows.text(record, "record") or f"{vehicle_id}@{iso_at(start_at)}",
    )


def _moment_with_zone(record: Record, column: str, time_format: str) -> datetime:
    if time_format == "iso_offset":
        return record.moment(column)
    if time_format == "unix_ms":
        return record.moment_of_ms(column)
    at_s = record.floor(column)
    try:
        return datetime.fromtimestamp(at_s, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable("impossible_date", column, f"{at_s} s") from error


def _local(shown: str, time_format: str) -> datetime | None:
    """Read a local time down to the second; a date alone is its midnight."""
    shape = (_ISO if time_format == "iso" else _SLASHED).fullmatch(shown.strip())
    if shape is None:
        return None
    first, second, third = (int(shape[n]) for n in (1, 2, 3))
    year, month, day = {
        "iso": (first, second, third),
        "day_first": (third, second, first),
        "month_first": (third, first, second),
    }[time_format]
    hour, minute, seconds = (int(shape[n] or 0) for n in (4, 5, 6))
    if shape[7] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if shape[7].lower() == "p" else 0)
    try:
        return datetime(year, month, day, hour, minute, seconds)  # noqa: DTZ001 - local by meaning
    except ValueError:
        return None
