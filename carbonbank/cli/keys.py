"""`carbonbank keys`: the bank's keystore, and the API keys of people and machines."""

from pathlib import Path

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import (
    OUTSIDE,
    ROLES,
    init_keys,
    make_keystore,
    new_passphrase,
    open_keystore,
    passphrase_of,
    rotate_keys,
)
from carbonbank.bootstrap.open_bank import open_view
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings
from carbonbank.domain.codec import encode
from carbonbank.domain.records import ApiKey
from carbonbank.service.issue_key import ROLES as ROLES_OF_KEYS
from carbonbank.service.issue_key import issue_key
from carbonbank.service.revoke_key import revoke_key

OWN = (*OUTSIDE, "challenger")


@click.group()
def keys() -> None:
    """The bank's keystore, and the API keys of people and machines."""


@keys.command("init")
@json_option
def init(*, as_json: bool) -> None:
    """Make the bank's keystore; CARBONBANK_PASSPHRASE or a person gives its passphrase."""
    settings = Settings()
    directory = DataDirectory(settings.data)
    passphrase = new_passphrase(directory, settings.passphrase, at_terminal())
    keystore = init_keys(directory, passphrase)
    _show(directory, keystore.address, as_json=as_json)


@keys.command("rotate")
@json_option
def rotate(*, as_json: bool) -> None:
    """Put the same keys under CARBONBANK_NEW_PASSPHRASE, or the one a person gives."""
    settings = Settings()
    directory = DataDirectory(settings.data)
    with directory.locked():
        old = passphrase_of(directory, settings.passphrase, at_terminal())
        new = new_passphrase(directory, settings.new_passphrase, at_terminal())
        keystore = rotate_keys(directory, old, new)
    _show(directory, keystore.address, as_json=as_json)


@keys.command("own")
@click.argument("keystore", type=click.Path(path_type=Path))
@click.option("--role", required=True, type=click.Choice(OWN), help="Whose keys.")
@json_option
def own(keystore: Path, *, role: str, as_json: bool) -> None:
    """Make the KEYSTORE of another party, or show the address of the one there."""
    passphrase = Settings().passphrase
    opened = open_keystore if keystore.exists() else make_keystore
    address = opened(keystore, passphrase, at_terminal()).address(f"role/{role}")
    show({"keystore": str(keystore), role: address}, as_json=as_json)


@keys.command("issue")
@click.option("--role", required=True, type=click.Choice(ROLES_OF_KEYS), help="What it may do.")
@click.option("--account", help="Whose account it opens; operators, drivers and traders have one.")
@click.option("--fleet", help="Which fleet it opens; operators have one.")
@json_option
def issue(role: str, *, account: str | None, fleet: str | None, as_json: bool) -> None:
    """Issue an API key; it is shown once. The bank may be at work meanwhile."""
    with open_view(Settings()) as view:
        issued = issue_key(view, role=role, account=account, fleet=fleet)
    show(encode(issued), as_json=as_json)


@keys.command("list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """List API keys by id, and what each is for."""
    with open_view(Settings()) as view, view.store.read() as records:
        found = [
            {"key_id": k.key_id, "role": k.role, "account": k.account, "fleet": k.fleet}
            for k in records.find(ApiKey)
        ]
    show(found, as_json=as_json, line=_key_lines)


def _key_lines(found: list[dict[str, str | None]]) -> str:
    return "\n".join(" ".join(value for value in one.values() if value) for one in found)


@keys.command("revoke")
@click.argument("key_id")
@json_option
def revoke(key_id: str, *, as_json: bool) -> None:
    """Revoke the API key `cb_KEY_ID_…`."""
    with open_view(Settings()) as view:
        gone = revoke_key(view, key_id)
    show({"key_id": gone.key_id, "role": gone.role, "revoked": True}, as_json=as_json)


def _show(directory: DataDirectory, address: object, *, as_json: bool) -> None:
    assert callable(address)
    addresses = {role: address(f"role/{role}") for role in ROLES}
    show({"keystore": str(directory.keystore)} | addresses, as_json=as_json)
