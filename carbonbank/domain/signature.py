"""Who signed a digest: ECDSA recovery on secp256k1."""

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

SIGNATURE_BYTES = 65
CONTRACT_SIGNATURE_BYTES_MAX = 4096
"""Some sixty owners of a contract, each with a signature of 65 bytes."""


def signer_of(digest: bytes, signature: bytes) -> str | None:
    """Return the EIP-55 address that signed a 32-byte digest, None if the signature is none.

    Args:
        digest: what was signed.
        signature: 65 bytes r, s, v with v 27 or 28, as contracts read it.
    """
    if len(signature) != SIGNATURE_BYTES or signature[-1] not in {27, 28}:
        return None
    try:
        recoverable = Signature(signature[:-1] + bytes([signature[-1] - 27]))
        return recoverable.recover_public_key_from_msg_hash(digest).to_checksum_address()
    except (BadSignature, ValidationError):
        return None
