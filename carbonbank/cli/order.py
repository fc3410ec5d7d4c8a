"""`carbonbank order`: signed orders and their settlement."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from carbonbank.cli.files import read_file
from carbonbank.cli.opening import key_option, tell, the_bank, whole_id
from carbonbank.cli.printing import json_option, show
from carbonbank.domain.codec import encode
from carbonbank.domain.order import Side, class_id, order_typed_data
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank
from carbonbank.service.cancel_all_orders import cancel_all_orders
from carbonbank.service.cancel_order import cancel_order
from carbonbank.service.fill_and_retire import fill_and_retire
from carbonbank.service.fill_order import fill_order
from carbonbank.service.order_book import order_book
from carbonbank.service.place_order import VALID_S, Wanted, place_order
from carbonbank.service.place_signed_order import offer_order, order_from, place_signed_order
from carbonbank.service.settle_book import settle_book
from carbonbank.service.settle_trade import settle_trade
from carbonbank.service.sync_chain import sync_chain
from carbonbank.units import BPS

batch_option = click.option(
    "--batch", "batch_id", help="Which batch is delivered; a class order needs it."
)


def order_parameters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every order says and may say; the last is shown first."""
    for parameter in (
        click.option(
            "--min-age-s", type=int, help="Seconds since a batch's issue; of a class: 7 days."
        ),
        click.option("--max-fee-bp", type=int, default=BPS, show_default=True, help="Largest fee."),
        click.option(
            "--min-fill-g", type=int, default=1, show_default=True, help="Least grams a fill."
        ),
        click.option(
            "--valid-s", type=int, default=VALID_S, show_default=True, help="Seconds it lives."
        ),
        click.option("--vintage", type=int, help="Vintage year of the class."),
        click.option(
            "--class", "class_label", help="Trade any batch of this class, with --vintage."
        ),
        click.option("--batch", "batch_id", help="Trade this batch alone."),
        click.argument("price_units_per_t", type=int),
        click.argument("amount_g", type=int),
        click.argument("side", type=click.Choice(["sell", "buy"])),
        click.argument("handle"),
    ):
        command = parameter(command)
    return command


@click.group()
def order() -> None:
    """Orders of the market: free to sign, settled against payment."""


@order.command("place")
@order_parameters
@key_option
@json_option
def place(handle: str, side: str, *, key: str, as_json: bool, **terms: Any) -> None:
    """Sign an order of HANDLE: SIDE AMOUNT_G grams at PRICE_UNITS_PER_T."""
    with the_bank() as bank:
        done = place_order(bank, _wanted(bank, handle, side, **terms), key)
    tell(done, as_json=as_json)


def _wanted(
    bank: Bank, handle: str, side: str, *, batch_id: str | None, vintage: int | None, **terms: Any
) -> Wanted:
    return Wanted(
        account=handle,
        side=Side[side.upper()],
        batch=whole_id(bank, batch_id) if batch_id else None,
        vintage_year=vintage,
        **terms,
    )


@order.command("message")
@order_parameters
@key_option
@json_option
def message(handle: str, side: str, *, key: str, as_json: bool, **terms: Any) -> None:
    """Show the order (EIP-712) that the own wallet of HANDLE is to sign."""
    with the_bank() as bank:
        made = offer_order(bank, _wanted(bank, handle, side, **terms), key)
        typed = order_typed_data(made, bank.chain.identity)
    show({"order": encode(made), "typed_data": typed}, as_json=as_json)


