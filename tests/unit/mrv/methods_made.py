"""Programmes of every method as JSON values, and their grams written out by hand.

`BY_HAND` gives (baseline, project) in grams per km, kWh, litre and person-kilometre for 2021, two
years after the base year where there is one; nothing of the bank's is in it.
"""

from fractions import Fraction

from programmes_made import changed

PROOF = "none (DEMO)"
FUEL = {
    "fuel_density": "ghgp.density.gasoline",
    "net_calorific_value": "ipcc2006.ncv.gasoline",
    "emission_factor": "ipcc2006.ef.gasoline",
}
G_PER_L = Fraction("0.74") * Fraction("44.3") * 69_300 / 1000  # kg/L · MJ/kg · kg/TJ = mg/L
KM = Fraction("4.0") / 100 * G_PER_L * Fraction("0.99") ** 2
GRID = Fraction(729) / (1 - Fraction("0.137"))


def declared(value, unit):
    return {"value": value, "unit": unit, "evidence": PROOF}


ELECTRIC = {"grid_factor": "ifi2021.om.Morocco", "transmission_loss": declared("0.137", "1")}
METERED = {"fuel": {"source": "metered", **FUEL}}
BURNED = {
    "fuel": {
        "source": "declared",
        **FUEL,
        "specific_fuel_consumption": declared("2.31", "L/100km"),
    }
}
SEC = {"specific_energy_consumption": declared("0.0931", "kWh/km")}
SOC = {
    "charger_efficiency": declared("0.853", "1"),
    "usable_capacity": declared("6.10037", "kWh"),
}


def electric(source, project, carriers="battery_electric", **rest):
    return changed(
        "demo-morocco",
        base_year=2019,
        project={"energy_source": source, **project},
        eligibility__powertrains=[carriers],
        vehicles__powertrain=carriers,
        **rest,
    )


def of_method(method, baseline, project, **rest):
    return changed(
        "demo-morocco",
        method=method,
        baseline=baseline,
        project=project,
        **({"base_year": 2021} | rest),
    )


def charging(meter, **rest):
    baseline = {
        "vehicle": "US light duty",
        "electricity_consumption": "vm0038.afec.ldv-dcfc.us",
        "mileage": "vm0038.mpg.ldv-dcfc.us",
        "fuel_emission_factor": "vm0038.ef.ldv-dcfc.us",
        "improvement_rate": declared("0.99", "1/year"),
    }
    project = {
        "energy_source": meter,
        "grid_factor": "ifi2021.om.United States",
        "charger_efficiency": declared("0.923", "1"),
        **rest,
    }
    return of_method("vm0038_v1", baseline, project, base_year=2019)


SHARED = {
    "modes": [
        {
            "name": "car",
            "share": declared("0.7", "1"),
            "emissions": declared("151.3", "g/(person km)"),
            "evidence": PROOF,
        },
        {
            "name": "bus",
            "share": declared("0.3", "1"),
            "emissions": declared("79.9", "g/(person km)"),
            "evidence": PROOF,
        },
    ],
    "detour": declared("1.27", "1"),
    "improvement_rate": declared("0.99", "1/year"),
}
BRITISH_COLUMBIA = {
    "target_intensity": "lcfs.target_ci.gasoline-category.2024",
    "energy_density": "lcfs.energy_density.electricity",
}
SUPPLY = {"energy_source": "grid", "energy_economy_ratio": "lcfs.eer.electricity-ldv-gasoline"}
CALIFORNIA = {
    "energy_source": "grid",
    "carbon_intensity": "lcfs.california.ca-grid-electricity-ci-2020",
    "energy_economy_ratio": "lcfs.california.eer-bev-phev-vs-gasoline",
}
DELIVERED = 8800 * 100 * Fraction("0.99") ** 2 / (Fraction("31.88") * Fraction("29.1"))
KEPT = Fraction(3, 7)  # D = 30 / (40 + 30)
CLAIMS = {"claims": {"charger": declared("30", "t"), "fleet": declared("40", "t")}}

