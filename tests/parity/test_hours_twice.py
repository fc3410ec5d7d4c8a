"""The bank and the audit find the same hours, means and integers for any sessions and table."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import resources

from hypothesis import given, settings
from hypothesis import strategies as st

from carbonbank.audit import grid_hours as audited
from carbonbank.audit.equations import compiled, factors_of
from carbonbank.audit.package import SealedCharge
from carbonbank.domain.factor import Hours
from carbonbank.domain.trip import iso_at
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.coefficients import compile_exact
from carbonbank.mrv.exact_factors import at_grid, exact_factors
from carbonbank.mrv.grid_hours import Drawn, hourly_grid
from carbonbank.mrv.package import build_package, parse_package
from carbonbank.mrv.programme import parse_programme

FACTORS = load_factors()
TABLE = "hourly.demo-morocco.2021-03"
FIRST_AT = datetime(2021, 3, 1, tzinfo=UTC)
UNITS = {"gCO2/kWh": Decimal(1), "kgCO2e/kWh": Decimal("0.001")}

grams = st.one_of(st.none(), st.integers(0, 200_000).map(lambda n: Decimal(n) / 100))
tables = st.lists(grams, min_size=1, max_size=50).filter(lambda v: any(x is not None for x in v))
sessions = st.lists(
    st.tuples(st.integers(-7_200, 220_000), st.integers(0, 100_000), st.integers(0, 80_000)),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(
    values=tables,
    unit=st.sampled_from(sorted(UNITS)),
    source=st.sampled_from(["grid", "charged"]),
    drawn=sessions,
    beyond_wh=st.integers(0, 9_000),
    milliseconds=st.integers(0, 999),
)
def test_one_factor_of_a_month(values, unit, source, drawn, beyond_wh, milliseconds):
    told = tuple(None if v is None else v * UNITS[unit] for v in values)
    hours = Hours(first_at=FIRST_AT, values=told)
    hourly = replace(FACTORS[TABLE], unit=unit, value=max(hours.told), hours=hours)
    folder = resources.files("carbonbank.data") / "programmes"
    document = json.loads((folder / "demo-morocco.json").read_bytes())
    consumed = {"value": "0.061", "unit": "kWh/km", "evidence": "report 7"}
    kept = ("grid_factor", "transmission_loss")
    document["project"] = {name: document["project"][name] for name in kept} | {
        "energy_source": source,
        "metered_by": "charging_records",
        "grid_hours": TABLE,
        **({"specific_energy_consumption": consumed} if source == "charged" else {}),
    }
    package = build_package(parse_programme(document), {**FACTORS, TABLE: hourly})
    package = parse_package(package.canonical)

    by_bank = hourly_grid(package)
    energy_wh = sum(wh for *_, wh in drawn) + beyond_wh + 1
    # Stored times may have fractions of a second, sealed ones have none.
    part = timedelta(milliseconds=milliseconds)
    times = [
        (FIRST_AT + timedelta(seconds=start) + part, FIRST_AT + timedelta(seconds=start + long), wh)
        for start, long, wh in drawn
    ]
    mean = by_bank.mean([Drawn(start, max(start, end), wh) for start, end, wh in times], energy_wh)

    by_audit = audited.hours_of(json.loads(package.canonical))
    charges = [
        SealedCharge(
            session_id="",
            salt=b"",
            record={
                "start_at": iso_at(start),
                "end_at": iso_at(max(start, end)),
                "energy_grid_wh": wh,
            },
        )
        for start, end, wh in times
    ]
    assert audited._mean(by_audit, charges, energy_wh) == mean * 1000
    exact = at_grid(package, exact_factors(package, 2021), mean)
    ours = compile_exact(package, 2021, exact)
    theirs = compiled(factors_of(json.loads(package.canonical), 2021, mean * 1000))
    assert theirs.project_g_per_kwh * 10**6 == ours.project_ug_per_kwh
    assert theirs.baseline_g_per_kwh * 10**6 == ours.baseline_ug_per_kwh
