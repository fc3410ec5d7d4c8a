"""The analysts' door on the logs that the notebook does not open."""

import gzip
import math
from importlib.resources import files

import pytest

from carbonbank import explore
from carbonbank.errors import NotFound

CLEAN, OUTLYING = "T1_07_01_2021.csv", "T3_05_25_2021_04.csv"


def lines_of(log: str) -> list[str]:
    file = files("carbonbank.data") / "trips" / "rsk_twizy" / f"{log}.gz"
    return gzip.decompress(file.read_bytes()).decode().splitlines()


def test_all_shipped_logs_are_named() -> None:
    shipped = (files("carbonbank.data") / "trips" / "rsk_twizy").iterdir()
    assert explore.logs() == sorted(file.name.removesuffix(".gz") for file in shipped)


def test_raw_rows_are_the_lines_of_the_file() -> None:
    rows, lines = explore.raw_rows(CLEAN), lines_of(CLEAN)
    assert ",".join(rows.columns) == lines[0]
    for line in (2, len(lines) // 2, len(lines)):
        assert ",".join(rows.loc[line]) == lines[line - 1]
    assert rows.index[-1] == len(lines)


def test_a_clean_log_has_no_issues_and_keeps_every_row() -> None:
    trips, issues = explore.read(CLEAN)
    assert len(trips) == 1
    assert len(issues) == 0
    assert {"row", "code", "severity"} <= set(issues.columns)
    assert len(explore.samples(CLEAN)) == len(lines_of(CLEAN)) - 1


def test_times_are_utc() -> None:
    # 07/01/2021 10:34:36 in Casablanca, an hour ahead of UTC outside Ramadan.
    assert explore.samples(CLEAN)["at"].iloc[0].isoformat() == "2021-07-01T09:34:36+00:00"


def test_an_outlying_charge_is_left_out_and_its_speed_stays() -> None:
    issues = explore.read(OUTLYING)[1]
    (row,) = issues.loc[issues["code"] == "soc_outlier", "row"]
    sample = explore.samples(OUTLYING).loc[row]
    assert math.isnan(sample["soc_pct"])
    assert sample["speed_kmh"] == float(lines_of(OUTLYING)[row - 1].split(",")[3])


def test_integers_stay_integers() -> None:
    trips = explore.quantify([CLEAN])
    for column in ("distance_m", "energy_wh", "baseline_ng", "project_ng", "reduction_g"):
        assert str(trips[column].dtype) == "Int64", column
    trip = trips.iloc[0]
    assert trip["reduction_g"] == (trip["baseline_ng"] - trip["project_ng"]) // 10**9
    assert (trip["log"], trip["month"]) == (CLEAN, "2021-07")


def test_what_is_not_shipped_is_not_found() -> None:
    with pytest.raises(NotFound, match="there is no log T9"):
        explore.raw_rows("T9")
    with pytest.raises(NotFound, match="there is no programme demo-mars"):
        explore.quantify([CLEAN], "demo-mars")
