"""Steps 1 to 4: import real trips, tell what was wrong with them, quantify, close and seal."""

from collections import Counter

from carbonbank.demo.scenario import DemoFleet, programme_file, programme_handle, trip_files
from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.telling import counted, point, short, table
from carbonbank.domain.records import StoredIssue, StoredTrip, VehicleMonth
from carbonbank.errors import VehicleNotEligible
from carbonbank.service.bank import Bank
from carbonbank.service.certify_methodology import certify_methodology
from carbonbank.service.close_month import close_month
from carbonbank.service.enrol_vehicle import enrol_vehicle
from carbonbank.service.import_trips import import_trips
from carbonbank.service.open_account import open_account
from carbonbank.service.preview_month import preview_month
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from carbonbank.service.seal_batch import seal_batch
from carbonbank.units import month_from_label, month_label


def import_real_trips(stage: Stage) -> Facts:
    """Step 1: enrol fleets, vehicles and drivers, and import every file."""
    facts: Facts = {}
    for fleet in stage.scenario.fleets:
        enrol_fleet(stage.bank, fleet)
        facts[fleet.handle] = _import(stage, fleet)
    table(
        stage.say,
        [
            (
                fleet.title,
                counted(len(fleet.vehicles), "vehicle"),
                counted(facts[fleet.handle]["files"], "file"),
                facts[fleet.handle]["rows"],
                "rows",
                facts[fleet.handle]["trips"],
                "trips",
            )
            for fleet in stage.scenario.fleets
        ],
    )
    for fleet in stage.scenario.fleets:
        refused = facts[fleet.handle]["refused"]
        if refused:
            point(stage.say, f"{fleet.handle} as it is, petrol and all: refused. {refused}")
            point(
                stage.say,
                f"So it runs under {programme_handle(fleet.programme)}: the same trips, "
                "assumed electric, and marked so.",
            )
    return {"fleets": facts}


def enrol_fleet(bank: Bank, fleet: DemoFleet) -> None:
    """Open the accounts, register fleet and programmes, certify the one in use, enrol vehicles."""
    open_account(bank, handle=fleet.operator, kind="operator", person=f"invented {fleet.operator}")
    register_fleet(bank, handle=fleet.handle, title=fleet.title, operator=fleet.operator)
    for name in filter(None, (fleet.refused_first, fleet.programme)):
        register_programme(bank, content=programme_file(name))
    certify_methodology(bank, programme_handle(fleet.programme))
    for vehicle in fleet.vehicles:
        open_account(
            bank, handle=vehicle.driver, kind="driver", person=vehicle.driver, fleet=fleet.handle
        )
        enrol_vehicle(
            bank,
            fleet=fleet.handle,
            vehicle_id=vehicle.vehicle_id,
            vin=vehicle.vin,
            category=fleet.category,
            powertrain=fleet.powertrain,
            from_month=month_from_label(fleet.from_month),
        )


def _import(stage: Stage, fleet: DemoFleet) -> Facts:
    files = trip_files(fleet)
    refusal = _offer_and_be_refused(stage, fleet) if fleet.refused_first else None
    trips = rows = 0
    for file in files:
        imported = import_trips(
            stage.bank,
            fleet=fleet.handle,
            programme=programme_handle(fleet.programme),
            filename=file.name,
            data=file.read_bytes(),
        )
        trips += imported.upload.trips_accepted
        rows += imported.upload.rows_read
    with stage.bank.store.read() as records:
        kept = records.count(StoredTrip, fleet=fleet.handle)
    return {
        "vehicles": len(fleet.vehicles),
        "files": len(files),
        "rows": rows,
        "trips": kept,
        "trips_accepted": trips,
        "refused": refusal,
    }


