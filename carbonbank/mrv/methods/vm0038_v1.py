"""Verra VM0038 version 1.0, charging of electric vehicles. Quantified and shown, never issued.

Units are the text's own: kWh delivered (ED) and consumed (EC), t per US gallon, kWh per 100 miles
(AFEC), miles per gallon (MPG), t/kWh. This module is frozen.
"""

from collections.abc import Sequence

from carbonbank.mrv.methods.number import Number, total

NAME = "vm0038_v1"
KWH_PER_MWH = 10**3


def eq1_baseline_t(
    *,
    ed_kwh: Number,
    ef_t_per_gal: Number,
    ir: Number,
    year: int,
    afec_kwh_per_100mi: Number,
    mpg: Number,
) -> Number:
    """Equation 1: BE = ED · EF · 100 · IR^(y−1) / (AFEC · MPG), in t; years count from 1."""
    if year < 1:
        message = f"years count from 1, not {year}"
        raise ValueError(message)
    return ed_kwh * ef_t_per_gal * 100 * ir ** (year - 1) / (afec_kwh_per_100mi * mpg)


def eq4_project_t(ec_kwh: Sequence[Number], ef_t_per_kwh: Sequence[Number]) -> Number:
    """Equation 4: PE = Σ EC · EFkw, in t."""
    return total(ec * ef for ec, ef in zip(ec_kwh, ef_t_per_kwh, strict=True))


def eq10_reduction_t(be_t: Number, pe_t: Number, le_t: Number, d: Number) -> Number:
    """Equation 10: ER = (BE − PE − LE) · D, in t."""
    return (be_t - pe_t - le_t) * d


def eq11_discount(erc: Number, erf: Number) -> Number:
    """Equation 11: D = ERC / (ERF + ERC), the charger's share where a fleet may claim the km."""
    return erc / (erf + erc)


def energy_consumed_kwh(ed_kwh: Number, charger_efficiency: Number) -> Number:
    """Energy a charger draws for what it delivers: EC = ED / efficiency, in kWh."""
    return ed_kwh / charger_efficiency
