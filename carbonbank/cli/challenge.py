"""`carbonbank challenge`: does a batch's own evidence speak against it? Anyone may ask."""

import sys
from pathlib import Path
from typing import Any

import click

from carbonbank.audit.outcome import Refuted
from carbonbank.audit.package import open_archive
from carbonbank.bootstrap.keys import open_keystore
from carbonbank.cli.files import read_file
from carbonbank.cli.opening import tell, the_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings
from carbonbank.domain.challenge import Evidence
from carbonbank.domain.codec import encode
from carbonbank.errors import PackageUnreadable
from carbonbank.service.challenge_batch import challenge_batch
from carbonbank.service.find_contradictions import find_contradictions, in_words
from carbonbank.service.hold_evidence import evidence_of_leaves, evidence_of_package

PATH: Any = click.Path(path_type=Path)


@click.command("challenge")
@click.argument("file", type=PATH)
@click.option("--batch", "batch_id", help="FILE is a leaf file (leaves.bin) of this batch.")
@click.option("--against", type=PATH, help="Another package: find trips credited in both.")
@click.option("--send", is_flag=True, help="Send the first proof; its batch stops at once.")
@click.option("--keystore", type=PATH, help="Own keys to send with; without, the bank's.")
@json_option
def challenge(
    file: Path,
    *,
    batch_id: str | None,
    against: Path | None,
    send: bool,
    keystore: Path | None,
    as_json: bool,
) -> None:
    """Look for contradictions in FILE, an audit package or a leaf file; exit 1 if there are any."""
    held = _leaves(file, batch_id) if batch_id else _package(file)
    found = find_contradictions(held, _package(against) if against else None)
    if found and send:
        keys = open_keystore(keystore, Settings().passphrase, at_terminal()) if keystore else None
        with the_bank(challenger=keys) as bank:
            done = challenge_batch(bank, found[0])
        tell(done, as_json=as_json)
        return
    told = [encode(in_words(one)) for one in found]
    show({"contradictions": told}, as_json=as_json, line=_lines)
    sys.exit(1 if found else 0)


def _package(file: Path) -> Evidence:
    try:
        members = open_archive(read_file(file))
    except Refuted as refused:
        raise PackageUnreadable(package=str(file), reason=str(refused)) from refused
    return evidence_of_package(members)


def _leaves(file: Path, batch_id: str) -> Evidence:
    with the_bank() as bank:
        return evidence_of_leaves(bank, batch_id, read_file(file))


def _lines(told: dict[str, Any]) -> str:
    lines = [
        f"{one['kind']}: {one['first']} and {one['second']}, proof {one['proof_id']}"
        for one in told["contradictions"]
    ]
    return "\n".join(lines or ["nothing in it speaks against it"])
