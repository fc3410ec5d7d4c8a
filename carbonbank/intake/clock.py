"""Local clocks to UTC seconds, and which readings of a clock can be believed."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=4096)
def _date(text: str) -> tuple[int, int, int] | None:
    """Read `07/01/2021` and `7/1/2021`, month first; None where the calendar has no such day."""
    parts = text.split("/")
    if len(parts) != 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    month, day, year = (int(part) for part in parts)
    try:
        datetime(year, month, day, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return year, month, day


def us_local(date: str, time: str) -> datetime | None:
    """Return the local time of a month-first date and `HH:MM:SS`, None where there is none."""
    ymd = _date(date)
    parts = time.split(":")
    if ymd is None or len(parts) != 3 or not all(p.isdecimal() and p.isascii() for p in parts):
        return None
    hour, minute, second = (int(part) for part in parts)
    try:
        return datetime(*ymd, hour, minute, second)  # noqa: DTZ001 - local by meaning
    except (ValueError, OverflowError):
        return None


def iso_local(text: str) -> datetime | None:
    """Return the local time of `2007-08-25 11:07:26`, None where there is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - local by meaning
    except ValueError:
        return None


def utc_seconds(local: datetime, zone: ZoneInfo) -> int | None:
    """Return seconds since 1970 of a local time, None for a time that the clock skipped.

    A time that the clock showed twice is taken as the first of the two.
    """
    aware = local.replace(tzinfo=zone)
    utc = aware.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != local:
        return None
    return int(utc.timestamp())


def is_ambiguous(local: datetime, zone: ZoneInfo) -> bool:
    """Say whether the clock showed this time twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return (first or timedelta()) > (second or timedelta())
