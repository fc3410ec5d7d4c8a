"""The Signer adapter: one encrypted seed in a file, and every key derived from it by reference.

The file is JSON: the seed under AES-256-GCM with a key that scrypt (RFC 7914) makes of the
passphrase, and a SHA-256 of the document, which tells a damaged file from a wrong passphrase.
It is decrypted once, when it is opened.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N
from eth_typing import Hash32

from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.errors import (
    KeyMissing,
    KeystoreExists,
    KeystoreLocked,
    KeystoreMissing,
    KeystoreUnreadable,
)

FORMAT = "carbonbank-keystore/1"
SEED_BYTES = 32
SCRYPT_COST = 2**17  # with r = 8, p = 1: 128 MiB and some 0.4 s, once per start
# BIP-43: the first step names the purpose of everything below it. Ours spells "CB".
PURPOSE = 0x4342
HARDENED = 2**31


class Keystore:
    """Keys by reference, out of one seed. A private key never leaves this class."""

    def __init__(self, path: Path, seed: bytes) -> None:
        self._path = path
        self._seed = seed
        self._accounts: dict[str, LocalAccount] = {}

    @classmethod
    def create(
        cls, path: Path, passphrase: str, seed: bytes | None = None, *, cost: int = SCRYPT_COST
    ) -> "Keystore":
        """Make a keystore file (mode 0600) with the given or a random 32-byte seed, and open it.

        Raises:
            KeystoreExists: there is a keystore at this path; its keys are not overwritten.
        """
        seed = secrets.token_bytes(SEED_BYTES) if seed is None else seed
        assert len(seed) == SEED_BYTES
        if path.exists():
            raise KeystoreExists(path=str(path))
        _write(path, _sealed(seed, passphrase, cost))
        return cls(path, seed)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> "Keystore":
        """Decrypt a keystore.

        Raises:
            KeystoreMissing: no file there.
            KeystoreUnreadable: the file is truncated, damaged or no keystore.
            KeystoreLocked: the file is whole, and the passphrase is not its own.
        """
        return cls(path, _unsealed(path, passphrase)[0])

    @classmethod
    def rotate(cls, path: Path, old: str, new: str) -> "Keystore":
        """Encrypt the same keys under a new passphrase, with a new salt; raises as `open` does."""
        seed, cost = _unsealed(path, old)
        _write(path, _sealed(seed, new, cost))
        return cls(path, seed)

    def address(self, key: str) -> str:
        """Return the EIP-55 address of a key reference such as `role/issuer` or `account/x`."""
        return str(self._account(key).address)

    def sign_digest(self, key: str, digest: bytes) -> bytes:
        """Sign a 32-byte digest: 65 bytes r, s, v with low s (EIP-2) and v 27 or 28."""
        assert len(digest) == 32
        return bytes(self._account(key).unsafe_sign_hash(Hash32(digest)).signature)

    def sign_transaction(self, key: str, transaction: dict[str, Any]) -> bytes:
        """Return the raw signed transaction."""
        return bytes(self._account(key).sign_transaction(transaction).raw_transaction)

    def _account(self, key: str) -> LocalAccount:
        if key not in self._accounts:
            if not all(key.split("/")) or "/" not in key:
                raise KeyMissing(path=str(self._path), key=key)
            self._accounts[key] = Account.from_key(derive(self._seed, path_of(key)))
        return self._accounts[key]


def path_of(key: str) -> tuple[int, ...]:
    """Return the derivation path of a key reference: the purpose, then 248 bits of its SHA-256.

    Eight steps of 31 bits leave no two references the same key; one step would, among some
    fifty thousand.
    """
    bits = int.from_bytes(sha256(key.encode()), "big") >> 8
    return PURPOSE, *((bits >> (31 * step)) & (HARDENED - 1) for step in reversed(range(8)))


def derive(seed: bytes, path: tuple[int, ...]) -> bytes:
    """Return the private key at a path whose every step is hardened (BIP-32, CKDpriv).

    A public key and a child's private key then say nothing about any other key.
    """
    secret, chain_code = _halves(b"Bitcoin seed", seed)
    for step in path:
        data = b"\0" + secret.to_bytes(32, "big") + (HARDENED + step).to_bytes(4, "big")
        tweak, chain_code = _halves(chain_code, data)
        # BIP-32 skips an index where this fails, which no one will ever see (1 in 2^127).
        assert tweak < SECPK1_N
        secret = (tweak + secret) % SECPK1_N
        assert secret > 0
    return secret.to_bytes(32, "big")


def _halves(key: bytes, data: bytes) -> tuple[int, bytes]:
    digest = hmac.new(key, data, hashlib.sha512).digest()
    return int.from_bytes(digest[:32], "big"), digest[32:]


# --- the file -----------------------------------------------------------------------------------


def _wrapping_key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())


def _sealed(seed: bytes, passphrase: str, cost: int) -> dict[str, Any]:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = _wrapping_key(passphrase, salt, cost)
    box = {
        "format": FORMAT,
        "scrypt_cost": cost,
        "salt": _text(salt),
        "nonce": _text(nonce),
        "sealed_seed": _text(AESGCM(key).encrypt(nonce, seed, FORMAT.encode())),
    }
    return box | {"sha256": sha256(canonical_json(box)).hex()}


def _unsealed(path: Path, passphrase: str) -> tuple[bytes, int]:
    """Return the seed and the scrypt cost it is kept under."""
    try:
        box = json.loads(path.read_bytes())
        stated = box.pop("sha256")
        if box["format"] != FORMAT or sha256(canonical_json(box)).hex() != stated:
            raise KeystoreUnreadable(path=str(path), reason="its checksum or format is wrong")
        salt, nonce, sealed = (_raw(box[name]) for name in ("salt", "nonce", "sealed_seed"))
        key = _wrapping_key(passphrase, salt, box["scrypt_cost"])
    except FileNotFoundError as missing:
        raise KeystoreMissing(path=str(path)) from missing
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise KeystoreUnreadable(path=str(path), reason=repr(broken)) from broken
    try:
        return AESGCM(key).decrypt(nonce, sealed, FORMAT.encode()), box["scrypt_cost"]
    except InvalidTag as wrong:
        raise KeystoreLocked(path=str(path)) from wrong


def _write(path: Path, box: dict[str, Any]) -> None:
    """Replace the file in one step: a kill leaves the old keystore or the new one, whole."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(canonical_json(box))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
