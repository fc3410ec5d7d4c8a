"""Steps 1 to 4: import real trips, tell what was wrong with them, quantify, close and seal."""

from collections import Counter

from carbonbank.demo.scenario import DemoFleet, programme_file, programme_handle, trip_files
from carbonbank.demo.stage import Facts, Stage
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
    facts: Facts = {"fleets": {}}
    for fleet in stage.scenario.fleets:
        enrol_fleet(stage.bank, stage.certifier, fleet)
        stage.say(f"{fleet.title}: {len(fleet.vehicles)} vehicle(s) enrolled, VINs invented")
        facts["fleets"][fleet.handle] = _import(stage, fleet)
    return facts


def enrol_fleet(bank: Bank, certifier: Bank, fleet: DemoFleet) -> None:
    """Open the accounts, register fleet and programmes, certify the one in use, enrol vehicles."""
    open_account(bank, handle=fleet.operator, kind="operator", person=f"invented {fleet.operator}")
    register_fleet(bank, handle=fleet.handle, title=fleet.title, operator=fleet.operator)
    for name in filter(None, (fleet.refused_first, fleet.programme)):
        register_programme(bank, content=programme_file(name))
    certify_methodology(certifier, programme_handle(fleet.programme))
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
    refusal = None
    if fleet.refused_first:
        refusal = _offer_and_be_refused(stage, fleet, fleet.refused_first)
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
        kept = records.find(StoredTrip, fleet=fleet.handle)
    stage.say(f"{fleet.title}: {len(files)} file(s), {rows} rows, {len(kept)} real trips")
    return {
        "files": len(files),
        "rows": rows,
        "trips": len(kept),
        "trips_accepted": trips,
        "refused": refusal,
    }


def _offer_and_be_refused(stage: Stage, fleet: DemoFleet, programme: str) -> str | None:
    file = trip_files(fleet)[0]
    try:
        import_trips(
            stage.bank,
            fleet=fleet.handle,
            programme=programme_handle(programme),
            filename=file.name,
            data=file.read_bytes(),
            dry_run=True,
        )
    except VehicleNotEligible as refusal:
        stage.say(f"{fleet.title}, offered as they are: refused, {refusal.code}: {refusal}")
        return refusal.code
    return None


def tell_issues(stage: Stage) -> Facts:
    """Step 2: what was dropped, mended, quarantined, and by which rule."""
    facts: Facts = {}
    for fleet in stage.scenario.fleets:
        with stage.bank.store.read() as records:
            issues = records.find(StoredIssue, fleet=fleet.handle)
            states = Counter(t.state for t in records.find(StoredTrip, fleet=fleet.handle))
        counts = Counter((issue.severity, issue.code) for issue in issues)
        for (severity, code), count in sorted(counts.items()):
            first = next(i for i in issues if (i.severity, i.code) == (severity, code))
            stage.say(f"{fleet.handle}: {count} {severity}, {code} (first: {first.value})")
        stage.say(f"{fleet.handle}: trips " + ", ".join(f"{n} {s}" for s, n in states.items()))
        facts[fleet.handle] = {
            "issues": {f"{severity}/{code}": n for (severity, code), n in sorted(counts.items())},
            "trips": dict(states),
        }
    return facts


def quantify_months(stage: Stage) -> Facts:
    """Step 3: grams per month, as whole grams and exactly."""
    facts: Facts = {}
    for fleet in stage.scenario.fleets:
        facts[fleet.handle] = {}
        for month in _months(stage, fleet):
            seen = preview_month(
                stage.bank,
                fleet=fleet.handle,
                programme=programme_handle(fleet.programme),
                month=month,
            )
            label = month_label(month)
            facts[fleet.handle][label] = seen.reduction_g
            stage.say(f"{fleet.handle} {label}: {seen.reduction_g} g")
    return facts


def close_and_seal(stage: Stage) -> Facts:
    """Step 4: close every vehicle-month and seal one batch a month."""
    batches = []
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
            stage.say(f"{fleet.handle} {month_label(month)}: batch {sealed.batch_id}")
    with stage.bank.store.read() as records:
        months = [m for m in records.find(VehicleMonth) if m.batch_id is not None]
    stage.say(f"{len(batches)} batches, {len(months)} vehicle-months")
    return {"batches": batches, "vehicle_months": len(months)}


def _months(stage: Stage, fleet: DemoFleet) -> list[int]:
    with stage.bank.store.read() as records:
        return sorted({t.month for t in records.find(StoredTrip, fleet=fleet.handle)})
