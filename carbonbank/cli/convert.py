"""`carbonbank convert FILE`: a canonical file of any size to sealed batches, in bounded memory."""

import hmac
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from carbonbank.cli.opening import the_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.programme import load_package
from carbonbank.domain.documents import payouts_document
from carbonbank.domain.erasure import driver_subject, subject_of
from carbonbank.domain.records import Account, ErasableKey, Vehicle
from carbonbank.errors import ChargesNotConverted, DirectoryNotEmpty
from carbonbank.intake.bulk.convert import Converted, SealedMonth, TermsOf, convert
from carbonbank.intake.bulk.runners import threads
from carbonbank.mrv.bulk.terms import EnrolledVehicle, Terms
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.service.bank import Bank
from carbonbank.service.charged_energy import is_metered_by_charges
from carbonbank.service.judge_trips import package_of
from carbonbank.service.salt_key import salt_key
from carbonbank.units import month_label

SALT_FILE = "salt.secret"


@click.command("convert")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--programme", required=True, help="Programme file; with --fleet a handle.")
@click.option("--fleet", help="A fleet of the bank: its vehicles, accounts and salt keys.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New directory.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; one a core without it.")
@json_option
def convert_command(
    file: Path, *, programme: str, fleet: str | None, out: Path, workers: int | None, as_json: bool
) -> None:
    """Convert canonical CSV FILE to sealed batches in the directory OUT, whatever its size.

    Trips, issues, leaf files and payout trees are written there; the books of the bank stay as
    they are. Without --fleet all vehicles of FILE take part, and salts hang on OUT/salt.secret.
    """
    if (out / "trips").exists():
        raise DirectoryNotEmpty(directory=str(out), found="trips")
    out.mkdir(parents=True, exist_ok=True)
    if fleet is None:
        package = _trips_alone(load_package(Path(programme)))
        done = _run(file, out, _terms_of_file(package, _salt_secret(out)), {}, workers)
    else:
        with the_bank() as bank:
            accounts = _accounts(bank, fleet)
            done = _run(file, out, _terms_of_fleet(bank, fleet, programme), accounts, workers)
    for batch in done.months:
        path = out / f"payouts-{month_label(batch.month)}.json"
        path.write_bytes(payouts_document(batch.payouts))
    facts = _facts(done)
    (out / "batches.json").write_text(json.dumps(facts, indent=1) + "\n")
    show(facts, as_json=as_json, line=_lines)


def _trips_alone(package: MethodologyPackage) -> MethodologyPackage:
    """Return a package whose energy a file of trips can tell.

    Raises:
        ChargesNotConverted: it measures by charging records.
    """
    if is_metered_by_charges(package):
        raise ChargesNotConverted(programme=package.programme.handle)
    return package


def _run(
    file: Path, out: Path, terms_of: TermsOf, accounts: dict[str, str], workers: int | None
) -> Converted:
    with threads(workers) as runner:
        return convert(file, out, terms_of=terms_of, accounts=accounts, runner=runner)


def _salt_secret(out: Path) -> bytes:
    """Return the secret that salts hang on; the same directory gives the same roots again."""
    path = out / SALT_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return bytes.fromhex(path.read_text())


def _terms_of_file(package: MethodologyPackage, secret: bytes) -> TermsOf:
    told = package.programme.vehicles
    fleet = package.programme.fleet.handle

    def terms_of(pairs: frozenset[tuple[str, str | None]]) -> Terms:
        vehicles = sorted({vehicle_id for vehicle_id, _ in pairs})
        return Terms(
            package=package.canonical,
            fleet=fleet,
            now_at=datetime.now(UTC),
            vehicles={
                vehicle_id: EnrolledVehicle(
                    index=index, powertrain=told.powertrain, category=told.category
                )
                for index, vehicle_id in enumerate(vehicles)
            },
            keys={
                subject: hmac.digest(secret, subject.encode(), "sha256")
                for pair in pairs
                for subject in [subject_of(fleet, *pair)]
            },
        )

    return terms_of


def _terms_of_fleet(bank: Bank, fleet: str, programme: str) -> TermsOf:
    def terms_of(pairs: frozenset[tuple[str, str | None]]) -> Terms:
        with bank.store.begin() as session:
            package = _trips_alone(package_of(session, fleet=fleet, programme=programme))
            vehicles = {v.vehicle_id: v for v in session.find(Vehicle, fleet=fleet)}
            known = [pair for pair in pairs if pair[0] in vehicles]
            erased = {
                driver_id
                for driver_id in {driver_id for _, driver_id in known if driver_id is not None}
                for key in [session.get(ErasableKey, driver_subject(fleet, driver_id))]
                if key is not None and not key.secret
            }
            subjects = {subject_of(fleet, v, None if d in erased else d) for v, d in known}
            keys = {
                subject: salt_key(bank, session, subject, demo=package.programme.demo)
                for subject in sorted(subjects)
            }
        return Terms(
            package=package.canonical,
            fleet=fleet,
            now_at=bank.clock.now_at(),
            vehicles={
                one.vehicle_id: EnrolledVehicle(
                    index=one.vehicle_index,
                    powertrain=one.powertrain,
                    category=one.category,
                    from_month=one.from_month,
                    until_month=one.until_month,
                )
                for one in vehicles.values()
                if one.vehicle_index is not None
            },
            keys=keys,
            erased=frozenset(erased),
        )

    return terms_of


def _accounts(bank: Bank, fleet: str) -> dict[str, str]:
    with bank.store.read() as session:
        opened = session.find(Account, fleet=fleet)
    return {one.handle: one.address for one in opened if one.kind == "driver"}


def _facts(done: Converted) -> dict[str, Any]:
    return {
        "file_hash": done.file_hash,
        "rows_read": done.rows_read,
        "issues": dict(sorted(done.codes.items())),
        "batches": [_batch(batch) for batch in done.months],
    }


def _batch(batch: SealedMonth) -> dict[str, Any]:
    return {
        "month": month_label(batch.month),
        "trips": batch.trips,
        "vehicles": len(batch.vehicles),
        "left_out": len(batch.left_out),
        "total_g": batch.total_g,
        "operator_g": batch.split.operator_g,
        "drivers_g": batch.split.drivers_g,
        "buffer_g": batch.split.buffer_g,
        "evidence_root": batch.evidence_root.hex(),
        "payout_root": batch.payouts.root.hex(),
    }


def _lines(facts: dict[str, Any]) -> str:
    lines = [f"read {facts['rows_read']} rows of file {facts['file_hash']}"]
    lines += [f"{count} × {code}" for code, count in facts["issues"].items()]
    for batch in facts["batches"]:
        lines.append(
            f"{batch['month']}: {batch['trips']} trips of {batch['vehicles']} vehicles,"
            f" {batch['left_out']} left out, {batch['total_g']} g"
        )
        lines.append(f"  evidence root {batch['evidence_root']}")
        lines.append(f"  payout root   {batch['payout_root']}")
    return "\n".join(lines)
