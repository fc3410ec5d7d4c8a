"""The methodology package: a programme, its factor rows and a code version, hashed as one.

The SHA-256 of the package's canonical JSON is the methodology id on the chain. Whoever holds the
bytes can recompute every gram; docs/reference/methodology-package.md describes the document.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from carbonbank.domain.factor import Factor, FactorState, hours_of_document
from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.errors import (
    CarbonBankError,
    FactorsUnusable,
    MethodUnknown,
    PackageInvalid,
    VehicleNotEligible,
)
from carbonbank.mrv.declared import Declared, Evidenced, parts_of
from carbonbank.mrv.electric_programme import (
    ElectricProgramme,
    ElectricProject,
    HybridProject,
    ProjectFuel,
    SecProject,
)
from carbonbank.mrv.grid_choice import choose_grid
from carbonbank.mrv.programme import METHODS, parse_programme, rules_document, rules_of
from carbonbank.mrv.programme_base import Programme

FORMAT = "carbonbank-methodology/1"

EQUATIONS: Mapping[str, Mapping[str, str]] = {
    "ams_iii_c_v16": {
        "baseline_factor": "eq3_baseline_factor_g_per_km",
        "project_factor": "eq6_project_factor_t_per_km",
        "baseline": "eq1_baseline_by_distance_t",
        "project": (
            "eq5_project_by_energy_t, or eq4_project_by_distance_t with a declared consumption"
        ),
        "reduction": "eq7_reduction_t",
    },
    "vm0038_v1": {
        "baseline": "eq1_baseline_t",
        "project": "eq4_project_t",
        "reduction": "eq10_reduction_t",
        "discount": "eq11_discount",
    },
    "lcfs_bc_v1": {"units": "compliance_units"},
    "lcfs_ca_v1": {"units": "credits_t"},
    "shared_transport_v1": {
        "person_km": "substituted_person_km",
        "baseline": "baseline_g",
        "project": "eq6_project_factor_t_per_km",
        "reduction": "reduction_g",
    },
}
# Approach 2 of AMS-III.C reckons the distance from what was charged.
BY_ENERGY = {"baseline": "eq2_baseline_by_energy_t", "project": "eq5_project_by_energy_t"}

_DENSITY = {"kg/L": Fraction(1)}  # kg/L
_NCV = {"TJ/Gg (= MJ/kg)": Fraction(1000), "MJ/kg (net)": Fraction(1000)}  # J/g
_EMISSIONS = {"kgCO2/TJ(NCV)": Fraction(1, 10**9)}  # g/J
_INTENSITY = {"gCO2e/MJ": Fraction(1)}
_GRID = {  # kg/kWh
    "gCO2/kWh": Fraction(1, 1000),
    "gCO2e/kWh": Fraction(1, 1000),
    "kgCO2/kWh": Fraction(1),
    "kgCO2e/kWh": Fraction(1),
}

# What each role accepts: the unit as its table writes it -> factor to the equation's own unit.
ROLE_UNITS: Mapping[str, Mapping[str, Fraction]] = {
    "fuel_density": _DENSITY,
    "net_calorific_value": _NCV,
    "emission_factor": _EMISSIONS,
    "grid": _GRID,
    "grid_hours": _GRID,
    "project_fuel_density": _DENSITY,
    "project_net_calorific_value": _NCV,
    "project_emission_factor": _EMISSIONS,
    "electricity_consumption": {"kWh/100 mi": Fraction(1)},
    "mileage": {"mi/US gal": Fraction(1)},
    "fuel_emission_factor": {"tCO2/US gal": Fraction(1)},
    "target_intensity": _INTENSITY,
    "carbon_intensity": _INTENSITY,
    "energy_economy_ratio": {"-": Fraction(1)},
    "energy_density": {"MJ/kWh": Fraction(1)},
}


@dataclass(frozen=True)
class MethodologyPackage:
    """A package as hashed: `document` is its JSON value, `canonical` its RFC 8785 bytes."""

    document: dict[str, Any]

    @cached_property
    def canonical(self) -> bytes:
        """The bytes that are stored, signed for and shipped."""
        return canonical_json(self.document)

    @cached_property
    def methodology_id(self) -> bytes:
        """SHA-256 of the canonical bytes: the methodology's id on the chain."""
        return sha256(self.canonical)

    @cached_property
    def programme(self) -> Programme:
        """The programme inside."""
        return parse_programme(self.document["programme"])

    def factor(self, role: str) -> Fraction:
        """Return a factor in its equation's own unit (see `ROLE_UNITS`), exactly."""
        return Fraction(self.document["factors"][role]["value"]) * self.scale(role)

    def scale(self, role: str) -> Fraction:
        """Return what a factor's own unit is in its equation's unit."""
        return ROLE_UNITS[role][self.document["factors"][role]["unit"]]


