"""How numbers read on a page: grams as kilograms and tonnes, micro-units as money."""

from carbonbank.units import G_PER_T, month_label

UNITS_PER_COIN = 10**6


def grams(mass_g: int) -> str:
    """Write grams exactly: `850 g`, `12.345 kg`, `1.234567 t`."""
    if abs(mass_g) < 1000:
        return f"{mass_g} g"
    scale, unit, digits = (G_PER_T, "t", 6) if abs(mass_g) >= G_PER_T else (1000, "kg", 3)
    whole, rest = divmod(abs(mass_g), scale)
    sign = "-" if mass_g < 0 else ""
    return f"{sign}{whole:,}.{rest:0{digits}d} {unit}"


def money(amount_units: int) -> str:
    """Write micro-units exactly: `12.345678`."""
    whole, rest = divmod(amount_units, UNITS_PER_COIN)
    return f"{whole:,}.{rest:06d}"


FILTERS = {"grams": grams, "money": money, "month": month_label}