@order.command("submit")
@click.argument("handle")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--signature", required=True, help="Of the wallet, as hex.")
@json_option
def submit(handle: str, file: Path, *, signature: str, as_json: bool) -> None:
    """Place the order in FILE (JSON, as `order message` shows it) that HANDLE's wallet signed."""
    try:
        told = json.loads(read_file(file))["order"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FieldInvalid(field="file", value=str(file), expected="an offered order") from error
    with the_bank() as bank:
        done = place_signed_order(bank, handle, order_from(told), signature)
    tell(done, as_json=as_json)


@order.command("cancel")
@click.argument("handle")
@click.argument("order_hash")
@json_option
def cancel(handle: str, order_hash: str, *, as_json: bool) -> None:
    """Kill the order ORDER_HASH of HANDLE."""
    with the_bank() as bank:
        done = cancel_order(bank, handle, order_hash)
    tell(done, as_json=as_json)


@order.command("cancel-all")
@click.argument("handle")
@json_option
def cancel_all(handle: str, *, as_json: bool) -> None:
    """Kill every order HANDLE has signed up to now."""
    with the_bank() as bank:
        done = cancel_all_orders(bank, handle)
    tell(done, as_json=as_json)


@order.command("list")
@click.option("--account", "handle", help="Of one account alone.")
@click.option("--class", "class_label", help="Of one class alone, with --vintage.")
@click.option("--vintage", type=int, help="Vintage year of the class.")
@json_option
def list_orders(
    *, handle: str | None, class_label: str | None, vintage: int | None, as_json: bool
) -> None:
    """List orders, oldest first."""
    if (class_label is None) != (vintage is None):
        raise click.UsageError("--class and --vintage go together")
    named = class_id(class_label, vintage).hex() if class_label and vintage else None
    with the_bank() as bank:
        sync_chain(bank)
        found = order_book(bank, handle, class_id=named)
    show({"orders": encode(found)}, as_json=as_json, line=_lines)


def _lines(found: dict[str, Any]) -> str:
    return "\n".join(
        f"{one['order_hash']} {one['account']} {one['side']} {one['filled_g']}/{one['amount_g']} g "
        f"at {one['price_units_per_t']} units/t, {one['state']}"
        for one in found["orders"]
    )


@order.command("settle")
@click.argument("sell_hash")
@click.argument("buy_hash")
@click.argument("batch_id")
@click.argument("amount_g", type=int)
@key_option
@json_option
def settle(
    sell_hash: str, buy_hash: str, batch_id: str, amount_g: int, *, key: str, as_json: bool
) -> None:
    """Trade AMOUNT_G grams of BATCH_ID between two orders."""
    with the_bank() as bank:
        done = settle_trade(bank, sell_hash, buy_hash, whole_id(bank, batch_id), amount_g, key)
    tell(done, as_json=as_json)


@order.command("fill")
@click.argument("order_hash")
@click.argument("handle")
@click.argument("amount_g", type=int)
@batch_option
@key_option
@json_option
def fill(
    order_hash: str, handle: str, amount_g: int, *, batch_id: str | None, key: str, as_json: bool
) -> None:
    """Let HANDLE take AMOUNT_G grams of ORDER_HASH at its price, without an order of its own."""
    with the_bank() as bank:
        batch = whole_id(bank, batch_id) if batch_id else None
        done = fill_order(bank, handle, order_hash, amount_g, batch, key)
    tell(done, as_json=as_json)


@order.command("fill-and-retire")
@click.argument("order_hash")
@click.argument("handle")
@click.argument("amount_g", type=int)
@click.option("--beneficiary", required=True, help="For whom; at most 32 bytes.")
@click.option("--purpose", required=True, help="What for; at most 32 bytes.")
@batch_option
@key_option
@json_option
def fill_and_retire_command(
    order_hash: str,
    handle: str,
    amount_g: int,
    *,
    beneficiary: str,
    purpose: str,
    batch_id: str | None,
    key: str,
    as_json: bool,
) -> None:
    """Let HANDLE buy AMOUNT_G grams of the sell order ORDER_HASH and retire them at once."""
    with the_bank() as bank:
        done = fill_and_retire(
            bank,
            handle,
            order_hash,
            amount_g,
            whole_id(bank, batch_id) if batch_id else None,
            beneficiary=beneficiary,
            purpose=purpose,
            key=key,
        )
    tell(done, as_json=as_json)


@order.command("settle-all")
@json_option
def settle_all(*, as_json: bool) -> None:
    """Settle all orders that meet in one transaction; tell the trades that were skipped."""
    with the_bank() as bank:
        done = settle_book(bank)
    tell(done, as_json=as_json)
