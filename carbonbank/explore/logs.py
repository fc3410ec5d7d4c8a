"""The shipped Twizy logs (1 Hz, CC BY 4.0): as they are, as they are read, and what was dropped."""

import io
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from carbonbank.domain.issue import RowIssue, Severity
from carbonbank.errors import NotFound
from carbonbank.explore.programmes import MOROCCO, package_of
from carbonbank.intake.clock import us_local, utc_seconds
from carbonbank.intake.reader import FileReader
from carbonbank.intake.shipped import shipped_files
from carbonbank.intake.twizy_log import ZONE
from carbonbank.mrv.trips import RawTrips

FIRST_ROW = 2  # line 1 is the header
ISSUE_COLUMNS = list(RowIssue.__dataclass_fields__)


def logs() -> list[str]:
    """Return the names of the shipped logs."""
    return [name for name, _ in shipped_files("twizy")]


def log_bytes(log: str) -> bytes:
    """Return a log as its logger wrote it.

    Raises:
        NotFound: no such log is shipped.
    """
    found = dict(shipped_files("twizy")).get(log)
    if found is None:
        raise NotFound(kind="log", key=log)
    return found


def raw_rows(log: str) -> pd.DataFrame:
    """Return a log as text, cell by cell; the index `row` is the line in the file."""
    rows = pd.read_csv(io.BytesIO(log_bytes(log)), dtype=str, keep_default_na=False)
    rows.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(rows), name="row")
    return rows


def samples(log: str) -> pd.DataFrame:
    """Return the rows that hold, by `row`: `at` (UTC), `speed_kmh` and `soc_pct`.

    `soc_pct` is missing where the reading was an outlier.
    """
    issues = read(log)[1]
    dropped = issues.loc[issues["severity"] == Severity.DROPPED, "row"]
    outliers = issues.loc[issues["code"] == "soc_outlier", "row"]
    rows = raw_rows(log).drop(index=dropped)
    zone = ZoneInfo(ZONE)
    kept = pd.DataFrame(
        {
            "at": [_moment_at(*clock, zone) for clock in zip(rows.Date, rows.Time, strict=True)],
            "speed_kmh": rows["Speed"].astype(float),
            "soc_pct": rows["Soc"].astype(float),
        },
        index=rows.index,
    )
    kept.loc[outliers, "soc_pct"] = float("nan")
    return kept


def read(log: str, programme: str = MOROCCO) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a log as a programme asks for.

    Returns:
        The raw trips, one row each (`start_at`, `end_at` in UTC; whole metres; state of charge in
        basis points), and the issues, one row each (`row` is the line in the file).
    """
    raw = read_raw(log, programme)
    return frame_of(raw.table), issues_of(raw.issues)


def read_raw(log: str, programme: str) -> RawTrips:
    """Read a log into the bank's own type."""
    options = package_of(programme).programme.reading.model_dump()
    return FileReader().read(log_bytes(log), log, options)


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Return a table as a DataFrame without its empty columns; integers stay integers."""
    whole = {pa.int64(): pd.Int64Dtype()}
    return table.to_pandas(types_mapper=whole.get).dropna(axis="columns", how="all")


def issues_of(issues: Iterable[RowIssue]) -> pd.DataFrame:
    """Return row issues, one row each."""
    found = [asdict(issue) | {"severity": issue.severity.value} for issue in issues]
    return pd.DataFrame(found, columns=ISSUE_COLUMNS)


def _moment_at(date: str, time: str, zone: ZoneInfo) -> datetime:
    local = us_local(date, time)
    at_s = None if local is None else utc_seconds(local, zone)
    assert at_s is not None  # rows without a believable clock were dropped
    return datetime.fromtimestamp(at_s, UTC)
