"""The operations of worked examples: one table, op -> function, and nothing else decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from carbonbank.mrv.methods import (
    ams_iii_c_v16,
    lcfs_bc_v1,
    lcfs_ca_v1,
    sampling_v1,
    tool07_v7,
    vm0038_v1,
)

MJ_PER_KWH: Final = Decimal("3.6")

Value = Decimal | bool
Inputs = Mapping[str, Any]  # decimals, or lists of decimals where an operation sums
Outputs = dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What an op takes and gives. `sums` inputs may be lists of equal length, one per type i."""

    compute: Callable[[Inputs], Outputs]
    required: tuple[str, ...]
    optional: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...]
    sums: tuple[str, ...] = ()


def _year(value: Decimal) -> int:
    if value != value.to_integral_value() or abs(value) > 10_000:
        message = f"a year or count of years is a whole number, not {value}"
        raise ValueError(message)
    return int(value)


def _fuel_g_per_km(i: Inputs) -> Decimal:
    fuel_g_per_km: Decimal = ams_iii_c_v16.eq3_baseline_factor_g_per_km(
        i["sfc_g_per_km"], i["ncv_j_per_g"], i["ef_g_per_j"], Decimal(1), 0
    )
    return fuel_g_per_km


def _eq6(i: Inputs) -> Decimal:
    ef_pj_t_per_km: Decimal = ams_iii_c_v16.eq6_project_factor_t_per_km(
        i["sec_kwh_per_km"], i["ef_elect_kg_per_kwh"], i["tdl"], _fuel_g_per_km(i)
    )
    return ef_pj_t_per_km


def _box1(i: Inputs) -> Outputs:
    mean = ams_iii_c_v16.box1_mean_share_pct(i["bev_share_pct"])
    return {"avg_bev_pct": mean, "automatically_additional": mean <= i["threshold_pct"]}


def _vm0038_eq1(i: Inputs) -> Decimal:
    be_t: Decimal = vm0038_v1.eq1_baseline_t(
        ed_kwh=i["ed_kwh"],
        ef_t_per_gal=i["ef_t_per_gal"],
        ir=i["ir"],
        year=_year(i["year"]),
        afec_kwh_per_100mi=i["afec_kwh_per_100mi"],
        mpg=i["mpg"],
    )
    return be_t


def _vm0038_case(i: Inputs) -> Outputs:
    ec_kwh = vm0038_v1.energy_consumed_kwh(i["ed_kwh"], i["charger_efficiency"])
    be_t = _vm0038_eq1(i)
    pe_t = vm0038_v1.eq4_project_t([ec_kwh], [i["ef_kw_t_per_mwh"] / vm0038_v1.KWH_PER_MWH])
    er_t = vm0038_v1.eq10_reduction_t(be_t, pe_t, i["le_t"], i["d"])
    return {"be_t": be_t, "ec_kwh": ec_kwh, "pe_t": pe_t, "er_t": er_t}


def _sample(n_exact: Decimal) -> Outputs:
    return {"n_exact": n_exact, "n": n_exact.to_integral_value(rounding=ROUND_CEILING)}


_FUEL: Final = {"sfc_g_per_km": "0", "ncv_j_per_g": "0", "ef_g_per_j": "0"}

