"""Trips of the Mobility Data Specification 2.0 (`/trips`).

Fields as in openmobilityfoundation/mobility-data-specification `data-types.md` (CC BY 4.0):
times in milliseconds since 1970, `distance` in metres, `duration` in seconds (not read: it is the
end less the start). A trip is one of a passenger or driver, so shared vehicles have trips that
overlap; validation keeps one of them.
"""

from typing import Any

from carbonbank.intake.record import Record
from carbonbank.intake.records import RecordFormat, ended
from carbonbank.intake.upload import Upload


def _trip(upload: Upload, record: Record) -> dict[str, Any]:
    vehicle_id = record.text("device_id")
    ended(record, "end_time")
    return {
        "vehicle_id": vehicle_id,
        "driver_id": upload.options.driver_of(vehicle_id),
        "start_at": record.moment_of_ms("start_time"),
        "end_at": record.moment_of_ms("end_time"),
        "distance_m": record.floor("distance"),
        "distance_source": "gps",
        "start_cell": record.place("start_location.lat", "start_location.lng"),
        "end_cell": record.place("end_location.lat", "end_location.lng"),
        "source_record_id": record.text("trip_id"),
    }


FORMAT = RecordFormat(
    name="mds_trips",
    required=("provider_id", "device_id", "trip_id", "start_time", "end_time", "distance"),
    trip=_trip,
)
