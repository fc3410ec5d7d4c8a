"""California Low Carbon Fuel Standard, 17 CCR 95486.1: credits. Never minted. Frozen."""

from carbonbank.mrv.methods.number import Number

NAME = "lcfs_ca_v1"
G_PER_T = 10**6


def credits_t(ci_std: Number, eer: Number, ci: Number, energy_mj: Number) -> Number:
    """Credits = (CI_std − CI / EER) · E · EER · 1e-6, in t; intensities gCO2e/MJ, E in MJ."""
    return (ci_std - ci / eer) * energy_mj * eer / G_PER_T
