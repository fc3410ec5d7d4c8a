"""Did an address sign? Its key may have, or its code says so (ERC-1271)."""

from carbonbank.domain.signature import CONTRACT_SIGNATURE_BYTES_MAX, signer_of
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank


def signed_by(bank: Bank, address: str, digest: bytes, signature: bytes) -> bool:
    """Tell whether an address signed 32 bytes.

    The key is asked before the code, as the contracts do: an account that has code can still sign
    with its key. Only a process that has the chain can ask for the code.
    """
    if signer_of(digest, signature) == address:
        return True
    if len(signature) > CONTRACT_SIGNATURE_BYTES_MAX:
        return False
    return bank.chain.contract_signed(address, digest, signature)


def signature_octets(signature: str) -> bytes:
    """Return the bytes of a signature told as hex.

    Raises:
        FieldInvalid: it is no hex, or longer than a contract's signature may be.
    """
    try:
        octets = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError as error:
        raise FieldInvalid(field="signature", value=signature, expected="hex") from error
    if len(octets) > CONTRACT_SIGNATURE_BYTES_MAX:
        limit = f"{CONTRACT_SIGNATURE_BYTES_MAX} bytes at most"
        raise FieldInvalid(field="signature", value=f"{len(octets)} bytes", expected=limit)
    return octets
