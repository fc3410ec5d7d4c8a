"""What a verifier's words are bound by: EIP-712 over batch, report, work and the words themselves.

The contract never reads it; it asks for the claim's signature alone (docs/adr/0039).
"""

from collections.abc import Mapping
from typing import Any

from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.claim import word
from carbonbank.domain.hashing import canonical_json, keccak256, sha256

DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
STATEMENT_TYPE = (
    "VerificationStatement(bytes32 batchId,bytes32 reportHash,bytes32 workHash,string statement)"
)


def statement_digest(
    identity: ChainIdentity, document: Mapping[str, Any], report_hash: bytes
) -> bytes:
    """Return the 32 bytes that bind the words of a verification.json.

    Args:
        identity: which chain and bank.
        document: verification.json; without `work` its hash is zero.
        report_hash: SHA-256 of the sealed report.
    """
    work = document.get("work")
    work_hash = sha256(canonical_json(work)) if work else bytes(32)
    words = keccak256(document["statement"].encode())
    batch = bytes.fromhex(document["batch_id"])
    struct = _struct(STATEMENT_TYPE, batch, report_hash, work_hash, words)
    name, version = keccak256(b"CarbonBank"), keccak256(b"1")
    separator = _struct(DOMAIN_TYPE, name, version, identity.chain_id, identity.bank)
    return keccak256(b"\x19\x01" + separator + struct)


def _struct(kind: str, *values: int | bytes | str) -> bytes:
    return keccak256(keccak256(kind.encode()) + b"".join(map(word, values)))