def build_package(programme: Programme, factors: Mapping[str, Factor]) -> MethodologyPackage:
    """Join a programme with the factor rows it names.

    Raises:
        FactorsUnusable: with every factor that is missing, in another unit or of another value.
        NoFactorFits: the library has no grid factor that the programme's choice asks for.
    """
    problems: list[str] = []
    rows: dict[str, dict[str, Any]] = {}
    for role, factor_id in _factor_ids(programme).items():
        factor = factors.get(factor_id)
        if factor is None:
            problems.append(f"{role}: {factor_id} is unknown")
            continue
        rows[role] = _row(factor, factors)
        if misfit := _misfit(programme, role, factor):
            problems.append(f"{role}: {misfit}")
    problems += _not_chosen(programme, factors)
    problems += _of_two_regions(rows)
    if problems:
        raise FactorsUnusable(
            programme=programme.handle, count=len(problems), problems="; ".join(problems)
        )
    return MethodologyPackage(
        {
            "format": FORMAT,
            "code": {"method": programme.method, "version": METHODS[programme.method]},
            "class_label": programme.class_label,
            "demo": programme.demo,
            "equations": _equations(programme),
            "programme": programme.document,
            "factors": rows,
            "rules": rules_document(rules_of(programme)),
            "shares_bps": programme.shares_bps.model_dump(),
        }
    )


def parse_package(content: bytes) -> MethodologyPackage:
    """Read a package back from its canonical bytes; the same bytes give the same id.

    Raises:
        PackageInvalid: the bytes are no package, or not in their canonical form.
        MethodUnknown: the package is for a method version that this release does not carry.
    """
    try:
        document = json.loads(content)
        package = MethodologyPackage(document)
        if package.canonical != content:
            raise PackageInvalid(reason="the bytes are not in canonical form (RFC 8785)")
        if document["format"] != FORMAT:
            raise PackageInvalid(reason=f"its format is {document['format']}, not {FORMAT}")
        code = document["code"]
        if METHODS.get(code["method"]) != code["version"]:
            raise MethodUnknown(method=str(code["method"]), version=str(code["version"]))
        for role in _factor_ids(package.programme):
            _check_row(role, document["factors"][role])
    except CarbonBankError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PackageInvalid(reason=f"{type(error).__name__}: {error}") from error
    return package


def issuable(package: MethodologyPackage, *, embedded: bool) -> list[str]:
    """Return why the bank may not issue under a package on this chain; empty where it may.

    Factors must be primary or concordant, or derived from such alone; declared values need
    evidence. A demo programme may also use single copies and values without evidence, and may
    issue on the embedded chain alone.
    """
    programme = package.programme
    reasons = [programme.NEVER_ISSUED] if programme.NEVER_ISSUED else []
    if programme.demo and not embedded:
        reasons.append("a DEMO programme issues on the embedded chain alone")
    relaxed = programme.demo and embedded
    good = {FactorState.PRIMARY, FactorState.CONCORDANT} | (
        {FactorState.SINGLE_COPY} if relaxed else set()
    )
    for role, row in sorted(package.document["factors"].items()):
        state = row["state"]
        if state == FactorState.DERIVED:
            parents = row["derived_from"]
            bad = [f"{p['factor_id']} ({p['state']})" for p in parents if p["state"] not in good]
            if bad or not parents:
                origin = ", ".join(bad) or "rows that are not named"
                reasons.append(f"factor {role} {row['factor_id']} is derived from {origin}")
        elif state not in good:
            reasons.append(f"factor {role} {row['factor_id']} is {state}")
    if not relaxed:
        reasons += [
            f"{'declared value ' if isinstance(part, Declared) else ''}{place} has no evidence"
            for place, part in parts_of(programme)
            if isinstance(part, Evidenced) and not part.has_evidence
        ]
        reasons += [f"{place} is missing" for place in _missing(programme)]
    return reasons


def check_eligible(
    package: MethodologyPackage,
    *,
    powertrain: str,
    category: str,
    vehicle_id: str,
    has_energy: bool,
) -> None:
    """Hold a vehicle against the programme's conditions (AMS-III.C, applicability).

    `has_energy` says whether its trips carry the energy the programme measures with.

    Raises:
        VehicleNotEligible: with every reason at once.
    """
    programme = package.programme
    conditions = programme.eligibility
    reasons = []
    if powertrain not in conditions.powertrains and not conditions.assumed_electric:
        wanted = " or ".join(conditions.powertrains).replace("battery_electric", "electric")
        reasons.append(f"its powertrain {powertrain} is not {wanted}")
    if category not in conditions.categories:
        reasons.append(f"its category {category} is none of {', '.join(conditions.categories)}")
    if not has_energy and not isinstance(programme.project, SecProject | HybridProject):
        reasons.append(f"its trips have no {programme.project.energy_source} energy")
    if reasons:
        raise VehicleNotEligible(
            vehicle_id=vehicle_id, programme=programme.handle, reason="; ".join(reasons)
        )


