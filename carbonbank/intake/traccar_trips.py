"""Trips report of a Traccar server (`/api/reports/trips`).

Fields as in traccar/traccar: `reports/model/BaseReportItem.java`, `TripReportItem.java`, and what
they mean as in `reports/common/ReportUtils.java` (Apache-2.0): `distance` and both odometers in
metres, speeds in knots, `duration` in milliseconds though the published interface speaks of
seconds. So the duration is never read: it is the end less the start.

The odometers are the vehicle's, or the server's sum of positions where the vehicle has none; the
report does not say which. They serve as a check; the distance counts as one by GPS.
"""

from typing import Any

from carbonbank.domain.trip import iso_at
from carbonbank.intake.record import Record
from carbonbank.intake.records import RecordFormat, ended
from carbonbank.intake.upload import Upload


def _trip(upload: Upload, record: Record) -> dict[str, Any]:
    vehicle_id = record.text("deviceId")
    ended(record, "endTime")
    start_at = record.moment("startTime")
    driver = record.text("driverUniqueId") if record.has("driverUniqueId") else None
    return {
        "vehicle_id": vehicle_id,
        "driver_id": driver or upload.options.driver_of(vehicle_id),
        "start_at": start_at,
        "end_at": record.moment("endTime"),
        "distance_m": record.floor("distance"),
        "distance_source": "gps",
        "odometer_start_m": record.reading_ceil("startOdometer"),
        "odometer_end_m": record.reading_floor("endOdometer"),
        "start_cell": record.place("startLat", "startLon"),
        "end_cell": record.place("endLat", "endLon"),
        "source_record_id": f"{vehicle_id}@{iso_at(start_at)}",
    }


FORMAT = RecordFormat(
    name="traccar_trips",
    required=("deviceId", "startTime", "endTime", "distance", "averageSpeed", "maxSpeed"),
    trip=_trip,
)