def _offer_and_be_refused(stage: Stage, fleet: DemoFleet) -> str | None:
    assert fleet.refused_first is not None
    file = trip_files(fleet)[0]
    try:
        import_trips(
            stage.bank,
            fleet=fleet.handle,
            programme=programme_handle(fleet.refused_first),
            filename=file.name,
            data=file.read_bytes(),
            dry_run=True,
        )
    except VehicleNotEligible as refusal:
        return f"{refusal.code}: {refusal}"
    return None


def tell_issues(stage: Stage) -> Facts:
    """Step 2: what was dropped, mended, quarantined, and by which rule."""
    facts: Facts = {}
    rows: list[tuple[str | int, ...]] = []
    for fleet in stage.scenario.fleets:
        with stage.bank.store.read() as records:
            issues = records.find(StoredIssue, fleet=fleet.handle)
            states = Counter(t.state for t in records.find(StoredTrip, fleet=fleet.handle))
        counts = Counter((issue.severity, issue.code) for issue in issues)
        for (severity, code), count in sorted(counts.items()):
            first = next(i for i in issues if (i.severity, i.code) == (severity, code))
            rows.append((fleet.handle, count, severity, code, first.value))
        rows += [
            (fleet.handle, states[state], state, "trips", "")
            for state in ("accepted", "quarantined")
        ]
        facts[fleet.handle] = {
            "issues": {f"{severity}/{code}": n for (severity, code), n in sorted(counts.items())},
            "trips": dict(states),
        }
    table(stage.say, rows)
    return facts


def quantify_months(stage: Stage) -> Facts:
    """Step 3: grams per month."""
    facts: Facts = {}
    rows: list[tuple[str | int, ...]] = []
    for fleet in stage.scenario.fleets:
        facts[fleet.handle] = {}
        for month in _months(stage, fleet):
            seen = preview_month(
                stage.bank,
                fleet=fleet.handle,
                programme=programme_handle(fleet.programme),
                month=month,
            )
            facts[fleet.handle][seen.month] = {
                "vehicles": len(seen.vehicles),
                "trips": sum(v.trips_accepted for v in seen.vehicles),
                "distance_m": sum(v.distance_m for v in seen.vehicles),
                "reduction_g": seen.reduction_g,
            }
        for label, told in facts[fleet.handle].items():
            rows.append((fleet.handle, label, *_told(told)))
        months = facts[fleet.handle].values()
        whole = {name: sum(one[name] for one in months) for name in ("trips", "distance_m")}
        whole["reduction_g"] = sum(one["reduction_g"] for one in months)
        rows.append((fleet.handle, "all", *_told(whole)))
    table(stage.say, rows)
    return facts


def _told(month: Facts) -> tuple[str | int, ...]:
    return (month["trips"], "trips", month["distance_m"], "m", month["reduction_g"], "g saved")


def close_and_seal(stage: Stage) -> Facts:
    """Step 4: close every vehicle-month and seal one batch a month."""
    batches = []
    rows: list[tuple[str | int, ...]] = []
    for fleet in stage.scenario.fleets:
        for month in _months(stage, fleet):
            close_month(stage.bank, fleet=fleet.handle, month=month)
            sealed = seal_batch(
                stage.bank,
                fleet=fleet.handle,
                programme=programme_handle(fleet.programme),
                month=month,
                verifier=stage.verifier_address,
            )
            batches.append(sealed.batch_id)
            rows.append(
                (
                    fleet.handle,
                    month_label(month),
                    f"batch {short(sealed.batch_id)}",
                    counted(len(sealed.vehicles), "vehicle-month"),
                    sealed.total_g,
                    "g",
                )
            )
    table(stage.say, rows)
    with stage.bank.store.read() as records:
        months = [m for m in records.find(VehicleMonth) if m.batch_id is not None]
    point(stage.say, f"{len(batches)} batches, {len(months)} vehicle-months")
    return {"batches": batches, "vehicle_months": len(months)}


def _months(stage: Stage, fleet: DemoFleet) -> list[int]:
    with stage.bank.store.read() as records:
        return sorted({t.month for t in records.find(StoredTrip, fleet=fleet.handle)})
