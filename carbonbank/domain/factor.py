"""An emission factor with everything that decides whether it may count."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class FactorState(StrEnum):
    """How far a factor was checked; a closed list (docs/methodology/factors.md)."""

    PRIMARY = "primary"  # read in the publisher's own text
    CONCORDANT = "concordant"  # two or more independent copies agree
    SINGLE_COPY = "single_copy"
    DERIVED = "derived"  # computed from rows of known state
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One factor of the library. `value` is in `unit`, exactly as its source wrote it.

    `derived_from` names the factors a derived one was computed from; empty for every other state.
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
