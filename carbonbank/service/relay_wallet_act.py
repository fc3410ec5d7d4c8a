"""Relay an act that an owner's own wallet signed; the wallet needs no coin."""

from dataclasses import dataclass
from typing import Any

from carbonbank.domain.chain_facts import ChainEvent
from carbonbank.domain.commands import Command
from carbonbank.domain.records import ChainLog
from carbonbank.errors import FieldInvalid, NonceSpent
from carbonbank.service.act import events_of
from carbonbank.service.bank import Bank
from carbonbank.service.prepare_wallet_act import VALID_S
from carbonbank.service.signed_by import signature_octets
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.wallet_acts import wallet_command

Request = tuple[Command, int, int, bytes]  # act, number, deadline (Unix second), signature


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
    """Do an act as it was prepared and signed. Sent again, it is looked up: the same answer.

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
        FieldInvalid: the deadline is too far ahead; the signature is no hex, or too long.
        ERC2771ForwarderInvalidSigner, ERC2771ForwarderExpiredRequest: it does not count.
        NonceSpent: another act was done under its number.
        NonceAhead: another act of the wallet needs to go first.
        RuleError: the contract refuses it; nothing is sent.
    """
    command, does = wallet_command(bank, account, act, fields)
    latest = int(bank.clock.now_at().timestamp()) + VALID_S
    if deadline > latest:
        raise FieldInvalid(field="deadline", value=str(deadline), expected=f"{latest} at most")
    request = (command, nonce, deadline, signature_octets(signature))
    done: ChainEvent | ChainLog
    try:
        done = bank.chain.submit_request(*request).events[0]
        sync_chain(bank)
    except NonceSpent as spent:
        found = _relayed(bank, spent.sender, request)
        if found is None:
            raise
        done = found
    return WalletActed(
        account=account,
        wallet=done.actor,
        does=does,
        tx_hash=done.tx_hash,
        block_number=done.block_number,
    )


def _relayed(bank: Bank, wallet: str, request: Request) -> ChainLog | None:
    """Return an event of this very request, if that is what spent its number.

    The wallet counts its own transactions too, so one of them may have the same number.
    """
    _, nonce, _, _ = request
    for log in events_of(bank, wallet, nonce):
        if bank.chain.relayed_in(log.tx_hash, *request):
            return log
    return None
