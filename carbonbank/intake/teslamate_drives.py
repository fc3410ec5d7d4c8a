"""The table `drives` of TeslaMate, as its database writes it to CSV.

Columns as in teslamate-org/teslamate `lib/teslamate/log/drive.ex` (AGPL-3.0; names alone): times
are UTC without saying so, `distance`, `start_km` and `end_km` are kilometres of the car's
odometer, a drive that goes on has no `end_date`. Ranges are no energy: what a drive used stands
neither here nor can it be derived without the car's efficiency, and charges are another table.
"""

from typing import Any

from carbonbank.intake.record import Record
from carbonbank.intake.records import RecordFormat, ended
from carbonbank.intake.upload import Upload


def _trip(upload: Upload, record: Record) -> dict[str, Any]:
    vehicle_id = record.text("car_id")
    ended(record, "end_date")
    return {
        "vehicle_id": vehicle_id,
        "driver_id": upload.options.driver_of(vehicle_id),
        "start_at": record.moment("start_date", naive_is_utc=True),
        "end_at": record.moment("end_date", naive_is_utc=True),
        "distance_m": record.floor("distance", 1_000),
        "distance_source": "odometer",
        "odometer_start_m": record.reading_ceil("start_km", 1_000),
        "odometer_end_m": record.reading_floor("end_km", 1_000),
        "source_record_id": f"drive-{record.text('id')}",
    }


FORMAT = RecordFormat(
    name="teslamate_drives",
    required=("id", "car_id", "start_date", "end_date", "distance", "start_km", "end_km"),
    trip=_trip,
)
