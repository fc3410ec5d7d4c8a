"""The bank's keystore: made once, opened by its passphrase, and what a demo does instead."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.chain.keystore import SCRYPT_COST, Keystore
from carbonbank.domain.hashing import sha256
from carbonbank.errors import KeyMissing, KeystoreMissing, PassphraseDiffers, PassphraseMissing
from carbonbank.ports import Signer

ROLES = ("deployer", "issuer", "registrar", "treasurer", "relayer")
OUTSIDE = ("certifier", "verifier", "guardian", "admin")
"""Roles whose keys are never in the bank's keystore."""

DEMO_SCRYPT_COST = 2**12
"""Of published seeds whose passphrase lies beside them: slowness guards nothing there."""
DEMO_MARK = "DEMO: this passphrase opens published keys, never real credits"

Ask = Callable[[str], str]
"""Asks a person at a terminal for a passphrase."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """A Signer that hands some key references to other keystores: the other parties of a demo.

    The bank's own keystore never answers for a role that belongs outside of it.
    """

    bank: Signer
    others: Mapping[str, Signer] = field(default_factory=dict)

    def address(self, key: str) -> str:
        """Return the EIP-55 address of a key reference."""
        return self._of(key).address(key)

    def sign_digest(self, key: str, digest: bytes) -> bytes:
        """Sign a 32-byte digest."""
        return self._of(key).sign_digest(key, digest)

    def sign_transaction(self, key: str, transaction: dict[str, Any]) -> bytes:
        """Return the raw signed transaction."""
        return self._of(key).sign_transaction(key, transaction)

    def _of(self, key: str) -> Signer:
        if key in self.others:
            return self.others[key]
        if key in {f"role/{role}" for role in OUTSIDE}:
            raise KeyMissing(path="of the bank", key=key)
        return self.bank


def init_keys(directory: DataDirectory, passphrase: str, *, cost: int = SCRYPT_COST) -> Keystore:
    """Make the bank's keystore out of fresh randomness.

    Raises:
        KeystoreExists: there is one already.
    """
    directory.make()
    return Keystore.create(directory.keystore, passphrase, cost=cost)


def rotate_keys(directory: DataDirectory, old: str, new: str) -> Keystore:
    """Put the same keys under a new passphrase.

    Raises:
        KeystoreLocked: the old passphrase is not the keystore's.
    """
    keystore = Keystore.rotate(directory.keystore, old, new)
    if directory.is_demo:
        _write_passphrase(directory.demo_passphrase, new)
    return keystore


def open_keys(
    directory: DataDirectory, passphrase: SecretStr | None, ask: Ask | None = None
) -> Keystore:
    """Open the bank's keystore with the passphrase given, the demo's own, or the one asked for.

    Raises:
        KeystoreMissing: there is none.
        PassphraseMissing: nobody said it.
        KeystoreLocked: it is another one.
    """
    if not directory.keystore.exists():
        raise KeystoreMissing(path=str(directory.keystore))
    return Keystore.open(directory.keystore, passphrase_of(directory, passphrase, ask))


def passphrase_of(
    directory: DataDirectory, passphrase: SecretStr | None, ask: Ask | None = None
) -> str:
    """Return the passphrase given, the demo's own, or the one asked for."""
    if passphrase is None and directory.is_demo:
        return read_demo_passphrase(directory.demo_passphrase)
    return _said(directory.keystore, passphrase, ask)


def new_passphrase(
    directory: DataDirectory, passphrase: SecretStr | None, ask: Ask | None = None
) -> str:
    """Return a new passphrase as given, or as a person says it twice.

    Raises:
        PassphraseMissing: nobody said one.
        PassphraseDiffers: the person said two different ones.
    """
    if passphrase is not None or ask is None:
        return _said(directory.keystore, passphrase, ask)
    first = ask(f"new passphrase of {directory.keystore}")
    if ask("the same again") != first:
        raise PassphraseDiffers(path=str(directory.keystore))
    return first


def make_keystore(path: Path, passphrase: SecretStr | None, ask: Ask | None = None) -> Keystore:
    """Make any party's keystore out of fresh randomness.

    Raises:
        KeystoreExists: there is one already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return Keystore.create(path, _said(path, passphrase, ask))


def open_keystore(path: Path, passphrase: SecretStr | None, ask: Ask | None = None) -> Keystore:
    """Open any party's keystore: a verifier's, a certifier's or a guardian's own."""
    return Keystore.open(path, _said(path, passphrase, ask))


def _said(path: Path, passphrase: SecretStr | None, ask: Ask | None) -> str:
    if passphrase is not None:
        return passphrase.get_secret_value()
    if ask is None:
        raise PassphraseMissing(path=str(path))
    return ask(f"passphrase of {path}")


# --- demo ---------------------------------------------------------------------------------------


def demo_seed(party: str) -> bytes:
    """Return the published seed of a demo's party: anyone can make these keys, so trust none.

    They are the same everywhere, and with them the demo's batch ids.
    """
    return sha256(f"carbonbank DEMO seed, published and worthless: {party}".encode())


def make_demo_keys(directory: DataDirectory) -> None:
    """Make what is missing of a demo's keystores: the bank's and the other parties'."""
    directory.make()
    _make_demo_keystore(directory.keystore, directory.demo_passphrase, "bank")
    for party in OUTSIDE:
        folder = directory.beside(party)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_demo_keystore(folder / "keystore.json", folder / "demo-passphrase", party)


def has_demo_keys(directory: DataDirectory, party: str) -> bool:
    """Whether another party's keystore is here: a restored demo stands alone."""
    return (directory.beside(party) / "keystore.json").exists()


def open_demo_keys(directory: DataDirectory, party: str) -> Keystore:
    """Open the keystore of another party of a demo."""
    folder = directory.beside(party)
    return Keystore.open(folder / "keystore.json", read_demo_passphrase(folder / "demo-passphrase"))


def _make_demo_keystore(keystore: Path, passphrase_file: Path, party: str) -> None:
    if not passphrase_file.exists():
        _write_passphrase(passphrase_file, secrets.token_urlsafe(16))
    if not keystore.exists():
        Keystore.create(
            keystore, read_demo_passphrase(passphrase_file), demo_seed(party), cost=DEMO_SCRYPT_COST
        )


def _write_passphrase(path: Path, passphrase: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f"DEMO: this passphrase opens published keys, never real credits\n{passphrase}\n"
        )
    draft.replace(path)


def read_demo_passphrase(path: Path) -> str:
    """Return a demo's passphrase: the line below its mark."""
    return path.read_text().splitlines()[1]
