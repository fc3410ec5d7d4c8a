"""Compliance units of the low-carbon fuel standards, as their regulators round them."""

from decimal import Decimal

from carbonbank.mrv.methods import lcfs_bc_v1, lcfs_ca_v1


def compliance_units(method: str, exact_reduction_g: Decimal) -> str | None:
    """Return the units of an exact total, None for a method that has none.

    A unit is a tonne; British Columbia keeps five decimals, half up, and California's credits
    stand as they come.
    """
    if method == lcfs_bc_v1.NAME:
        one = Decimal(1)
        units = lcfs_bc_v1.compliance_units(
            tci=exact_reduction_g, eer=one, rci=Decimal(0), uci=Decimal(0), q=one, ed=one
        )
        return str(units.cu)
    if method == lcfs_ca_v1.NAME:
        return f"{exact_reduction_g / lcfs_ca_v1.G_PER_T:.6f}"
    return None
