"""Small files made by hand in the shapes of vendors; what they mean is in the tests beside."""

import csv
import io
import json
from typing import Any

TRACCAR = [
    {
        "deviceId": 12,
        "deviceName": "Van of J. Doe",
        "distance": 15234.56,
        "averageSpeed": 16.4503,
        "maxSpeed": 43.2,
        "spentFuel": 0.0,
        "startOdometer": 1.2345678912e7,
        "endOdometer": 12360913.47,
        "startTime": "2024-05-06T07:00:00.250+00:00",
        "endTime": "2024-05-06T07:30:00.750+00:00",
        "startPositionId": 101,
        "endPositionId": 190,
        "startLat": 33.5731,
        "startLon": -7.5898,
        "endLat": 33.6,
        "endLon": -7.5,
        "startAddress": None,
        "endAddress": None,
        "duration": 1800500,
        "driverUniqueId": "card-7",
        "driverName": "Jane Doe",
    },
    {
        "deviceId": 12,
        "deviceName": "Van of J. Doe",
        "distance": 8000,
        "averageSpeed": 10.8,
        "maxSpeed": 40,
        "startOdometer": 0,
        "endOdometer": 0,
        "startTime": "2024-05-06T10:00:00.000+02:00",
        "endTime": "2024-05-06T10:24:00.000+02:00",
        "startLat": 0,
        "startLon": 0,
        "endLat": 33.6,
        "endLon": -187.5,
        "duration": 1440000,
        "driverUniqueId": None,
    },
]
GEOTAB = [
    {
        "averageSpeed": 32.97658,
        "distance": 12.4944611,
        "drivingDuration": "00:22:44",
        "idlingDuration": "00:00:00",
        "isSeatBeltOff": False,
        "maximumSpeed": 76,
        "nextTripStart": "2024-05-08T16:01:58.063Z",
        "start": "2024-05-07T22:08:01.063Z",
        "stop": "2024-05-07T22:30:45.063Z",
        "stopDuration": "1.17:31:13",
        "stopPoint": {"x": -79.54488372802734, "y": 43.722164154052734},
        "device": {"id": "b1"},
        "driver": "UnknownDriverId",
        "version": "00000000000001ff",
        "id": "b5504186",
    },
    {
        "distance": 20.5,
        "drivingDuration": "00:30:00",
        "start": "2024-05-07T22:08:01.063Z",
        "stop": "2024-05-07T22:38:01.063Z",
        "stopDuration": "00:10:00",
        "device": {"id": "b1"},
        "driver": {"id": "b232068EA", "isDriver": True},
        "version": "0000000000000200",
        "id": "b5504187",
    },
    {
        "distance": 1.0009,
        "drivingDuration": "00:05:00",
        "start": "2024-05-08T16:01:58.063Z",
        "stop": "2024-05-08T16:06:58.063Z",
        "stopDuration": "00:00:00",
        "device": {"id": "b1"},
        "driver": {"id": "b232068EA", "isDriver": True},
        "id": "b5504188",
    },
]
TESLAMATE = b"""\
id,start_date,end_date,outside_temp_avg,speed_max,power_max,power_min,start_ideal_range_km,\
end_ideal_range_km,start_km,end_km,distance,duration_min,car_id,start_rated_range_km,\
end_rated_range_km,power_avg
41,2024-05-06 07:00:00.412,2024-05-06 07:31:10.9,14.2,101,120,-55,400.1,371.0,20123.4567,\
20148.9999,25.5432,31,1,390.05,361.2,
42,2024-05-06 18:00:00,,14.2,,,,371.0,,20148.9999,,,,1,361.2,,
"""
MDS = {
    "version": "2.0.0",
    "trips": [
        {
            "provider_id": "c8051767-4b14-4794-abc1-85aad48baff1",
            "device_id": "0b8d2a4e-0b53-4b0b-9b5a-6f2f5c5b3c11",
            "trip_id": "1f943d59-ccc9-4d91-b6e2-0c5e771cbc49",
            "start_time": 1714978800999,
            "end_time": 1714980600001,
            "start_location": {"lat": 34.02, "lng": -118.49},
            "end_location": {"lat": 34.05, "lng": -118.40},
            "duration": 1799,
            "distance": 10500,
        }
    ],
    "links": {"next": "http://127.0.0.1/trips?page=2"},
}
SAMSARA = {
    "trips": [
        {
            "startMs": 1714978800000,
            "endMs": 1714980600000,
            "startLocation": "1 Way, Town",
            "endLocation": "2 Way, Town",
            "startCoordinates": {"latitude": 34.02, "longitude": -118.49},
            "endCoordinates": {"latitude": 34.05, "longitude": -118.40},
            "startOdometer": 210430450,
            "endOdometer": 210440950,
            "distanceMeters": 10500,
            "fuelConsumedMl": 0,
            "tollMeters": 0,
            "driverId": 719,
            "codriverIds": [],
            "assetIds": [122],
        },
        {
            "startMs": 1714982400000,
            "endMs": 1714984200000,
            "startOdometer": 0,
            "endOdometer": 0,
            "distanceMeters": 9000,
            "fuelConsumedMl": 750,
            "driverId": 0,
        },
        {
            "startMs": 1714986000000,
            "endMs": 9223372036854775807,
            "startOdometer": 210450000,
            "endOdometer": 0,
            "distanceMeters": 1200,
            "driverId": 719,
        },
    ]
}
TORQUE = b"""\
GPS Time, Device Time, Longitude, Latitude,GPS Speed (Meters/second), Altitude,Speed (OBD)(km/h)
Mon May 06 09:00:01 GMT+02:00 2024,06-May-2024 09:00:00.100,-9.14,38.72,9.9,38.0,36
Mon May 06 09:00:01 GMT+02:00 2024,06-May-2024 09:00:00.600,-9.14,38.72,9.9,38.0,99
Mon May 06 09:00:02 GMT+02:00 2024,06-May-2024 09:00:01.100,-,-,-,-,36.0
-,06-May-2024 09:00:02.100,-,-,-,-,-
GPS Time, Device Time, Longitude, Latitude,GPS Speed (Meters/second), Altitude,Speed (OBD)(km/h)
Mon May 06 09:00:04 GMT+02:00 2024,06-May-2024 09:00:04.000,-9.14,38.72,9.9,38.0,18
"""
CAR_SCANNER = b"""\
"SECONDS";"PID";"VALUE";"UNITS";"LATITUDE";"LONGTITUDE";
"86398.2";"Engine RPM";"0";"rpm";"45.79";"15.72";
"86398.4";"Vehicle speed";"36";"km/h";"45.79";"15.72";
"86398.5";"Speed (GPS)";"99";"km/h";"45.79";"15.72";
"86398.9";"Vehicle speed";"99";"km/h";"45.79";"15.72";
"86399.4";"Vehicle speed";"";"km/h";"45.79";"15.72";
"86400.4";"Vehicle speed";"18";"km/h";"0.0";"0.0";
"""


def flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Write nested objects as columns with dots, as tables of JSON do."""
    cells: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            cells |= flat(value, f"{prefix}{name}.")
        else:
            cells[f"{prefix}{name}"] = value
    return cells


def as_csv(records: list[dict[str, Any]]) -> bytes:
    rows = [flat(record) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_json(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode()


def as_lines(records: list[dict[str, Any]]) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


SAMPLES = {
    "traccar_trips": as_json(TRACCAR),
    "geotab_trips": as_json({"result": GEOTAB, "jsonrpc": "2.0"}),
    "teslamate_drives": TESLAMATE,
    "mds_trips": as_json(MDS),
    "samsara_trips": as_json(SAMSARA),
}