OPERATIONS: Final[Mapping[str, Operation]] = {
    "amsiiic.eq1": Operation(
        compute=lambda i: {"be_t": ams_iii_c_v16.eq1_baseline_by_distance_t(**i)},
        required=("ef_bl_g_per_km", "dd_km", "n"),
        outputs=("be_t",),
        sums=("ef_bl_g_per_km", "dd_km", "n"),
    ),
    "amsiiic.eq2": Operation(
        compute=lambda i: {"be_t": ams_iii_c_v16.eq2_baseline_by_energy_t(**i)},
        required=("ef_bl_g_per_km", "ec_kwh", "sec_kwh_per_km"),
        outputs=("be_t",),
        sums=("ef_bl_g_per_km", "ec_kwh", "sec_kwh_per_km"),
    ),
    "amsiiic.eq3": Operation(
        compute=lambda i: {
            "ef_bl_g_per_km": ams_iii_c_v16.eq3_baseline_factor_g_per_km(
                **{**i, "t": _year(i["t"])}
            )
        },
        required=("sfc_g_per_km", "ncv_j_per_g", "ef_g_per_j", "ir", "t"),
        outputs=("ef_bl_g_per_km",),
    ),
    "amsiiic.eq4": Operation(
        compute=lambda i: {"pe_t": ams_iii_c_v16.eq4_project_by_distance_t(**i)},
        required=("ef_pj_t_per_km", "dd_km", "n"),
        outputs=("pe_t",),
        sums=("ef_pj_t_per_km", "dd_km", "n"),
    ),
    "amsiiic.eq5": Operation(
        compute=lambda i: {"pe_t": ams_iii_c_v16.eq5_project_by_energy_t(**i)},
        required=("ef_pj_t_per_km", "ec_kwh", "sec_kwh_per_km"),
        outputs=("pe_t",),
        sums=("ef_pj_t_per_km", "ec_kwh", "sec_kwh_per_km"),
    ),
    "amsiiic.eq6": Operation(
        compute=lambda i: {"ef_pj_t_per_km": _eq6(i)},
        required=("sec_kwh_per_km", "ef_elect_kg_per_kwh", "tdl"),
        optional=_FUEL,
        outputs=("ef_pj_t_per_km",),
    ),
    "amsiiic.eq7": Operation(
        compute=lambda i: {"er_t": ams_iii_c_v16.eq7_reduction_t(**i)},
        required=("be_t", "pe_t"),
        optional={"le_t": "0"},
        outputs=("er_t",),
    ),
    "amsiiic.case1": Operation(
        compute=lambda i: ams_iii_c_v16.case_by_distance(
            i["ef_bl_g_per_km"], i["dd_km"], i["n"], _eq6(i), i["le_t"]
        )._asdict(),
        required=(
            "ef_bl_g_per_km",
            "dd_km",
            "n",
            "sec_kwh_per_km",
            "ef_elect_kg_per_kwh",
            "tdl",
        ),
        optional={**_FUEL, "le_t": "0"},
        outputs=("be_t", "ef_pj_t_per_km", "pe_t", "er_t"),
    ),
    "amsiiic.case2": Operation(
        compute=lambda i: ams_iii_c_v16.case_by_energy(
            i["ef_bl_g_per_km"], i["ec_kwh"], i["sec_kwh_per_km"], _eq6(i), i["le_t"]
        )._asdict(),
        required=("ef_bl_g_per_km", "ec_kwh", "sec_kwh_per_km", "ef_elect_kg_per_kwh", "tdl"),
        optional={**_FUEL, "le_t": "0"},
        outputs=("be_t", "pe_t", "er_t"),
    ),
    "amsiiic.trips": Operation(
        compute=lambda i: ams_iii_c_v16.metered_trips(**i)._asdict(),
        required=("ef_bl_g_per_km", "distance_km", "energy_kwh", "ef_elect_kg_per_kwh", "tdl"),
        outputs=("be_t", "pe_t", "er_t"),
    ),
    "amsiiic.box1": Operation(
        compute=_box1,
        required=("bev_share_pct",),
        optional={"threshold_pct": ams_iii_c_v16.AUTOMATIC_ADDITIONALITY_PCT},
        outputs=("avg_bev_pct", "automatically_additional"),
        sums=("bev_share_pct",),
    ),
    "amsiiic.fleet_size": Operation(
        compute=lambda i: {"n": ams_iii_c_v16.fleet_size(i["sold"], i["factor"], _year(i["year"]))},
        required=("sold", "factor", "year"),
        outputs=("n",),
    ),
    "vm0038.eq1": Operation(
        compute=lambda i: {"be_t": _vm0038_eq1(i)},
        required=("ed_kwh", "ef_t_per_gal", "ir", "year", "afec_kwh_per_100mi", "mpg"),
        outputs=("be_t",),
    ),
    "vm0038.eq4": Operation(
        compute=lambda i: {"pe_t": vm0038_v1.eq4_project_t(**i)},
        required=("ec_kwh", "ef_t_per_kwh"),
        outputs=("pe_t",),
        sums=("ec_kwh", "ef_t_per_kwh"),
    ),
    "vm0038.eq10": Operation(
        compute=lambda i: {"er_t": vm0038_v1.eq10_reduction_t(**i)},
        required=("be_t", "pe_t", "le_t", "d"),
        outputs=("er_t",),
    ),
    "vm0038.eq11": Operation(
        compute=lambda i: {"d": vm0038_v1.eq11_discount(**i)},
        required=("erc", "erf"),
        outputs=("d",),
    ),
    "vm0038.case": Operation(
        compute=_vm0038_case,
        required=(
            "ed_kwh",
            "ef_t_per_gal",
            "ir",
            "year",
            "afec_kwh_per_100mi",
            "mpg",
            "ef_kw_t_per_mwh",
            "charger_efficiency",
            "le_t",
            "d",
        ),
        outputs=("be_t", "ec_kwh", "pe_t", "er_t"),
    ),
    "lcfs.bc": Operation(
        compute=lambda i: lcfs_bc_v1.compliance_units(**i)._asdict(),
        required=("tci", "eer", "rci", "uci", "q", "ed"),
        outputs=("cu", "cu_rounded"),
    ),
    "lcfs.ca": Operation(
        compute=lambda i: {
            "credits_t": lcfs_ca_v1.credits_t(i["ci_std"], i["eer"], i["ci"], i["kwh"] * MJ_PER_KWH)
        },
        required=("ci_std", "eer", "ci", "kwh"),
        outputs=("credits_t",),
    ),
    "tool07.cm": Operation(
        compute=lambda i: {"cm": tool07_v7.combined_margin(**i)},
        required=("om", "bm", "w_om", "w_bm"),
        outputs=("cm",),
    ),
    "sample.proportion": Operation(
        compute=lambda i: _sample(sampling_v1.proportion_size(**i)),
        required=("population", "p", "z", "e"),
        outputs=("n_exact", "n"),
    ),
    "sample.mean": Operation(
        compute=lambda i: _sample(sampling_v1.mean_size(**i)),
        required=("population", "mean", "sd", "z", "e"),
        outputs=("n_exact", "n"),
    ),
}
