"""What the columns of an unknown table may be: a proposal with questions, never an answer.

A name says what a column is, a unit in the name says its unit. What the name does not say is asked:
the unit, the zone, the side of the charger on which energy was metered, the order of day and month.
"""

import re
from collections.abc import Sequence

from carbonbank.domain.mapping import (
    FIELDS,
    WITHOUT_ZONE,
    ColumnMapping,
    MappedColumn,
    Proposal,
)

_UNITS: tuple[tuple[str, str], ...] = (
    (r"\b(km|kilomet(er|re)s?|kilometraje)\b", "km"),
    (r"\b(mi|miles?)\b", "mi"),
    (r"\b(m|met(er|re)s?)\b", "m"),
    (r"\b(kwh|kw h)\b", "kWh"),
    (r"\b(wh)\b", "Wh"),
    (r"\b(ml)\b", "mL"),
    (r"\b(l|lit(er|re)s?|ltr)\b", "L"),
    (r"(%|\b(percent|pct)\b)", "percent"),
    (r"\b(min|mins|minutes)\b", "min"),
    (r"\b(s|sec|secs|seconds)\b", "s"),
    (r"\b(h|hours?|hrs)\b", "h"),
)
_ODOMETER = r"\b(odo(meter)?|mileage|kilometerstand|km stand)\b"
_BEGIN = r"\b(start|begin|began|departure|depart|from|initial|plugged in|connected)\w*\b"
_END = r"\b(end|stop|finish|final|arrival|arrive|until|to|unplugged|disconnected)\w*\b"
_CHARGE = r"(\bsoc\b|battery level|state of charge)"
_ENERGY = r"\b(energy|k?wh)\b"
_GRID = r"\b(grid|meter(ed)?|charger|wallbox|delivered|drawn|ac)\b"
_BATTERY = r"\b(battery|added|consumed|dc)\b"
# All patterns of an entry are in the name; first match wins, so the narrower come first.
_MEANINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((_ODOMETER, _BEGIN), "odometer_start"),
    ((_ODOMETER, _END), "odometer_end"),
    ((_ODOMETER,), "odometer"),
    ((_CHARGE, _BEGIN), "soc_start"),
    ((_CHARGE, _END), "soc_end"),
    ((r"\b(rfid|token|card|tag|contract)\b",), "token"),
    ((_ENERGY, _GRID), "energy_grid"),
    ((_ENERGY, _BATTERY), "energy_battery"),
    ((_ENERGY,), "energy"),
    ((r"\b(fuel|lit(re|er)s?|gallons?|petrol|diesel)\b",), "fuel"),
    ((r"\b(dist(ance)?|length|kilomet(re|er)s|miles|km|mi)\b",), "distance"),
    ((r"\b(duration|driving time|elapsed)\b",), "duration"),
    ((r"\b(passengers?|occupancy)\b",), "passengers"),
    ((r"\b(driver|fahrer|employee)\b",), "driver"),
    ((r"\b(trip|session|journey|record|charge|transaction) ?(id|no|number|nr)\b|^id$",), "record"),
    ((r"\b(vehicle|car|unit|asset|plate|registration|fahrzeug|van)\b",), "vehicle"),
    ((_BEGIN,), "start"),
    ((_END,), "end"),
    ((r"^(date|day|datum)$",), "date"),
    ((r"\b(timestamp|datetime|time|when)\b",), "start"),
)
_ISO = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([ T,]+[0-9:.]+.*)?")
_OFFSET = re.compile(r".*[0-9]{2}:[0-9]{2}.*(Z|[+-][0-9]{2}:?[0-9]{2})")
_SLASHED = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}.*")
_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_POINT = re.compile(r"-?[0-9]+\.[0-9]+")


