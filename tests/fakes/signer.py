"""A Signer whose keys are the SHA-256 of their references: no file, no passphrase, no secret."""

import hashlib
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from carbonbank.errors import KeyMissing


class FakeSigner:
    """Keys by reference; equal references give equal keys in every test."""

    def __init__(self) -> None:
        self._accounts: dict[str, LocalAccount] = {}

    def address(self, key: str) -> str:
        return self._account(key).address

    def sign_digest(self, key: str, digest: bytes) -> bytes:
        return bytes(self._account(key).unsafe_sign_hash(digest).signature)

    def sign_transaction(self, key: str, transaction: dict[str, Any]) -> bytes:
        return bytes(self._account(key).sign_transaction(transaction).raw_transaction)

    def _account(self, key: str) -> LocalAccount:
        if key not in self._accounts:
            if "/" not in key or not all(key.split("/")):
                raise KeyMissing(path="memory", key=key)
            self._accounts[key] = Account.from_key(hashlib.sha256(key.encode()).digest())
        return self._accounts[key]