def _factor_ids(programme: Programme) -> dict[str, str]:
    """Role -> factor id; declared values that quote a factor have their place as role."""
    quoted = {k: v.factor for k, v in programme.declared.items() if v.factor is not None}
    return programme.factor_roles | quoted


def _not_chosen(programme: Programme, factors: Mapping[str, Factor]) -> list[str]:
    """Say where the grid factor is another than the programme's own choice gives."""
    project = programme.project
    if not isinstance(project, ElectricProject) or project.grid_choice is None:
        return []
    asked = project.grid_choice
    chosen = choose_grid(factors, region=asked.region, year=asked.year, margin=asked.margin)
    if chosen.factor_id == project.grid_factor:
        return []
    return [f"grid: {project.grid_factor} is named, the choice gives {chosen.factor_id}"]


def _of_two_regions(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say where a grid's hours are those of another grid."""
    of_year, by_hour = rows.get("grid"), rows.get("grid_hours")
    if not of_year or not by_hour or of_year["region"] == by_hour["region"]:
        return []
    return [f"grid_hours: {by_hour['region']} is named, grid is {of_year['region']}"]


def _equations(programme: Programme) -> dict[str, str]:
    """Which equation serves which step, by name."""
    by_energy = BY_ENERGY if programme.project.energy_source == "charged" else {}
    return {**EQUATIONS[programme.method], **by_energy}


def _missing(programme: Programme) -> list[str]:
    """What a programme in earnest has on record, and this one has not."""
    places = [
        name for name in ("crediting_period", "monitoring") if getattr(programme, name) is None
    ]
    if isinstance(programme, ElectricProgramme):
        if programme.baseline.consumption_basis is None:
            places.append("baseline.consumption_basis")
        if programme.eligibility.comparisons is None:
            places.append("eligibility.comparisons")
    for place, part in [("project", programme.project), *parts_of(programme)]:
        is_assumed = hasattr(part, "specific_energy_consumption") or (
            isinstance(part, ProjectFuel) and part.source == "declared"
        )
        if is_assumed and getattr(part, "manufacturer_urban", None) is None:
            places.append(f"{place}.manufacturer_urban")
    return sorted(set(places))


def _misfit(programme: Programme, role: str, factor: Factor) -> str:
    if (factor.hours is not None) != (role == "grid_hours"):
        return f"{factor.factor_id} has {'no hours' if factor.hours is None else 'hours'}"
    if role in ROLE_UNITS:
        units = ROLE_UNITS[role]
        return (
            ""
            if factor.unit in units
            else (f"{factor.factor_id} is in {factor.unit}, not in {' or '.join(units)}")
        )
    declared = programme.declared[role]
    if (factor.unit, Fraction(factor.value)) == (declared.unit, declared.exact):
        return ""
    return (
        f"{factor.factor_id} is {factor.value} {factor.unit}, "
        f"declared is {declared.value} {declared.unit}"
    )


def _row(factor: Factor, factors: Mapping[str, Factor]) -> dict[str, Any]:
    row = asdict(factor)
    row["value"] = str(factor.value)
    row["state"] = factor.state.value
    row["derived_from"] = [
        {"factor_id": parent, "state": _state_of(parent, factors)} for parent in factor.derived_from
    ]
    del row["hours"]
    return row | ({"hours": factor.hours.document} if factor.hours is not None else {})


def _state_of(factor_id: str, factors: Mapping[str, Factor]) -> str:
    """The state of a parent row; a parent that is itself derived is not followed, so unverified."""
    parent = factors.get(factor_id)
    if parent is None or parent.state is FactorState.DERIVED:
        return FactorState.UNVERIFIED.value
    return parent.state.value


def _check_row(role: str, row: Mapping[str, Any]) -> None:
    value = Decimal(row["value"])
    if not value.is_finite() or row["state"] not in set(FactorState):
        message = f"factor {role} has value {row['value']} and state {row['state']}"
        raise ValueError(message)
    if role in ROLE_UNITS and row["unit"] not in ROLE_UNITS[role]:
        message = f"factor {role} is in {row['unit']}"
        raise ValueError(message)
    if role == "grid_hours" and value != max(hours_of_document(row["hours"]).told):
        message = f"factor {role} is {row['value']}, which is not the largest of its hours"
        raise ValueError(message)