def propose(name: str, header: Sequence[str], rows: Sequence[dict[str, str]]) -> Proposal:
    """Propose a mapping of a table.

    Args:
        name: what the mapping is to be called.
        header: the columns, without white space around them.
        rows: some rows of it.
    """
    columns: dict[str, MappedColumn] = {}
    for column in header:
        meaning = _meaning(column)
        if meaning is not None and meaning not in columns:
            columns[meaning] = MappedColumn(column, _unit(column, meaning))
    if "date" in columns and "start" not in columns:
        columns["start"] = columns.pop("date")
    kind = _kind(set(columns))
    if kind == "trips" and "odometer" in columns and "odometer_end" not in columns:
        columns["odometer_end"] = columns.pop("odometer")
    shown = [row.get(columns["start"].column, "") for row in rows] if "start" in columns else []
    if "date" in columns:
        shown = [row.get(columns["date"].column, "") for row in rows]
    time_format = _time_format([text for text in shown if text])
    mapping = ColumnMapping(
        name=name,
        kind=kind,
        header=tuple(header),
        columns=columns,
        time_format=time_format,
        decimal="," if _has_decimal_comma(columns, rows) else ".",
        distance_source=None,
    )
    return Proposal(
        mapping=mapping.document,
        questions=tuple(_questions(mapping, shown)),
        unused=tuple(c for c in header if c not in {one.column for one in columns.values()}),
        sample=tuple(rows[:5]),
    )


def _plain(column: str) -> str:
    """Write a name as words: `TripDistance_km` is `trip distance km`."""
    units = re.sub(r"kwh", "kwh", column, flags=re.IGNORECASE)  # a capital begins no word here
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", units)
    return re.sub(r"[_\-/()\[\].:,]+", " ", words).strip().lower()


def _meaning(column: str) -> str | None:
    plain = _plain(column)
    return next(
        (
            meaning
            for patterns, meaning in _MEANINGS
            if all(re.search(one, plain) for one in patterns)
        ),
        None,
    )


def _unit(column: str, meaning: str) -> str | None:
    allowed = FIELDS.get(meaning, ("Wh", "kWh"))
    plain = _plain(column)
    found = (unit for pattern, unit in _UNITS if unit in allowed and re.search(pattern, plain))
    return next(found, None)


def _kind(has: set[str]) -> str:
    travels = "distance" in has or has >= {"odometer_start", "odometer_end"}
    if travels:
        return "trips"
    return "odometer_log" if "odometer" in has else "charges"


def _time_format(shown: Sequence[str]) -> str | None:
    """Return the format that all times show; None where day and month can not be told apart."""
    if shown and all(text.isdecimal() for text in shown):
        return {10: "unix_s", 13: "unix_ms"}.get(min(map(len, shown)))
    for pattern, name in ((_OFFSET, "iso_offset"), (_ISO, "iso")):
        if shown and all(map(pattern.fullmatch, shown)):
            return name
    slashed = [one for one in map(_SLASHED.fullmatch, shown) if one]
    if not slashed or len(slashed) < len(shown):
        return None
    if any(int(one[1]) > 12 for one in slashed):
        return "day_first"
    return "month_first" if any(int(one[2]) > 12 for one in slashed) else None


def _has_decimal_comma(columns: dict[str, MappedColumn], rows: Sequence[dict[str, str]]) -> bool:
    numbers = [one.column for name, one in columns.items() if FIELDS.get(name, ("Wh",))]
    texts = [row.get(column, "") for column in numbers for row in rows]
    return any(map(_COMMA.fullmatch, texts)) and not any(map(_POINT.fullmatch, texts))


def _questions(mapping: ColumnMapping, shown: Sequence[str]) -> list[str]:
    asked = []
    for name, one in mapping.columns.items():
        if name == "energy":
            asked.append(
                f"{one.column!r}: is it energy_grid (the charger's meter) or energy_battery?"
            )
        units = FIELDS.get(name, ("Wh", "kWh"))
        if units and one.unit is None:
            asked.append(f"{one.column!r}: which unit, {' or '.join(units)}?")
    if mapping.time_format is None:
        first = shown[0] if shown else "nothing"
        asked.append(f"times such as {first!r}: day_first or month_first, or another time_format?")
    if mapping.time_format not in WITHOUT_ZONE:
        asked.append("in which zone are the times, such as Europe/Lisbon?")
    if mapping.kind == "trips" and "distance" in mapping.columns:
        asked.append("distance_source: odometer, wheel or gps?")
    if mapping.kind != "charges" and "vehicle" not in mapping.columns:
        asked.append("which column is the vehicle? Without one, name it with every file.")
    return asked
