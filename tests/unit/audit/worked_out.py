"""A tiny package made without the bank: four trips, every number of it worked out on paper.

Baseline 4.0 L/100km · 0.74 kg/L · 44.3 MJ/kg · 69300 kg/TJ · 1e-5 = 90.871704 g/km, 90871704 µg/km.
Project 547 g/kWh / (1 − 0.20) / 0.85 = 804.41176… g/kWh, up to 804411765 µg/kWh. Capacity 6100 Wh.

| trip | vehicle | driver | m | SoC drop bps | Wh (up) | baseline ng | project ng | g (down) |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 0 | car-a (3) | ann | 10000 | 1000 | 610 | 908717040000 | 490691176650 | 418 |
| 1 | car-a (3) | ben | 1000 | 300 | 183 | 90871704000 | 147207352995 | -57 |
| 2 | car-a (3) | ben | 5000 | 100 | 61 | 454358520000 | 49069117665 | 405 |
| 3 | car-b (260) | – | 20000 | 1001 | 611 | 1817434080000 | 491495588415 | 1325 |

Total 2091 g; buffer ceil(209.1) = 210; pool floor(1254.6) = 1254; Σp = 418 + 348 + 1325 = 2091;
ann floor(250.68) = 250, ben floor(208.70) = 208; operator 2091 − 210 − 458 = 1423.
"""

import hashlib
import json

from eth_account import Account
from eth_utils import to_checksum_address

VERIFIER = Account.from_key("0x" + "11" * 32)
STRANGER = Account.from_key("0x" + "22" * 32)
ANN, BEN = (to_checksum_address("0x" + c * 40) for c in "ab")
CONTRACT = to_checksum_address("0x" + "cd" * 20)
OPERATOR = to_checksum_address("0x" + "0e" * 20)
GRAMS = [418, -57, 405, 1325]
BASELINE_NG = [908717040000, 90871704000, 454358520000, 1817434080000]
PROJECT_NG = [490691176650, 147207352995, 49069117665, 491495588415]
WH = [610, 183, 61, 611]
INDEX = {"car-a": 3, "car-b": 260}
MONTH = 2021 * 12 + 2
COLUMNS = (
    "odometer_start_m",
    "odometer_end_m",
    "energy_grid_wh",
    "energy_battery_wh",
    "fuel_ml",
    "start_cell",
    "end_cell",
    "passengers",
)


def jcs(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(data):
    return hashlib.sha256(data).digest()


def record(vehicle, driver, start, end, metres, soc, number):
    return dict.fromkeys(COLUMNS) | {
        "vehicle_id": vehicle,
        "driver_id": driver,
        "start_at": f"2021-03-{start}Z",
        "end_at": f"2021-03-{end}Z",
        "distance_m": metres,
        "distance_source": "wheel",
        "soc_start_bps": soc[0],
        "soc_end_bps": soc[1],
        "source": "by hand",
        "source_record_id": f"r{number}",
    }


RECORDS = [
    record("car-a", "ann", "01T08:00:00", "01T08:20:00", 10000, (9000, 8000), 0),
    # 45 s inside the trip before: its leaf starts at 08:20:00.
    record("car-a", "ben", "01T08:19:15", "01T08:30:00", 1000, (8000, 7700), 1),
    record("car-a", "ben", "02T08:00:00", "02T08:10:00", 5000, (7700, 7600), 2),
    record("car-b", None, "31T23:50:00", "31T23:59:59", 20000, (5001, 4000), 3),
]
# date -u -d 2021-03-01T08:00:00 +%s and so on
STARTS = [1614585600, 1614586800, 1614672000, 1617234600]
ENDS = [1614586800, 1614587400, 1614672600, 1617235199]


def declared(value, unit):
    return {"value": value, "unit": unit, "evidence": "none (DEMO)", "factor": None}


def factor(value, unit):
    return {"factor_id": "f", "value": value, "unit": unit, "state": "single_copy"}


PACKAGE = {
    "format": "carbonbank-methodology/1",
    "code": {"method": "ams_iii_c_v16", "version": "1"},
    "class_label": "AMS-III.C/16",
    "demo": True,
    "programme": {
        "handle": "by-hand",
        "demo": True,
        "retroactive": True,
        "fleet": {"handle": "fleet-x", "title": "X"},
        "base_year": 2021,
        "eligibility": {
            "powertrains": ["battery_electric"],
            "comparability": declared("20", "percent"),
            "additionality": {"route": "barrier_analysis", "evidence": "by hand"},
        },
        "baseline": {
            "specific_fuel_consumption": declared("4.0", "L/100km"),
            "improvement_rate": declared("0.99", "1/year"),
        },
        "project": {
            "energy_source": "soc",
            "transmission_loss": declared("0.20", "1"),
            "charger_efficiency": declared("0.85", "1"),
            "usable_capacity": declared("6.1", "kWh"),
        },
        "shares_bps": {"drivers": 6000, "buffer": 1000},
        "discounts": [],
    },
    "factors": {
        "fuel_density": factor("0.74", "kg/L"),
        "net_calorific_value": factor("44.3", "TJ/Gg (= MJ/kg)"),
        "emission_factor": factor("69300", "kgCO2/TJ(NCV)"),
        "grid": factor("547", "gCO2/kWh"),
    },
    "shares_bps": {"drivers": 6000, "buffer": 1000},
}
COEFFICIENTS = {
    "year": 2021,
    "baseline_ug_per_km": 90871704,
    "project_ug_per_km": 0,
    "project_ug_per_kwh": 804411765,
    "capacity_wh": 6100,
}
# Exact: 90.871704 · 16 km - 547/0.68 · 6.1 kWh · 0.14, and · 20 km - … · 0.1001, in grams to 30
# places (bc -l).
EXACT_G = {
    "car-a": "766.979616941176470588235294117647",
    "car-b": "1326.252212352941176470588235294117",
}
