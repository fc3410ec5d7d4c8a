"""The two hash functions of the house and its one canonical JSON."""

import hashlib
from typing import Any

import rfc8785
from eth_hash.auto import keccak


def sha256(data: bytes) -> bytes:
    """SHA-256: evidence, reports, packages, files."""
    return hashlib.sha256(data).digest()


def keccak256(data: bytes) -> bytes:
    """Keccak-256: whatever a contract hashes."""
    return bytes(keccak(data))


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Decimals and hashes are strings in it, grams are integers."""
    return rfc8785.dumps(value)
