"""CDM AMS-III.C version 16.0, equations 1 to 7 (EB 115, annex 12, 8 September 2022).

"Emission reductions by electric and hybrid vehicles". Symbols keep the text's own units: tonnes of
CO2, g/km, km per vehicle, vehicles, kWh, kWh/km, J/g, g/J, kg/kWh; TDL is a fraction. Sequences
run over the vehicle types i. Every function serves decimals and exact fractions alike.

This module is frozen: version 1 of the code never changes. A mended equation is a new module.
"""

from collections.abc import Sequence
from typing import Generic, NamedTuple

from carbonbank.mrv.methods.number import Number, total

NAME = "ams_iii_c_v16"
VERSION = "1"
G_PER_T = 10**6
KG_PER_T = 10**3
AUTOMATIC_ADDITIONALITY_PCT = "2.5"  # Box 1: mean market share of the last three years


class Emissions(NamedTuple, Generic[Number]):
    """Baseline, project and reduced emissions in tonnes."""

    be_t: Number
    pe_t: Number
    er_t: Number


class DistanceCase(NamedTuple, Generic[Number]):
    """The case by distance: as `Emissions`, with the project factor on the way in t/km."""

    be_t: Number
    ef_pj_t_per_km: Number
    pe_t: Number
    er_t: Number


def eq1_baseline_by_distance_t(
    ef_bl_g_per_km: Sequence[Number], dd_km: Sequence[Number], n: Sequence[Number]
) -> Number:
    """Equation 1: BE = Σ EF_BL,km,i · DD_i · N_i · 1e-6, in t; DD in km per vehicle, N vehicles."""
    return total(
        ef * dd * vehicles / G_PER_T
        for ef, dd, vehicles in zip(ef_bl_g_per_km, dd_km, n, strict=True)
    )


def eq2_baseline_by_energy_t(
    ef_bl_g_per_km: Sequence[Number], ec_kwh: Sequence[Number], sec_kwh_per_km: Sequence[Number]
) -> Number:
    """Equation 2: BE = Σ EF_BL,km,i · EC_PJ,i / SEC_PJ,km,i · 1e-6, in t; EC in kWh charged."""
    return total(
        ef * ec / sec / G_PER_T
        for ef, ec, sec in zip(ef_bl_g_per_km, ec_kwh, sec_kwh_per_km, strict=True)
    )


def eq3_baseline_factor_g_per_km(
    sfc_g_per_km: Number, ncv_j_per_g: Number, ef_g_per_j: Number, ir: Number, t: int
) -> Number:
    """Equation 3: EF_BL,km = SFC · NCV · EF · IR^t, in g/km; t counts calendar years."""
    return sfc_g_per_km * ncv_j_per_g * ef_g_per_j * ir**t


def eq4_project_by_distance_t(
    ef_pj_t_per_km: Sequence[Number], dd_km: Sequence[Number], n: Sequence[Number]
) -> Number:
    """Equation 4: PE = Σ EF_PJ,km,i · DD_i · N_i, in t; EF_PJ in t/km."""
    return total(
        ef * dd * vehicles for ef, dd, vehicles in zip(ef_pj_t_per_km, dd_km, n, strict=True)
    )


def eq5_project_by_energy_t(
    ef_pj_t_per_km: Sequence[Number], ec_kwh: Sequence[Number], sec_kwh_per_km: Sequence[Number]
) -> Number:
    """Equation 5: PE = Σ EF_PJ,km,i · EC_PJ,i / SEC_PJ,km,i, in t."""
    return total(
        ef * ec / sec for ef, ec, sec in zip(ef_pj_t_per_km, ec_kwh, sec_kwh_per_km, strict=True)
    )


def eq6_project_factor_t_per_km(
    sec_kwh_per_km: Number,
    ef_elect_kg_per_kwh: Number,
    tdl: Number,
    fuel_g_per_km: Number,
) -> Number:
    """Equation 6: EF_PJ,km = SEC · EF_elect / (1 − TDL) · 1e-3 + SFC · NCV · EF · 1e-6, in t/km.

    `fuel_g_per_km` is SFC · NCV · EF of the second term (equation 3 with t = 0); 0 for a pure EV.
    """
    return sec_kwh_per_km * ef_elect_kg_per_kwh / (1 - tdl) / KG_PER_T + fuel_g_per_km / G_PER_T


def eq7_reduction_t(be_t: Number, pe_t: Number, le_t: Number) -> Number:
    """Equation 7: ER = BE − PE − LE, in t; the methodology sets LE = 0."""
    return be_t - pe_t - le_t


def case_by_distance(
    ef_bl_g_per_km: Number,
    dd_km: Number,
    n: Number,
    ef_pj_t_per_km: Number,
    le_t: Number,
) -> DistanceCase[Number]:
    """Approach 1: equations 1, 4 and 7 for one vehicle type."""
    be_t = eq1_baseline_by_distance_t([ef_bl_g_per_km], [dd_km], [n])
    pe_t = eq4_project_by_distance_t([ef_pj_t_per_km], [dd_km], [n])
    return DistanceCase(be_t, ef_pj_t_per_km, pe_t, eq7_reduction_t(be_t, pe_t, le_t))


def case_by_energy(
    ef_bl_g_per_km: Number,
    ec_kwh: Number,
    sec_kwh_per_km: Number,
    ef_pj_t_per_km: Number,
    le_t: Number,
) -> Emissions[Number]:
    """Approach 2: equations 2, 5 and 7 for one vehicle type."""
    be_t = eq2_baseline_by_energy_t([ef_bl_g_per_km], [ec_kwh], [sec_kwh_per_km])
    pe_t = eq5_project_by_energy_t([ef_pj_t_per_km], [ec_kwh], [sec_kwh_per_km])
    return Emissions(be_t, pe_t, eq7_reduction_t(be_t, pe_t, le_t))


def metered_trips(
    ef_bl_g_per_km: Number,
    distance_km: Number,
    energy_kwh: Number,
    ef_elect_kg_per_kwh: Number,
    tdl: Number,
) -> Emissions[Number]:
    """Metered distance and energy: equation 1 with N = 1, equations 5 and 6, where SEC cancels."""
    be_t = ef_bl_g_per_km * distance_km / G_PER_T
    pe_t = energy_kwh * ef_elect_kg_per_kwh / (1 - tdl) / KG_PER_T
    return Emissions(be_t, pe_t, be_t - pe_t)


def box1_mean_share_pct(bev_share_pct: Sequence[Number]) -> Number:
    """Box 1: simple mean of the market shares of three years, in percent."""
    if len(bev_share_pct) != 3:
        message = f"box 1 takes the shares of 3 years, not {len(bev_share_pct)}"
        raise ValueError(message)
    return total(bev_share_pct) / 3


def fleet_size(sold: Number, factor: Number, year: int) -> Number:
    """Vehicles of a sale still on the road: sold · factor^(year − 1); years count from 1."""
    if year < 1:
        message = f"years of a fleet count from 1, not {year}"
        raise ValueError(message)
    return sold * factor ** (year - 1)
