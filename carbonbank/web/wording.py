"""How numbers and times read on a page: grams as kilograms, micro-units as money, plain dates."""

from datetime import datetime

from markupsafe import Markup

from carbonbank.units import month_label

UNITS_PER_COIN = 10**6
G_PER_KG = 1000
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
STATES = {
    "sealed": "waiting for the verifier",
    "verified": "verified, not issued yet",
    "active": "valid",
    "frozen": "frozen while doubts are looked into",
    "disproven": "proven wrong, waiting for a correction",
    "cancelled": "cancelled",
}


def kilograms(mass_g: int) -> str:
    """Write grams exactly as kilograms: `1,234.567 kg`."""
    whole, rest = divmod(abs(mass_g), G_PER_KG)
    sign = "-" if mass_g < 0 else ""
    return f"{sign}{whole:,}.{rest:03d} kg"


def mass(mass_g: int) -> Markup:
    """Write grams for people, and exactly for machines."""
    return Markup('<data value="{}">{}</data>').format(mass_g, kilograms(mass_g))


def money(amount_units: int) -> Markup:
    """Write micro-units exactly with at least two decimals: `0.16606`."""
    whole, rest = divmod(amount_units, UNITS_PER_COIN)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return Markup('<data value="{}">{:,}.{}</data>').format(amount_units, whole, decimals)


def percent(share_bps: int) -> Markup:
    """Write basis points as percent: `51.23 %`."""
    return Markup('<data value="{}">{}.{:02d} %</data>').format(share_bps, *divmod(share_bps, 100))


def month(of: int | str) -> str:
    """Write a month number, or its label, in words: `March 2021`."""
    year, number = (of if isinstance(of, str) else month_label(of)).split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def moment(text: str) -> str:
    """Write an ISO time in words: `22 November 2026, 20:36 UTC`."""
    at = datetime.fromisoformat(text)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def state(of: str) -> str:
    """Write a batch's state in plain words."""
    return STATES.get(of.lower(), of.lower())


FILTERS = {
    "mass": mass,
    "money": money,
    "percent": percent,
    "month": month,
    "moment": moment,
    "state": state,
}
