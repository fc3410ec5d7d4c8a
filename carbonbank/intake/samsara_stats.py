"""History of vehicles' stats of the Samsara API (`/fleet/vehicles/stats/history`), and its trips.

Fields as in the `VehicleStatsListResponse` schema of the published interface (client
samsarahq/samsara-sdks, MIT; names alone): per vehicle, lists of (time, value) of `engineStates`
(`On`, `Idle`, `Off`), `obdOdometerMeters` or `gpsOdometerMeters`, `evStateOfChargeMilliPercent` and
`evConsumedEnergyMicroWh`, a counter that runs on. A trip lasts from the engine's start to its stop;
its distance is what the odometer moved between the readings inside, so a reading beside the trip
makes it shorter, never longer. An odometer of 0 was not read.

The newer stream of trips (`/trips/stream`) tells times and places and no distance.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.trip import iso_at
from carbonbank.errors import DistanceNotTold
from carbonbank.intake.record import Record, Unreadable
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

NAME = "samsara_stats"
STREAM_NAME = "samsara_trip_stream"
REQUIRED = ("id", "engineStates")
ODOMETERS = ("obdOdometerMeters", "gpsOdometerMeters")
STREAM = ("asset", "tripStartTime", "completionStatus")
_STATES = ("On", "Idle", "Off")
_MICRO_WH_PER_WH = 1_000_000

Series = list[tuple[datetime, int]]


def fits(fields: Iterable[str]) -> bool:
    """Say whether records with these fields are of this history."""
    names = set(fields)
    return names >= set(REQUIRED) and bool(names & set(ODOMETERS))


def refuse_stream(upload: Upload, fields: Iterable[str]) -> None:
    """Refuse the stream of trips, which tells no distance.

    Raises:
        DistanceNotTold: names what does.
    """
    if set(fields) >= set(STREAM):
        needed = f"/fleet/vehicles/stats/history with engineStates and {' or '.join(ODOMETERS)}"
        raise DistanceNotTold(filename=upload.filename, format=STREAM_NAME, needed=needed)


def read(upload: Upload, rows: Iterable[tuple[int, dict[str, Any] | str]]) -> RawTrips:
    """Read the history of vehicles; all pages of one vehicle in a file are one history."""
    issues: list[RowIssue] = []
    vehicles: dict[str, list[Record]] = {}
    rows_read = 0
    for row, cells in rows:
        rows_read += 1
        if isinstance(cells, str):
            issues.append(issue_at(row, "unreadable_value", "", cells, "a JSON object"))
            continue
        record = Record(row, cells)
        try:
            vehicles.setdefault(record.text("id"), []).append(record)
        except Unreadable as wrong:
            issues.append(issue_at(row, wrong.code, wrong.column, wrong.value, wrong.limit))
    trips = [
        trip
        for vehicle_id, pages in vehicles.items()
        for trip in _trips(upload, vehicle_id, pages, issues)
    ]
    return RawTrips(
        table=pa.Table.from_pylist(trips, schema=RAW_SCHEMA),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        format=NAME,
        rows_read=rows_read,
    )


def _trips(
    upload: Upload, vehicle_id: str, pages: list[Record], issues: list[RowIssue]
) -> Iterator[dict[str, Any]]:
    name = next((one for one in ODOMETERS if any(page.has(one) for page in pages)), ODOMETERS[0])
    odometer_up = _series(pages, name, issues, upward=True)
    odometer_down = _series(pages, name, [], upward=False)
    charge_up = _series(pages, "evStateOfChargeMilliPercent", issues, upward=True)
    energy = _series(pages, "evConsumedEnergyMicroWh", issues, upward=True)
    row = pages[0].row
    for start_at, end_at in _drives(pages, issues):
        if end_at is None:
            issues.append(issue_at(row, "trip_ongoing", "engineStates", iso_at(start_at)))
            continue
        up, down = _within(odometer_up, start_at, end_at), _within(odometer_down, start_at, end_at)
        if len(up) < 2 or not up[0] or not down[-1]:
            value = f"{len(up)} readings from {iso_at(start_at)} to {iso_at(end_at)}"
            issues.append(issue_at(row, "unreadable_value", name, value, "2 readings in the trip"))
            continue
        charges = _within(charge_up, start_at, end_at)
        yield {
            "vehicle_id": vehicle_id,
            "driver_id": upload.options.driver_of(vehicle_id),
            "start_at": start_at,
            "end_at": end_at,
            "distance_m": down[-1] - up[0],
            "distance_source": "odometer" if name == ODOMETERS[0] else "gps",
            "odometer_start_m": up[0],
            "odometer_end_m": down[-1],
            # 1 % is 1000 milli-percent and 100 basis points. The drop is never understated.
            "soc_start_bps": -(-charges[0] // 10) if len(charges) > 1 else None,
            "soc_end_bps": charges[-1] // 10 if len(charges) > 1 else None,
            "energy_battery_wh": _used_wh(energy, start_at, end_at),
            "source": NAME,
            "source_record_id": f"{vehicle_id}@{iso_at(start_at)}",
            "row": row,
        }


def _used_wh(energy: Series, start_at: datetime, end_at: datetime) -> int | None:
    """Return what the counter moved from the last reading before a trip to the first after it."""
    if not energy:
        return None
    moments = [at for at, _ in energy]
    first = max(bisect_right(moments, start_at) - 1, 0)
    last = min(bisect_left(moments, end_at), len(energy) - 1)
    if last <= first or moments[first] > start_at or moments[last] < end_at:
        return None  # no reading on one side: what was used there is not known
    used = energy[last][1] - energy[first][1]
    return None if used < 0 else -(-used // _MICRO_WH_PER_WH)


def _drives(
    pages: list[Record], issues: list[RowIssue]
) -> Iterator[tuple[datetime, datetime | None]]:
    started: datetime | None = None
    for at, state in sorted(_states(pages, issues)):
        if state != "Off" and started is None:
            started = at
        elif state == "Off" and started is not None:
            if at > started:
                yield started, at
            started = None
    if started is not None:
        yield started, None


def _states(pages: list[Record], issues: list[RowIssue]) -> Iterator[tuple[datetime, str]]:
    for event in _events(pages, "engineStates", issues):
        try:
            found = event.moment("time"), _state(event)
        except Unreadable as wrong:
            issues.append(
                issue_at(event.row, wrong.code, f"engineStates.{wrong.column}", wrong.value)
            )
        else:
            yield found


def _state(event: Record) -> str:
    state = event.text("value")
    if state not in _STATES:
        raise Unreadable("unreadable_value", "value", state, ", ".join(_STATES))
    return state


def _series(pages: list[Record], name: str, issues: list[RowIssue], *, upward: bool) -> Series:
    found: Series = []
    for event in _events(pages, name, issues):
        try:
            value = event.ceil("value") if upward else event.floor("value")
            found.append((event.moment("time"), value))
        except Unreadable as wrong:
            issues.append(issue_at(event.row, wrong.code, f"{name}.{wrong.column}", wrong.value))
    return sorted(found)


def _events(pages: list[Record], name: str, issues: list[RowIssue]) -> Iterator[Record]:
    for page in pages:
        listed = page.cell(name)
        if listed is None:
            continue
        if not isinstance(listed, list):
            issues.append(issue_at(page.row, "unreadable_value", name, str(listed), "a list"))
            continue
        for event in listed:
            yield Record(page.row, event if isinstance(event, dict) else {})


def _within(series: Series, start_at: datetime, end_at: datetime) -> list[int]:
    moments = [at for at, _ in series]
    first, last = bisect_left(moments, start_at), bisect_right(moments, end_at)
    return [value for _, value in series[first:last]]
