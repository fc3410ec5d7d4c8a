"""From logs to grams under a shipped programme, without a bank."""

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa

from carbonbank.config import SystemClock
from carbonbank.explore.logs import frame_of, issues_of, read_raw
from carbonbank.explore.programmes import MOROCCO, package_of
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.monitoring import monitor
from carbonbank.mrv.programme import rules_of
from carbonbank.mrv.quantify import energy_wh_of
from carbonbank.mrv.trips import RawTrips, concat, to_trips
from carbonbank.mrv.trips import validate as held_against_rules
from carbonbank.units import month_label, month_of


def declared(programme: str = MOROCCO) -> pd.DataFrame:
    """Return what a programme calculates with: `value`, `unit` and `source` by name."""
    package = package_of(programme)
    values = {
        place: {"value": one.value, "unit": one.unit, "source": f"declared; {one.evidence}"}
        for place, one in package.programme.declared.items()
    }
    factors = {
        f"factor.{role}": {"value": r["value"], "unit": r["unit"], "source": r["factor_id"]}
        for role, r in package.document["factors"].items()
    }
    return pd.DataFrame.from_dict(values | factors, orient="index")


def coefficients(programme: str = MOROCCO, *, year: int) -> pd.Series:
    """Return the integers a trip of a calendar year is multiplied with: µg per km and per kWh."""
    return pd.Series(compile_coefficients(package_of(programme), year).integers, dtype=object)


def validate(names: Iterable[str], programme: str = MOROCCO) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold the trips of logs against a programme's rules.

    Returns:
        The trips that count, and every finding of reading and validating.
    """
    rules = rules_of(package_of(programme).programme)
    valid = held_against_rules(_read_all(names, programme), rules, SystemClock().now_at())
    return frame_of(valid.table), issues_of(valid.issues)


def quantify(names: Iterable[str], programme: str = MOROCCO) -> pd.DataFrame:
    """Return the trips of logs that count, by start, with what each one saved.

    Besides the trips' own columns: `log`, `month` (UTC, `2021-03`), `energy_wh` at the battery,
    `baseline_ng`, `project_ng`, `reduction_ng` (before the discount) and `reduction_g` (whole
    grams, after discount and floor).
    """
    done = monitor(_read_all(names, programme), package_of(programme), SystemClock().now_at())
    table = done.trips
    by_year = {compiled.year: compiled for compiled in done.coefficients}
    energy_wh = [energy_wh_of(trip, by_year[trip.start_at.year]) for trip in to_trips(table)]
    trips = frame_of(table.append_column("energy_wh", pa.array(energy_wh, pa.int64())))
    trips["reduction_ng"] = trips["baseline_ng"] - trips["project_ng"]
    trips["log"] = [record.rpartition("#")[0] for record in trips["source_record_id"]]
    trips["month"] = [month_label(month_of(start_at)) for start_at in trips["start_at"]]
    return trips.sort_values("start_at", ignore_index=True)


def _read_all(names: Iterable[str], programme: str) -> RawTrips:
    return concat([read_raw(name, programme) for name in names])
