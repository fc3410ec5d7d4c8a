"""British Columbia Low Carbon Fuels Act: compliance units. Never minted as reductions. Frozen."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

NAME = "lcfs_bc_v1"
G_PER_T = 10**6


class ComplianceUnits(NamedTuple):
    """Compliance units to five decimals, and as the whole number that is credited."""

    cu: Decimal
    cu_rounded: Decimal


def compliance_units(
    *, tci: Decimal, eer: Decimal, rci: Decimal, uci: Decimal, q: Decimal, ed: Decimal
) -> ComplianceUnits:
    """CU = (TCI · EER − (RCI + UCI)) · Q · ED / 1e6; five decimals half up, then whole, half up.

    Intensities in gCO2e/MJ, Q in units of fuel (kWh for electricity), ED in MJ per unit; one
    compliance unit is a tonne of CO2e, a negative one a deficit. Half up means away from zero.
    """
    exact = (tci * eer - (rci + uci)) * q * ed / G_PER_T
    cu = exact.quantize(Decimal("0.00001"), rounding=ROUND_HALF_UP)
    return ComplianceUnits(cu, cu.quantize(Decimal(1), rounding=ROUND_HALF_UP))
