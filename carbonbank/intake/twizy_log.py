"""1 Hz logs of a Renault Twizy (RSK_Twizy_EV_Dataset, N. Malek Youssef et al., CC BY 4.0).

Local clocks, month first (`07/01/2021` and `7/1/2021`), wheel speed in km/h, state of charge in
percent. Distance is the integral of the wheel speed; positions only name the cells of start and
end, and are never trusted with a distance.
"""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from carbonbank.domain.issue import RowIssue
from carbonbank.intake.clock import us_local, utc_seconds
from carbonbank.intake.log import Log, read_log
from carbonbank.intake.recording import Sample
from carbonbank.intake.text_table import TextTable, read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RawTrips

NAME = "twizy_log"
COLUMNS = (
    "Date", "Time", "Soc", "Speed", "Mode", "LAT", "LON", "ALT", "GpsSpeed", "Temperature",
    "Humidity", "Weather", "WindSpeedAv", "Traffic", "SpeedLimit",
)  # fmt: skip
ZONE = "Africa/Casablanca"  # UTC+1, and UTC+0 around Ramadan
VEHICLE_ID = "twizy-01"

_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)
_SPEED_MAX = 200_000_000
_SOC_MAX = 100_000_000


def read(upload: Upload, delimiter: str = ",") -> RawTrips:
    """Read one log; most are one trip, a pause or a charge makes more."""
    table = read_text_table(upload, NAME, delimiter)
    samples = list(_samples(table, upload.options.zone_or(ZONE), table.issues))
    places = zip(table.texts("LAT"), table.texts("LON"), strict=True)
    return read_log(
        Log(
            upload=upload,
            name=NAME,
            vehicle_id=upload.options.vehicle_id or VEHICLE_ID,
            distance_source="wheel",
            samples=samples,
            positions=dict(zip(table.lines.tolist(), places, strict=True)),
            rows_read=table.rows_read,
            issues=table.issues,
            clock="Time",
            soc="Soc",
            position="LAT, LON",
        )
    )


def _samples(table: TextTable, zone: ZoneInfo, issues: list[RowIssue]) -> Iterator[Sample]:
    cells = (table.texts(column) for column in ("Date", "Time", "Speed", "Soc"))
    for row, date, time, speed_text, soc_text in zip(table.lines.tolist(), *cells, strict=True):
        local = us_local(date, time)
        at_s = None if local is None else utc_seconds(local, zone)
        if at_s is None:
            issues.append(issue_at(row, "impossible_date", "Date", f"{date} {time}"))
            continue
        speed, soc = _millionths(speed_text), _millionths(soc_text)
        if speed is None or soc is None:
            column = "Speed" if speed is None else "Soc"
            value = speed_text if speed is None else soc_text
            issues.append(issue_at(row, "unreadable_value", column, value))
        elif speed > _SPEED_MAX or soc > _SOC_MAX:
            value = f"{speed_text} km/h, {soc_text} %"
            issues.append(issue_at(row, "sample_out_of_range", "Speed, Soc", value))
        else:
            yield Sample(row, at_s, speed, soc)


def _millionths(text: str) -> int | None:
    """Read a decimal with up to six places as a whole number of millionths, exactly."""
    if not _DECIMAL.fullmatch(text):
        return None
    whole, _, part = text.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0"))
