"""Trips of the Samsara API (`/v1/fleet/trips`), one file per vehicle.

Fields as in the `V1TripResponse_trips` schema of its published interface: milliseconds since 1970,
metres, millilitres. The answer names no vehicle: the caller does. A trip that goes on ends at
9223372036854775807; an odometer of 0 was not read; a driver 0 is none. The newer stream of trips
has no distance and is no source of any.
"""

from typing import Any

from carbonbank.intake.record import INT64_MAX, Record, Unreadable
from carbonbank.intake.records import RecordFormat, ended, named_vehicle
from carbonbank.intake.upload import Upload


def _trip(upload: Upload, record: Record) -> dict[str, Any]:
    vehicle_id = named_vehicle(upload, FORMAT.name)
    ended(record, "endMs")
    if record.floor("endMs") == INT64_MAX:
        raise Unreadable("trip_ongoing", "endMs", INT64_MAX)
    driver = record.text("driverId") if record.reading_floor("driverId") else None
    return {
        "vehicle_id": vehicle_id,
        "driver_id": driver or upload.options.driver_of(vehicle_id),
        "start_at": record.moment_of_ms("startMs"),
        "end_at": record.moment_of_ms("endMs"),
        "distance_m": record.floor("distanceMeters"),
        "distance_source": "gps",
        "odometer_start_m": record.reading_ceil("startOdometer"),
        "odometer_end_m": record.reading_floor("endOdometer"),
        "fuel_ml": record.reading_ceil("fuelConsumedMl"),
        "start_cell": record.place("startCoordinates.latitude", "startCoordinates.longitude"),
        "end_cell": record.place("endCoordinates.latitude", "endCoordinates.longitude"),
        "source_record_id": f"{vehicle_id}@{record.text('startMs')}",
    }


FORMAT = RecordFormat(
    name="samsara_trips", required=("startMs", "endMs", "distanceMeters"), trip=_trip
)
