"""Charging sessions of two cars, the programmes that measure by them, and packages over them."""

import json
from dataclasses import replace
from typing import Any

from carbonbank.audit.package import Package, open_archive
from carbonbank.audit.trees import rfc9162_root
from carbonbank.domain.factor import Factor
from carbonbank.service.export_package import export_package
from carbonbank.service.import_charges import import_charges
from carbonbank.service.map_columns import assign_token
from tests.stage import FLEET, Change, Stage, bank_on_fakes, trip
from tests.unit.audit.worked_out import jcs, sha

# Of car-1: 2.5 kWh in the last night of May, when it had no trips, 7.5 kWh in June.
SESSIONS = [
    ("1", "car-1", "2024-05-31T22:00:00Z", "2024-06-01T01:00:00Z", 2.5),
    ("2", "car-1", "2024-06-03T20:00:00Z", "2024-06-03T23:00:00Z", 7.5),
    ("3", "car-2", "2024-06-10T10:00:00Z", "2024-06-10T11:30:00Z", 4),
]
TRIPS = [
    trip(),  # 15 km
    trip("2024-06-04T08:00:00", distance_m=45_000, minutes=60),
    trip("2024-06-05T08:00:00", vehicle_id="car-2", driver_id="ben"),
]


def cdr(session: tuple[str, str, str, str, float]) -> dict[str, Any]:
    number, vehicle_id, start, end, kwh = session
    return {
        "country_code": "BE", "party_id": "BEC", "id": number, "start_date_time": start,
        "end_date_time": end, "cdr_token": {"uid": vehicle_id}, "total_energy": kwh,
    }  # fmt: skip


def by_charges(document: dict[str, Any]) -> None:
    project = document["project"]
    document["project"] = {
        "energy_source": "grid",
        "metered_by": "charging_records",
        "grid_factor": project["grid_factor"],
        "transmission_loss": project["transmission_loss"],
    }


def by_approach_2(document: dict[str, Any]) -> None:
    by_charges(document)
    document["project"]["energy_source"] = "charged"
    document["project"]["specific_energy_consumption"] = {
        "value": "0.2", "unit": "kWh/km", "evidence": "none (DEMO)",
    }  # fmt: skip


def sealed(
    change: Change = by_charges, trips: Any = TRIPS, factors: dict[str, Factor] | None = None
) -> tuple[Stage, str]:
    """A batch on fakes whose energy is of `SESSIONS`; `factors` are more than those that ship."""
    bank = bank_on_fakes()
    stage = Stage(change=change, bank=replace(bank, factors={**bank.factors, **(factors or {})}))
    for vehicle in ("car-1", "car-2"):
        assign_token(stage.bank, fleet=FLEET, token=vehicle, vehicle_id=vehicle)
    data = json.dumps([cdr(one) for one in SESSIONS]).encode()
    import_charges(stage.bank, fleet=FLEET, filename="cdrs.json", data=data)
    return stage, stage.sealed(trips).batch_id


def files_of(change: Change = by_charges, trips: Any = TRIPS, **rest: Any) -> dict[str, bytes]:
    stage, batch = sealed(change, trips, **rest)
    return open_archive(export_package(stage.bank, batch))


def lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


def relaid(files: dict[str, bytes], charges: list[Any]) -> Package:
    """The package over other sessions, with a report that commits to them all the same."""
    hashes = [sha(bytes.fromhex(c["salt"][2:]) + jcs(c["record"])) for c in charges]
    report = json.loads(files["report.json"])
    report["charges"] = {"sessions": len(charges), "root": "0x" + rfc9162_root(hashes).hex()}
    told = b"".join(jcs(one) + b"\n" for one in charges)
    return Package(files | {"charges.ndjson": told, "report.json": jcs(report)})
