"""`carbonbank wallet`: a wallet of one's own, in place of the key the bank keeps."""

from collections.abc import Callable
from typing import Any

import click

from carbonbank.cli.opening import key_option, tell, the_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.service.link_wallet import link_wallet, offer_wallet_message
from carbonbank.service.move_holdings import move_holdings
from carbonbank.service.prepare_wallet_act import prepare_wallet_act
from carbonbank.service.relay_wallet_act import relay_wallet_act
from carbonbank.service.unlink_wallet import unlink_wallet
from carbonbank.service.wallet_acts import FIELDS
from carbonbank.service.wallets import wallets


@click.group()
def wallet() -> None:
    """An own wallet for an account. A key that is lost is lost: nobody can recover it."""


@wallet.command("message")
@click.argument("handle")
@click.argument("address")
@json_option
def message(handle: str, address: str, *, as_json: bool) -> None:
    """Show the message (EIP-712) that wallet ADDRESS signs to be linked to HANDLE."""
    with the_bank() as bank:
        made = offer_wallet_message(bank, handle, address)
        identity = bank.chain.identity
    told = {
        "nonce": made.nonce,
        "expiry": made.expiry,
        "digest": "0x" + made.digest(identity).hex(),
        "typed_data": made.typed_data(identity),
    }
    show(told, as_json=as_json)


@wallet.command("link")
@click.argument("handle")
@click.argument("address")
@click.option("--nonce", type=int, required=True, help="Number of the message.")
@click.option("--expiry", type=int, required=True, help="Until when the message is valid.")
@click.option("--signature", required=True, help="Of the wallet, as hex.")
@json_option
def link(
    handle: str, address: str, *, nonce: int, expiry: int, signature: str, as_json: bool
) -> None:
    """Link wallet ADDRESS to HANDLE; it takes effect after 48 hours, in a demo at once."""
    with the_bank() as bank:
        done = link_wallet(bank, handle, address, nonce=nonce, expiry=expiry, signature=signature)
    tell(done, as_json=as_json)


@wallet.command("unlink")
@click.argument("handle")
@json_option
def unlink(handle: str, *, as_json: bool) -> None:
    """Withdraw the wallet of HANDLE, also one that is on its way."""
    with the_bank() as bank:
        done = unlink_wallet(bank, handle)
    tell(done, as_json=as_json)


@wallet.command("move")
@click.argument("handle")
@key_option
@json_option
def move(handle: str, *, key: str, as_json: bool) -> None:
    """Move all that HANDLE holds at the bank to its wallet."""
    with the_bank() as bank:
        done = move_holdings(bank, handle, key)
    tell(done, as_json=as_json)


def act_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what an act of a wallet may be told."""
    for option in (
        click.option("--order", "orders", multiple=True, help="Hash; cancel-orders takes more."),
        click.option("--units", "amount_units", type=int, help="Micro-units: allow-money."),
        click.option("--purpose", help="What for: retire, fill-and-retire."),
        click.option("--beneficiary", help="For whom: retire, fill-and-retire."),
        click.option("--amount-g", type=int, help="Grams: all with a batch."),
        click.option("--batch", help="transfer, retire, fill, fill-and-retire."),
        click.option("--recipient", help="Handle or address: transfer."),
    ):
        command = option(command)
    return command


@wallet.command("prepare")
@click.argument("handle")
@click.argument("act", type=click.Choice(tuple(FIELDS)))
@act_options
@json_option
def prepare(handle: str, act: str, *, as_json: bool, **fields: Any) -> None:
    """Show ACT of HANDLE's wallet as the wallet signs it (EIP-712); valid for ten minutes."""
    with the_bank() as bank:
        made = prepare_wallet_act(bank, handle, act, **_told(fields))
    tell(made, as_json=as_json)


@wallet.command("relay")
@click.argument("handle")
@click.argument("act", type=click.Choice(tuple(FIELDS)))
@act_options
@click.option("--nonce", type=int, required=True, help="Number of the request.")
@click.option("--deadline", type=int, required=True, help="Until when it is valid.")
@click.option("--signature", required=True, help="Of the wallet's key, 65 bytes as hex.")
@json_option
def relay(
    handle: str,
    act: str,
    *,
    nonce: int,
    deadline: int,
    signature: str,
    as_json: bool,
    **fields: Any,
) -> None:
    """Do ACT of HANDLE's wallet as it was prepared and signed; the wallet needs no coin."""
    with the_bank() as bank:
        done = relay_wallet_act(
            bank,
            handle,
            act,
            nonce=nonce,
            deadline=deadline,
            signature=signature,
            **_told(fields),
        )
    tell(done, as_json=as_json)


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {"orders": list(fields["orders"]) or None}


@wallet.command("show")
@click.argument("handle")
@json_option
def show_wallet(handle: str, *, as_json: bool) -> None:
    """Show which wallet of HANDLE counts, and which is on its way."""
    with the_bank() as bank:
        found = wallets(bank, handle)
    tell(found, as_json=as_json)