PROGRAMMES = {
    "charged": electric("charged", ELECTRIC | SEC),
    "plug-in, metered": electric("grid", ELECTRIC | METERED, "plug_in_hybrid"),
    "plug-in, declared": electric("soc", ELECTRIC | SOC | BURNED, "plug_in_hybrid"),
    "plug-in, charged": electric("charged", ELECTRIC | SEC | BURNED, "plug_in_hybrid"),
    "plug-in, assumed": electric("sec", ELECTRIC | SEC | METERED, "plug_in_hybrid"),
    "hybrid, metered": electric("none", METERED, "hybrid"),
    "hybrid, declared": electric("none", BURNED, "hybrid"),
    "charger, drawn": charging("grid", **CLAIMS),
    "charger, delivered": charging("battery"),
    "British Columbia": of_method(
        "lcfs_bc_v1",
        BRITISH_COLUMBIA,
        SUPPLY
        | {
            "carbon_intensity": "lcfs.default_ci.electricity",
            "use_intensity": declared("0.5", "gCO2e/MJ"),
        },
    ),
    "California": of_method("lcfs_ca_v1", {"benchmark": declared("89.37", "gCO2e/MJ")}, CALIFORNIA),
    "shared bus": of_method(
        "shared_transport_v1", SHARED, {"energy_source": "grid", **ELECTRIC}, base_year=2019
    ),
    "shared car": of_method(
        "shared_transport_v1", SHARED, {"energy_source": "none", **METERED}, base_year=2019
    ),
}
SUBSTITUTED = (
    (Fraction("0.7") * Fraction("151.3") + Fraction("0.3") * Fraction("79.9"))
    / Fraction("1.27")
    * Fraction("0.99") ** 2
)
# name -> baseline and project, each per (km, kWh of its source, litre, person-km)
BY_HAND = {
    "charged": ((0, KM / Fraction("0.0931"), 0, 0), (0, GRID, 0, 0)),
    "plug-in, metered": ((KM, 0, 0, 0), (0, GRID, G_PER_L, 0)),
    "plug-in, declared": (
        (KM, 0, 0, 0),
        (G_PER_L * Fraction("0.0231"), GRID / Fraction("0.853"), 0, 0),
    ),
    "plug-in, charged": (
        (0, KM / Fraction("0.0931"), 0, 0),
        (0, GRID + G_PER_L * Fraction("0.0231") / Fraction("0.0931"), 0, 0),
    ),
    "plug-in, assumed": ((KM, 0, 0, 0), (GRID * Fraction("0.0931"), 0, G_PER_L, 0)),
    "hybrid, metered": ((KM, 0, 0, 0), (0, 0, G_PER_L, 0)),
    "hybrid, declared": ((KM, 0, 0, 0), (G_PER_L * Fraction("0.0231"), 0, 0, 0)),
    "charger, drawn": (
        (0, DELIVERED * Fraction("0.923") * KEPT, 0, 0),
        (0, 416 * KEPT, 0, 0),
    ),
    "charger, delivered": ((0, DELIVERED, 0, 0), (0, 416 / Fraction("0.923"), 0, 0)),
    "British Columbia": (
        (0, Fraction("78.68") * Fraction("3.5") * Fraction("3.6"), 0, 0),
        (0, Fraction("12.64") * Fraction("3.6"), 0, 0),
    ),
    "California": (
        (0, Fraction("89.37") * Fraction("3.4") * Fraction("3.6"), 0, 0),
        (0, Fraction("82.92") * Fraction("3.6"), 0, 0),
    ),
    "shared bus": ((0, 0, 0, SUBSTITUTED), (0, GRID, 0, 0)),
    "shared car": ((0, 0, 0, SUBSTITUTED), (0, 0, G_PER_L, 0)),
}
