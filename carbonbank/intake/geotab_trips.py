"""Trips of the MyGeotab API (`Get` of `Trip`).

Fields as in the samples that add-ins are tested with (`mocks.js`, grown from that of
Geotab/generator-addin) and in clients of the interface: `distance` in kilometres, durations
`d.hh:mm:ss` (not read), `driver` an object or the text `UnknownDriverId`. A trip is driving from
`start` to `stop`; the stay until `nextTripStart` is none of it. The key of a trip is (device,
start): trips are cut again when late positions come in, and of one key the highest `version`
holds.

The unit of `odometer` is not part of the published interface; it is not read.
"""

from typing import Any

from carbonbank.domain.trip import iso_at
from carbonbank.intake.record import Record
from carbonbank.intake.records import RecordFormat, Tell, ended
from carbonbank.intake.upload import Upload, issue_at

UNKNOWN_DRIVER = "UnknownDriverId"
_HEX = frozenset("0123456789abcdef")


def _trip(upload: Upload, record: Record) -> dict[str, Any]:
    vehicle_id = record.text(_device(record))
    ended(record, "stop")
    start_at = record.moment("start")
    return {
        "vehicle_id": vehicle_id,
        "driver_id": _driver(record) or upload.options.driver_of(vehicle_id),
        "start_at": start_at,
        "end_at": record.moment("stop"),
        "distance_m": record.floor("distance", 1_000),
        "distance_source": "gps",
        "end_cell": record.place("stopPoint.y", "stopPoint.x"),
        "source_record_id": f"{vehicle_id}@{iso_at(start_at)}",
    }


def _device(record: Record) -> str:
    return "device.id" if record.has("device.id") else "device"


def _driver(record: Record) -> str | None:
    name = "driver.id" if record.has("driver.id") else "driver"
    driver = record.text(name) if record.has(name) else UNKNOWN_DRIVER
    return None if driver == UNKNOWN_DRIVER else driver


def _newest(records: list[Record], tell: Tell) -> list[Record]:
    """Keep the highest version of every (device, start); records without one are left alone."""
    newest: dict[tuple[str, str], int] = {}
    keys = [_key(record) for record in records]
    for key, version in keys:
        newest[key] = max(version, newest.get(key, version))
    kept = []
    for record, (key, version) in zip(records, keys, strict=True):
        if version == newest[key]:
            kept.append(record)
        else:
            tell(issue_at(record.row, "trip_recut", "version", str(record.cell("version"))))
    return kept


def _key(record: Record) -> tuple[tuple[str, str], int]:
    version = str(record.cell("version") or "").lower()
    told = 0 < len(version) <= 32 and set(version) <= _HEX
    key = str(record.cell(_device(record))), str(record.cell("start"))
    return key, int(version, 16) if told else -1


FORMAT = RecordFormat(
    name="geotab_trips",
    required=("device.id", "start", "stop", "distance", "drivingDuration", "stopDuration"),
    trip=_trip,
    select=_newest,
)
