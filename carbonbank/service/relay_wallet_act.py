"""Relay an act that an owner's own wallet signed; the wallet needs no coin."""

from dataclasses import dataclass
from typing import Any

from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank
from carbonbank.service.prepare_wallet_act import VALID_S
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.wallet_acts import wallet_command


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletActed:
    """An act of a wallet that is mined."""

    account: str
    wallet: str
    does: str
    tx_hash: str
    block_number: int


def relay_wallet_act(
    bank: Bank,
    account: str,
    act: str,
    *,
    nonce: int,
    deadline: int,
    signature: str,
    **fields: Any,
) -> WalletActed:
    """Do an act as it was prepared and signed. The chain takes its number once.

    Args:
        bank: the bank.
        account: handle of the wallet's owner.
        act: as it was prepared.
        nonce: number of the request.
        deadline: Unix second; at most ten minutes ahead.
        signature: 65 bytes of the wallet's key as hex; the forwarder knows no contracts.
        fields: as the act was prepared with.

    Raises:
        NotFound, WalletNotLinked, FieldInvalid, AmountNotPositive: as for `wallet_command`.
        ERC2771ForwarderInvalidSigner, ERC2771ForwarderExpiredRequest: it does not count.
        NonceSpent: this act or another was done under its number.
        RuleError: the contract refuses it; nothing is sent.
    """
    command, does = wallet_command(bank, account, act, fields)
    latest = int(bank.clock.now_at().timestamp()) + VALID_S
    if deadline > latest:
        raise FieldInvalid(field="deadline", value=str(deadline), expected=f"{latest} at most")
    try:
        octets = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError as error:
        raise FieldInvalid(field="signature", value=signature, expected="hex") from error
    receipt = bank.chain.submit_request(command, nonce, deadline, octets)
    sync_chain(bank)
    return WalletActed(
        account=account,
        wallet=receipt.events[0].actor,
        does=does,
        tx_hash=receipt.tx_hash,
        block_number=receipt.block_number,
    )
