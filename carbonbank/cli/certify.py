"""`carbonbank certify`: a certifier's desk, from a methodology package alone."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from carbonbank.audit.certify import certify_and_sign, read_methodology
from carbonbank.bootstrap.keys import open_keystore
from carbonbank.cli.files import read_file, write_file
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings

CERTIFIER = "role/certifier"
PATH: Any = click.Path(path_type=Path)


@click.group()
def certify() -> None:
    """A certifier's desk: read a methodology package, refuse it with reasons, or sign it."""


@certify.command("check")
@click.argument("package", type=PATH)
@json_option
def check(package: Path, *, as_json: bool) -> None:
    """Recompute the id of PACKAGE (package.json) and tell every reason to refuse it."""
    methodology_id, reasons = read_methodology(read_file(package))
    found = {"methodology_id": methodology_id, "refused": bool(reasons), "reasons": reasons}
    lines = [f"methodology {methodology_id}", *(reasons or ["nothing speaks against it"])]
    show(found, as_json=as_json, line=lambda _: "\n".join(lines))
    sys.exit(1 if reasons else 0)


@certify.command("sign")
@click.argument("package", type=PATH)
@click.option("--keystore", required=True, type=PATH, help="The certifier's own keys.")
@click.option("--statement", required=True, help="What the certifier says, in words.")
@click.option("--out", default="certification.json", show_default=True, type=PATH, help="Where.")
@json_option
def sign(package: Path, *, keystore: Path, statement: str, out: Path, as_json: bool) -> None:
    """Sign the methodology PACKAGE (package.json), or refuse with every reason."""
    content = read_file(package)
    keys = open_keystore(keystore, Settings().passphrase, at_terminal())
    made = certify_and_sign(
        content, keys.address(CERTIFIER), statement, lambda d: keys.sign_digest(CERTIFIER, d)
    )
    write_file(out, made)
    show(json.loads(made) | {"written": str(out)}, as_json=as_json)
