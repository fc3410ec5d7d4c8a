"""`carbonbank keys`: the bank's keystore."""

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import ROLES, init_keys, new_passphrase, passphrase_of, rotate_keys
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings


@click.group()
def keys() -> None:
    """The bank's keystore."""


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


def _show(directory: DataDirectory, address: object, *, as_json: bool) -> None:
    assert callable(address)
    addresses = {role: address(f"role/{role}") for role in ROLES}
    show({"keystore": str(directory.keystore)} | addresses, as_json=as_json)
