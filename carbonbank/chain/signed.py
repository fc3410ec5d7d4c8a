"""Raw transactions of other parties, read before anything is done with them."""

from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_keys.exceptions import BadSignature
from eth_utils.address import to_checksum_address
from eth_utils.exceptions import ValidationError
from hexbytes import HexBytes
from rlp.exceptions import RLPException  # type: ignore[import-untyped]

from carbonbank.chain.words import function_of
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.signed_call import SignedCall
from carbonbank.errors import SignedCallUnreadable

EIP_1559 = b"\x02"
BYTES_MAX = 128 * 1024
"""Nodes take no larger transaction."""


def read_signed(raw: bytes, at: ChainIdentity) -> SignedCall:
    """Return what a raw EIP-1559 transaction says and who signed it.

    Raises:
        SignedCallUnreadable: it is none, it makes a contract, or it carries value.
    """
    if raw[:1] != EIP_1559 or len(raw) > BYTES_MAX:
        raise SignedCallUnreadable(reason="not an EIP-1559 transaction (type 2) of 128 KiB at most")
    try:
        told = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        sender = Account.recover_transaction(raw)
    except (RLPException, ValueError, TypeError, BadSignature, ValidationError) as error:
        raise SignedCallUnreadable(reason=f"{type(error).__name__}: {error}") from error
    if not told["to"] or told["value"]:
        raise SignedCallUnreadable(reason="it makes a contract or carries value")
    to, data = to_checksum_address(told["to"]), bytes(told["data"])
    contract, function = function_of(to, data, at)
    return SignedCall(
        tx_hash="0x" + keccak256(raw).hex(),
        sender=sender,
        chain_id=told["chainId"],
        nonce=told["nonce"],
        to=to,
        data=data,
        contract=contract,
        function=function,
    )
