"""The factor tables that ship with the bank, read into one library by id.

Every row's free-text `verification` (or, in tables without one, its `source`) is mapped to a
closed state by verification_states.csv; derivations.csv names what a derived row was made of.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources

from carbonbank.domain.factor import Factor, FactorState, Hours, check_hours
from carbonbank.errors import FactorTableInvalid

Row = Mapping[str, str]

# Tables whose rows are factors as they stand, and where those lie that are not Apache-2.0.
_HOURLY = "tables.csv"  # one row per table of hours, with the value of its dirtiest hour
_PLAIN = ("fuels_core.csv", "grid_ifi.csv", "grid_ember.csv", "vehicle_km_uk.csv", _HOURLY)
_FOLDERS = {"grid_ember.csv": "ember", _HOURLY: "grid_hours"}

# The columns of vm0038_defaults.csv that are factors: column -> (name in the id, unit).
_VM0038_COLUMNS: Mapping[str, tuple[str, str]] = {
    "afec_kwh_per_100mi": ("afec", "kWh/100 mi"),
    "mpg": ("mpg", "mi/US gal"),
    "ef_tco2_per_gal": ("ef", "tCO2/US gal"),
    "ir": ("ir", "1/year"),
    "derived_be_kgco2_per_kwh_year1": ("be_kg_per_kwh", "kgCO2/kWh"),
    "derived_kwh_per_km": ("kwh_per_km", "kWh/km"),
    "derived_l_per_100km": ("l_per_100km", "L/100km"),
}


def load_factors() -> dict[str, Factor]:
    """Return every shipped factor by id; values are exactly the decimals their tables write.

    Raises:
        FactorTableInvalid: a row has no number, a doubled id or an unmapped verification.
    """
    factors: dict[str, Factor] = {}
    states = _states()
    parents = _parents()
    readers = (
        *(_rows(table) for table in _PLAIN),
        _lcfs(),
        _vm0038(),
    )
    for reader in readers:
        for table, number, row in reader:
            factor = _factor(table, number, row, states, parents)
            if factor.factor_id in factors:
                raise FactorTableInvalid(
                    table=table, row=number, reason=f"{factor.factor_id} stands there twice"
                )
            factors[factor.factor_id] = factor
    return factors


def _rows(table: str) -> Iterator[tuple[str, int, Row]]:
    folder = resources.files("carbonbank.data") / _FOLDERS.get(table, "factors")
    text = (folder / table).read_text(encoding="utf-8")
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        yield table, number, row


def _states() -> dict[tuple[str, str], FactorState]:
    return {
        (row["table"], row["verification"]): FactorState(row["state"])
        for _, _, row in _rows("verification_states.csv")
    }


def _parents() -> dict[str, tuple[str, ...]]:
    parents: dict[str, tuple[str, ...]] = {}
    for _, _, row in _rows("derivations.csv"):
        parents[row["factor_id"]] = (*parents.get(row["factor_id"], ()), row["derived_from"])
    return parents


def read_hours(file: str) -> Hours:
    """Read a shipped table of values by the hour: one row for each, blank where there is none.

    Raises:
        FactorTableInvalid: a row is not the hour after the one before, or no emission of an hour.
    """
    text = (resources.files("carbonbank.data") / "grid_hours" / file).read_text(encoding="utf-8")
    first_at: datetime | None = None
    values: list[Decimal | None] = []
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        try:
            hour_at = datetime.fromisoformat(row["hour"])
            values.append(Decimal(row["value"]) if row["value"] else None)
        except (ValueError, InvalidOperation) as error:
            reason = f"{row['hour']!r} and {row['value']!r} are no hour and decimal"
            raise FactorTableInvalid(table=file, row=number, reason=reason) from error
        first_at = first_at or hour_at
        if hour_at - first_at != timedelta(hours=number - 2):
            reason = f"{row['hour']} is not the next hour"
            raise FactorTableInvalid(table=file, row=number, reason=reason)
    if first_at is None:
        raise FactorTableInvalid(table=file, row=2, reason="it has no hours")
    hours = Hours(first_at=first_at, values=tuple(values))
    try:
        check_hours(hours)
    except ValueError as error:
        raise FactorTableInvalid(table=file, row=2, reason=str(error)) from error
    return hours


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _lcfs() -> Iterator[tuple[str, int, Row]]:
    """Rows of the low-carbon fuel tables: their id is table, key and year."""
    for table, number, row in _rows("lcfs.csv"):
        parts = ("lcfs", row["table"], _slug(row["key"]), row["year"])
        yield (
            table,
            number,
            {
                **row,
                "factor_id": ".".join(part for part in parts if part),
                "data_year": row["year"],
                "region": "California" if row["table"] == "california" else "British Columbia",
                "boundary": "life cycle",
                "gas_basis": "CO2e",
                "licence": "Apache-2.0 (registry seed data)"
                if "Apache-2.0" in row["source"]
                else "facts",
                "verification": row["source"],
            },
        )


def _vm0038() -> Iterator[tuple[str, int, Row]]:
    """One factor per cell of the default table: vm0038.<column>.<fleet>.<country>."""
    for table, number, row in _rows("vm0038_defaults.csv"):
        for column, (name, unit) in _VM0038_COLUMNS.items():
            yield (
                table,
                number,
                {
                    "factor_id": f"vm0038.{name}.{_slug(row['fleet'])}.{row['country'].lower()}",
                    "value": row[column],
                    "unit": unit,
                    "data_year": "2018",
                    "region": row["country"],
                    "boundary": "tank or plug to wheel",
                    "gas_basis": "CO2",
                    "source": row["source"],
                    "source_locator": row["source_locator"],
                    "licence": "Verra copyright (facts)",
                    "verification": "derived" if column.startswith("derived_") else row["source"],
                },
            )


def _factor(
    table: str,
    number: int,
    row: Row,
    states: Mapping[tuple[str, str], FactorState],
    parents: Mapping[str, tuple[str, ...]],
) -> Factor:
    state = states.get((table, row["verification"]))
    if state is None:
        raise FactorTableInvalid(
            table=table, row=number, reason=f"no state for verification {row['verification']!r}"
        )
    try:
        value = Decimal(row["value"])
    except InvalidOperation as error:
        reason = f"{row['value']!r} is no decimal"
        raise FactorTableInvalid(table=table, row=number, reason=reason) from error
    hours = read_hours(row["file"]) if table == _HOURLY else None
    if hours is not None and max(hours.told) != value:
        reason = f"{value} is not the dirtiest hour of {row['file']}"
        raise FactorTableInvalid(table=table, row=number, reason=reason)
    return Factor(
        factor_id=row["factor_id"],
        version=row.get("published") or row["data_year"] or "undated",
        value=value,
        unit=row["unit"],
        year=row["data_year"],
        region=row["region"],
        boundary=row["boundary"],
        gas_basis=row["gas_basis"],
        source=row["source"],
        source_locator=row.get("source_locator", ""),
        licence=row["licence"],
        state=state,
        derived_from=parents.get(row["factor_id"], ()),
        hours=hours,
    )
