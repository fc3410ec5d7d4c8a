"""`carbonbank batch verify`: the verifier's own command, on a machine without a bank."""

import json
from pathlib import Path

import click

from carbonbank.audit.verify import verify_and_sign
from carbonbank.bootstrap.keys import open_keystore
from carbonbank.cli.files import read_file, write_file
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings

VERIFIER = "role/verifier"


@click.command("verify")
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--keystore", required=True, type=click.Path(path_type=Path), help="The verifier's own keys."
)
@click.option(
    "--out",
    default="verification.json",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where the signed verification goes.",
)
@json_option
def verify(package: Path, *, keystore: Path, out: Path, as_json: bool) -> None:
    """Recompute PACKAGE from its own evidence and sign its claim. The verifier's own command.

    It needs no bank: CARBONBANK_PASSPHRASE opens the verifier's keystore.
    """
    data = read_file(package)
    keys = open_keystore(keystore, Settings().passphrase, at_terminal())
    document = verify_and_sign(data, lambda digest: keys.sign_digest(VERIFIER, digest))
    write_file(out, document)
    told = json.loads(document)
    if as_json:
        click.echo(document.decode(), nl=False)  # the document itself, byte for byte
    else:
        show(told | {"written": str(out)}, as_json=False)
