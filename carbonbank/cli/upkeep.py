"""`sync`, `reconcile`, `backup`, `restore`: the books against the chain, and their copies."""

import sys
from pathlib import Path
from typing import Any

import click

from carbonbank.bootstrap.backup import backup, restore
from carbonbank.cli.opening import tell, the_bank
from carbonbank.cli.printing import json_option
from carbonbank.config import Settings
from carbonbank.service.act import finish_acts
from carbonbank.service.reconcile import reconcile
from carbonbank.service.sync_chain import drop_projections, sync_chain


@click.command()
@click.option("--from-start", is_flag=True, help="Drop the projections and fold them again.")
@json_option
def sync(*, from_start: bool, as_json: bool) -> None:
    """Bring the projections to the newest confirmed block and finish what was begun."""
    with the_bank() as bank:
        if from_start:
            drop_projections(bank)
        done = sync_chain(bank)
        finish_acts(bank)
    tell(done, as_json=as_json)


@click.command("reconcile")
@json_option
def reconcile_command(*, as_json: bool) -> None:
    """Compute everything again from the chain; exit 1 if anything differs."""
    with the_bank() as bank:
        done = reconcile(bank)
    tell(done, as_json=as_json, line=_lines)
    sys.exit(1 if done.findings else 0)


def _lines(done: dict[str, Any]) -> str:
    state = f"{len(done['findings'])} findings" if done["findings"] else "clean"
    lines = [
        (
            f"{state}: {done['batches']} batches, {done['holdings']} holdings, "
            f"{done['vehicle_months']} vehicle-months, block {done['head_block']}"
        )
    ]
    lines += [
        f"{one['code']} {one['subject']}: {one['found']}, expected {one['expected']}"
        for one in done["findings"]
    ]
    return "\n".join(lines)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def backup_command(file: Path, *, as_json: bool) -> None:
    """Write store, chain, keystore (still encrypted) and deployment to FILE."""
    tell(backup(Settings(), file), as_json=as_json)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def restore_command(file: Path, *, as_json: bool) -> None:
    """Read FILE into an empty data directory."""
    tell(restore(Settings(), file), as_json=as_json)
