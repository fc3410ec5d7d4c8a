"""Units of the house: one integer unit per quantity, and the only doors between them.

Inside the bank every quantity is an integer. The suffix of a name is its unit:

| suffix | unit | suffix | unit |
| --- | --- | --- | --- |
| `_m` | metres | `_g` | grams of CO2e (the credit) |
| `_ng` | nanograms of CO2e | `_wh` | watt-hours |
| `_ml` | millilitres | `_s` | seconds |
| `_bps` | basis points, 1/10,000 | `_units` | micro-units of money |
| `_ug_per_km` | microgram per km = ng per metre | `_ug_per_kwh` | microgram per kWh = ng per Wh |
| `_ug_per_l` | microgram per litre = ng per ml | `_at` | aware UTC datetime |

Every rounding of the house is one function here, with its direction in the name, and the order
is fixed: coefficient -> discount -> trip gram -> buffer -> pool -> payout (docs/invariants.md).
"""

import math
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

NG_PER_G = 10**9
UG_PER_G = 10**6
G_PER_T = 10**6
BPS = 10**4


def floor_div(numerator: int, denominator: int) -> int:
    """Divide toward minus infinity; the denominator is positive."""
    assert denominator > 0
    return numerator // denominator


def ceil_div(numerator: int, denominator: int) -> int:
    """Divide toward plus infinity; the denominator is positive."""
    assert denominator > 0
    return -(-numerator // denominator)


# --- coefficient: compiled once per package and year, against the claimant --------------------


# Fractions, because a decimal of any precision may round a quotient across an integer.


def baseline_ug_floor(g_per_unit: Decimal | Fraction) -> int:
    """Compile a baseline coefficient from g per unit to µg per unit, downward and exactly."""
    return math.floor(Fraction(g_per_unit) * UG_PER_G)


def project_ug_ceil(g_per_unit: Decimal | Fraction) -> int:
    """Compile a project coefficient from g per unit to µg per unit, upward and exactly."""
    return math.ceil(Fraction(g_per_unit) * UG_PER_G)


def capacity_wh_ceil(capacity_kwh: Decimal | Fraction) -> int:
    """Compile a declared battery capacity from kWh to Wh, upward."""
    return math.ceil(Fraction(capacity_kwh) * 1000)


# --- energy of a trip from its state of charge ------------------------------------------------


def battery_wh_ceil(drop_bps: int, capacity_wh: int) -> int:
    """Energy that left the battery, rounded up; a rise counts as nothing, never as a gain."""
    return ceil_div(max(drop_bps, 0) * capacity_wh, BPS)


# --- discount: in ng, on gains only -----------------------------------------------------------


def discounted_ng_floor(reduction_ng: int, discount_bps: int) -> int:
    """Take the uncertainty discount off a gain, rounding what is left down; losses stay whole."""
    assert 0 <= discount_bps <= BPS
    if reduction_ng <= 0:
        return reduction_ng
    return floor_div(reduction_ng * (BPS - discount_bps), BPS)


# --- trip gram --------------------------------------------------------------------------------


def ng_to_g_floor(mass_ng: int) -> int:
    """Turn nanograms into whole grams toward minus infinity: never up, for any trip."""
    return floor_div(mass_ng, NG_PER_G)


# --- shares of a batch ------------------------------------------------------------------------


def buffer_g_ceil(total_g: int, buffer_bps: int) -> int:
    """Grams of a batch that go to its buffer, rounded up."""
    return ceil_div(total_g * buffer_bps, BPS)


def pool_g_floor(total_g: int, drivers_bps: int) -> int:
    """Grams of a batch that its drivers share, rounded down."""
    return floor_div(total_g * drivers_bps, BPS)


def payout_g_floor(pool_g: int, part_g: int, parts_g_total: int) -> int:
    """One driver's grams of the pool, pro rata to the driver's reductions, rounded down."""
    return floor_div(pool_g * part_g, parts_g_total) if parts_g_total > 0 else 0


# --- money ------------------------------------------------------------------------------------


def price_ceil(amount_g: int, price_units_per_t: int) -> int:
    """Money units that `amount_g` grams cost at a price per tonne, rounded up."""
    return ceil_div(amount_g * price_units_per_t, G_PER_T)


def fee_floor(paid_units: int, fee_bps: int) -> int:
    """The market's fee on a payment, rounded down."""
    return floor_div(paid_units * fee_bps, BPS)


# --- months (UTC): year * 12 + (month - 1), the number the chain keeps ------------------------


def month_of(moment_at: datetime) -> int:
    """Return the UTC month number of an aware datetime."""
    assert moment_at.tzinfo is not None
    utc = moment_at.astimezone(UTC)
    return utc.year * 12 + utc.month - 1


def month_start_at(month: int) -> datetime:
    """Return the first instant of a month number."""
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)


def month_label(month: int) -> str:
    """Return a month number as people write it: `2021-03`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def month_from_label(label: str) -> int:
    """Return the month number of `YYYY-MM`.

    Raises:
        ValueError: the label is not a year and a month.
    """
    moment = datetime.strptime(label, "%Y-%m").replace(tzinfo=UTC)
    return month_of(moment)
