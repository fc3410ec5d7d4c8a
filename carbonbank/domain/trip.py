"""One trip of one vehicle, in the canonical columns, all integers."""

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal

from carbonbank.domain.hashing import canonical_json, sha256

DistanceSource = Literal["odometer", "wheel", "gps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A trip as accepted: half-open in time, UTC, integer units named by suffix.

    `vehicle_id` and `driver_id` are the fleet's own names (pseudonyms, never a VIN or a person's
    name). SoC is in basis points of the usable capacity: 8754 is 87.54 %.
    """

    vehicle_id: str
    driver_id: str | None = None
    start_at: datetime
    end_at: datetime
    distance_m: int
    distance_source: DistanceSource
    odometer_start_m: int | None = None
    odometer_end_m: int | None = None
    energy_grid_wh: int | None = None
    energy_battery_wh: int | None = None
    fuel_ml: int | None = None
    soc_start_bps: int | None = None
    soc_end_bps: int | None = None
    start_cell: str | None = None
    end_cell: str | None = None
    passengers: int | None = None
    source: str
    source_record_id: str


COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Trip))


def iso_at(moment_at: datetime) -> str:
    """Write an aware datetime as whole-second UTC: `2021-03-29T10:13:45Z`."""
    utc = moment_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{utc.isoformat()}Z"


def trip_record(trip: Trip) -> dict[str, Any]:
    """Return the canonical trip record: every column, absent ones as null, times as ISO text."""
    record = {name: getattr(trip, name) for name in COLUMNS}
    record["start_at"] = iso_at(trip.start_at)
    record["end_at"] = iso_at(trip.end_at)
    return record


def trip_record_bytes(trip: Trip) -> bytes:
    """Return the RFC 8785 bytes of the canonical record, as the leaf commits to them."""
    return canonical_json(trip_record(trip))


def trip_of_record_text(text: str) -> Trip:
    """Read a canonical trip record back from its JSON text."""
    record = json.loads(text)
    times = {name: datetime.fromisoformat(record[name]) for name in ("start_at", "end_at")}
    return Trip(**(record | times))


def unlinked(trip: Trip) -> Trip:
    """Return a trip that no longer says who drove it, nor where."""
    return replace(trip, driver_id=None, start_cell=None, end_cell=None, passengers=None)


def trip_id(fleet: str, trip: Trip) -> str:
    """Return the content id of a trip: who drove when and how far, whatever file told it.

    The same trip from another file, order or split has the same id; the same id with other
    energy, driver or source is a conflict for a person to look at.
    """
    identity = {
        "fleet": fleet,
        "vehicle_id": trip.vehicle_id,
        "start_at": iso_at(trip.start_at),
        "end_at": iso_at(trip.end_at),
        "distance_m": trip.distance_m,
    }
    return sha256(canonical_json(identity)).hex()
