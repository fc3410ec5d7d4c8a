"""Did an address sign? Its key may have, or its code says so (ERC-1271)."""

from carbonbank.domain.signature import CONTRACT_SIGNATURE_BYTES_MAX, signer_of
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
