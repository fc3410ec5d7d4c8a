"""An emission factor with everything that decides whether it may count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.domain.trip import iso_at


class FactorState(StrEnum):
    """How far a factor was checked; a closed list (docs/methodology/factors.md)."""

    PRIMARY = "primary"  # read in the publisher's own text
    CONCORDANT = "concordant"  # two or more independent copies agree
    SINGLE_COPY = "single_copy"
    DERIVED = "derived"  # computed from rows of known state
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Values hour by hour, the first for the UTC hour that begins at `first_at`.

    None stands where the source has no value.
    """

    first_at: datetime
    values: tuple[Decimal | None, ...]

    @property
    def told(self) -> tuple[Decimal, ...]:
        """The values that there are."""
        return tuple(value for value in self.values if value is not None)

    @property
    def document(self) -> dict[str, Any]:
        """The hours as a package holds them; `sha256` is of the canonical JSON of the rest."""
        values = [None if value is None else str(value) for value in self.values]
        document = {"first_hour": iso_at(self.first_at), "values": values}
        return document | {"sha256": sha256(canonical_json(document)).hex()}


def hours_of_document(document: Mapping[str, Any]) -> Hours:
    """Read hours back from a package.

    Raises:
        ValueError: they have another hash, no value at all or one below 0, or do not begin with
            an hour.
    """
    values = tuple(None if text is None else Decimal(text) for text in document["values"])
    hours = Hours(first_at=datetime.fromisoformat(document["first_hour"]), values=values)
    check_hours(hours)
    if hours.document != document:
        message = f"hours have the hash {hours.document['sha256']}, not {document['sha256']}"
        raise ValueError(message)
    return hours


def check_hours(hours: Hours) -> None:
    """Refuse hours that can not be used.

    Raises:
        ValueError: with the reason.
    """
    if hours.first_at != hours.first_at.replace(minute=0, second=0, microsecond=0):
        message = f"{hours.first_at.isoformat()} is not the beginning of an hour"
        raise ValueError(message)
    if hours.first_at.utcoffset() != timedelta(0):
        message = f"{hours.first_at.isoformat()} is not UTC"
        raise ValueError(message)
    if not hours.told:
        raise ValueError("no hour has a value")
    bad = [str(value) for value in hours.told if not value.is_finite() or value < 0]
    if bad:
        message = f"{bad[0]} is no emission of an hour"
        raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One factor of the library. `value` is in `unit`, exactly as its source wrote it.

    `derived_from` names the factors a derived one was computed from; empty for every other state.
    A factor with `hours` has a value for each; its `value` is the largest of them.
    """

    factor_id: str
    version: str
    value: Decimal
    unit: str
    year: str
    region: str
    boundary: str
    gas_basis: str
    source: str
    source_locator: str
    licence: str
    state: FactorState
    derived_from: tuple[str, ...] = ()
    hours: Hours | None = None
