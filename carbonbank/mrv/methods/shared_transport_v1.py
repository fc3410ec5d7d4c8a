"""Large buses and shared trips: substituted person-kilometres with a detour factor.

The form of CDM AMS-III.S, whose text was not to be had: these equations are the form alone, by no
paragraph number, and nothing is issued on them. Grams, kilometres, persons, kWh, litres. Frozen.
"""

from collections.abc import Sequence

from carbonbank.mrv.methods.number import Number, total

NAME = "shared_transport_v1"
VERSION = "1"


def substituted_person_km(persons: Number, distance_km: Number, detour: Number) -> Number:
    """Kilometres that the persons would have travelled: persons · distance / detour."""
    return persons * distance_km / detour


def mode_factor_g(shares: Sequence[Number], g_per_person_km: Sequence[Number]) -> Number:
    """Emissions of a substituted person-kilometre: Σ share · g/(person km)."""
    return total(share * g for share, g in zip(shares, g_per_person_km, strict=True))


def baseline_g(person_km: Number, mode_g: Number, ir: Number, t: int) -> Number:
    """Baseline emissions: person-kilometres · g/(person km) · IR^t."""
    return person_km * mode_g * ir**t


def electricity_g_per_kwh(grid_g_per_kwh: Number, tdl: Number) -> Number:
    """Emissions of a kWh at the charging point: grid / (1 − TDL)."""
    return grid_g_per_kwh / (1 - tdl)


def fuel_g_per_l(density_kg_per_l: Number, ncv_j_per_g: Number, ef_g_per_j: Number) -> Number:
    """Emissions of a litre: density · 1000 · NCV · EF."""
    return density_kg_per_l * 1000 * ncv_j_per_g * ef_g_per_j


def reduction_g(baseline: Number, project: Number) -> Number:
    """Baseline less project emissions."""
    return baseline - project
