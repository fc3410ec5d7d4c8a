"""`carbonbank batch`: sealed, accepted from the verifier, issued, shown, handed out."""

import json
from pathlib import Path

import click

from carbonbank.bootstrap.deployment import read_deployment
from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.cli.files import read_file
from carbonbank.cli.opening import MONTH, tell, the_bank, whole_id
from carbonbank.cli.printing import json_option, show
from carbonbank.config import Settings
from carbonbank.errors import DeploymentMissing, DeskUnreadable, VerificationUnreadable
from carbonbank.service.batch_view import batch_view
from carbonbank.service.disclose_package import (
    package_for_anyone,
    package_for_auditor,
    package_for_driver,
)
from carbonbank.service.export_package import export_package
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.record_verification import record_verification
from carbonbank.service.seal_batch import seal_batch
from carbonbank.service.sync_chain import sync_chain


@click.command("seal")
@click.argument("fleet")
@click.argument("programme")
@click.argument("month", type=MONTH)
@click.option("--verifier", help="Address of who is to sign; the deployment's without it.")
@json_option
def seal(fleet: str, programme: str, month: int, *, verifier: str | None, as_json: bool) -> None:
    """Seal MONTH (YYYY-MM) of FLEET under PROGRAMME."""
    with the_bank() as bank:
        done = seal_batch(
            bank, fleet=fleet, programme=programme, month=month, verifier=verifier or _verifier()
        )
    tell(done, as_json=as_json)


@click.command("accept")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def accept(file: Path, *, as_json: bool) -> None:
    """Record the verifier's FILE (verification.json)."""
    document = read_file(file)
    try:
        named = str(json.loads(document)["batch_id"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise VerificationUnreadable(reason=repr(error)) from error
    with the_bank() as bank:
        done = record_verification(bank, named, document)
    tell(done, as_json=as_json)


@click.command("issue")
@click.argument("batch_id")
@json_option
def issue(batch_id: str, *, as_json: bool) -> None:
    """Issue the verified batch BATCH_ID (or its first digits) on the chain."""
    with the_bank() as bank:
        done = issue_batch(bank, whole_id(bank, batch_id))
    tell(done, as_json=as_json)


@click.command("show")
@click.argument("batch_id")
@json_option
def show_batch(batch_id: str, *, as_json: bool) -> None:
    """Show BATCH_ID (or its first digits): grams, roots, verifier, retirements."""
    with the_bank() as bank:
        sync_chain(bank)
        found = batch_view(bank, batch_id)
    tell(found, as_json=as_json)


@click.command("export")
@click.argument("batch_id")
@click.option("--out", type=click.Path(path_type=Path), help="Where; without it in packages/.")
@click.option(
    "--for",
    "reader",
    type=click.Choice(["verifier", "auditor", "driver", "anyone"]),
    default="verifier",
    help="Who may see what: all rows, chosen ones, a driver's own ones, none.",
)
@click.option("--account", default="", help="The driver's account, with --for driver.")
@click.option("--leaf", "leaves", type=int, multiple=True, help="A chosen row, with --for auditor.")
@click.option(
    "--plan", type=click.Path(path_type=Path), help="The auditor's plan.json: all rows drawn in it."
)
@json_option
def export(
    batch_id: str,
    *,
    out: Path | None,
    reader: str,
    account: str,
    leaves: tuple[int, ...],
    plan: Path | None,
    as_json: bool,
) -> None:
    """Write the audit package of BATCH_ID (or its first digits), whole or for an outsider."""
    chosen = {*leaves, *(_drawn(plan) if plan else ())}
    if (reader == "driver") != bool(account) or (chosen and reader != "auditor"):
        raise click.UsageError("--account goes with --for driver; --leaf, --plan with auditor")
    with the_bank() as bank:
        whole = whole_id(bank, batch_id)
        match reader:
            case "auditor":
                data = package_for_auditor(bank, whole, chosen)
            case "driver":
                data = package_for_driver(bank, whole, account)
            case "anyone":
                data = package_for_anyone(bank, whole)
            case _:
                data = export_package(bank, whole)
    mark = "" if reader == "verifier" else f"-{account or reader}"
    path = out or DataDirectory(Settings().data).packages / f"{whole[:16]}{mark}.zip"
    path.write_bytes(data)
    show({"batch_id": whole, "written": str(path), "size_bytes": len(data)}, as_json=as_json)


def _drawn(plan: Path) -> list[int]:
    try:
        return [int(leaf) for leaf in json.loads(read_file(plan))["leaves"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeskUnreadable(document=str(plan), reason=repr(error)) from error


def _verifier() -> str:
    directory = DataDirectory(Settings().data)
    deployment = read_deployment(directory.deployment)
    if deployment is None:
        raise DeploymentMissing(directory=str(directory.path))
    return deployment.roles.verifier
