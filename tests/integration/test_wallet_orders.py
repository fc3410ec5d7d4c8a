"""Orders that an own wallet signs, of a key and of a contract; who cancels what."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from eth_account import Account as Key
from eth_account.messages import encode_typed_data

from carbonbank.chain.calls import abi_data
from carbonbank.chain.gateway import Gateway
from carbonbank.chain.transactions import wait_mined
from carbonbank.cli.main import carbonbank
from carbonbank.domain.codec import encode
from carbonbank.domain.order import Order, Side, order_struct_hash, order_typed_data
from carbonbank.errors import (
    AmountNotPositive,
    ERC1155MissingApprovalForAll,
    FieldInvalid,
    OrderAmbiguous,
    OrderNotOfWallet,
    OrderNotSigned,
    OrderOfWallet,
    WalletNotLinked,
)
from carbonbank.jobs.handlers import handlers
from carbonbank.service.bank import Bank
from carbonbank.service.cancel_order import cancel_order
from carbonbank.service.fill_order import fill_order
from carbonbank.service.link_wallet import link_wallet
from carbonbank.service.order_book import order_book
from carbonbank.service.place_order import Wanted
from carbonbank.service.place_signed_order import offer_order, order_from, place_signed_order
from carbonbank.service.transfer_credits import transfer_credits
from tests.integration.test_book import site
from tests.integration.test_contract_wallet import (
    FIRST,
    SECOND,
    asked,
    compiled,
    deployer,
)

__all__ = ["compiled", "site"]

pytestmark = pytest.mark.xdist_group("compile")
OWN = Key.from_key("0x" + "41" * 32)
PRICE = 30_000_000


def send(bank: Bank, key: Any, contract: str, data: bytes) -> None:
    """A transaction of somebody with a key and without the bank."""
    chain = bank.chain
    assert isinstance(chain, Gateway)
    web3 = chain._web3
    transaction = {
        "type": 2,
        "chainId": web3.eth.chain_id,
        "nonce": web3.eth.get_transaction_count(key.address),
        "to": contract,
        "value": 0,
        "data": data,
        "gas": 500_000,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
    }
    sent = web3.eth.send_raw_transaction(key.sign_transaction(transaction).raw_transaction)
    assert wait_mined(web3, sent, 10)["status"] == 1


def signed(bank: Bank, order: Order, *keys: Any) -> str:
    """Sign what wallets are shown, with keys one after the other."""
    shown = encode_typed_data(full_message=order_typed_data(order, bank.chain.identity))
    return b"".join(bytes(key.sign_message(shown).signature) for key in keys).hex()


def selling(batch: str, **rest: Any) -> Wanted:
    terms: dict[str, Any] = {"amount_g": 100, "price_units_per_t": PRICE, "batch": batch} | rest
    return Wanted(account="olga", side=Side.SELL, **terms)


@pytest.fixture
def linked(site: tuple[Bank, str]) -> tuple[Bank, str]:
    """The operator has a wallet of a key, with 100 g in it."""
    bank, batch = site
    link_wallet(bank, "olga", OWN.address, **asked(bank, "olga", OWN.address, OWN))
    transfer_credits(bank, "olga", OWN.address, batch, 100)
    return bank, batch


def test_what_wallets_are_shown_is_what_the_market_reads(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    order = offer_order(bank, selling(batch))
    shown = encode_typed_data(full_message=order_typed_data(order, bank.chain.identity))
    assert shown.body == order_struct_hash(order)
    raw = bytes.fromhex(signed(bank, order, OWN))
    assert Key.recover_message(shown, signature=raw) == OWN.address == order.maker
    assert offer_order(bank, selling(batch)) == order  # nothing but time tells two offers apart
    assert order_from(json.loads(json.dumps(encode(order)))) == order


def test_an_order_of_a_wallet_is_kept_once_and_taken(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    order = offer_order(bank, selling(batch))
    placed = place_signed_order(bank, "olga", order, signed(bank, order, OWN))
    assert (placed.repeated, placed.order_hash) == (False, order_struct_hash(order).hex())
    assert place_signed_order(bank, "olga", order, signed(bank, order, OWN)).repeated
    with pytest.raises(ERC1155MissingApprovalForAll):  # the wallet gives leave, not the bank
        fill_order(bank, "tina", placed.order_hash, 40)
    market = bank.chain.identity.market
    leave = abi_data("bank", "setApprovalForAll", market, True)
    send(bank, OWN, bank.chain.identity.bank, leave)
    assert fill_order(bank, "tina", placed.order_hash, 40).paid_units == 1200
    assert bank.chain.money_units(OWN.address) == 1200
    assert bank.chain.held_g(OWN.address, int(batch, 16)) == 60


def test_a_wallet_cancels_its_own_order_and_nobody_else_does(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    order = offer_order(bank, selling(batch))
    placed = place_signed_order(bank, "olga", order, signed(bank, order, OWN))
    with pytest.raises(OrderOfWallet, match=OWN.address):
        cancel_order(bank, "olga", placed.order_hash)
    market, data = (
        bank.chain.identity.market,
        abi_data("market", "cancel", [order_struct_hash(order)]),
    )
    send(bank, Key.from_key("0x" + "42" * 32), market, data)  # anyone may name any hash
    act = handlers(bank, Path())
    act["cancel_all_orders"]({"account": "olga"})  # syncs; and is not the wallet's either
    assert [one.state for one in order_book(bank)] == ["open"]
    send(bank, OWN, market, data)
    assert cancel_order(bank, "olga", placed.order_hash).repeated
    assert [one.state for one in order_book(bank)] == ["cancelled"]


def test_a_contract_makes_orders_too(site: tuple[Bank, str], compiled: dict[str, Any]) -> None:
    bank, batch = site
    chain = bank.chain
    assert isinstance(chain, Gateway)
    wallet = deployer(chain._web3, compiled, free=True)(
        "HoldingWallet", FIRST.address, SECOND.address
    )
    link_wallet(bank, "olga", wallet, **asked(bank, "olga", wallet, FIRST, SECOND))
    transfer_credits(bank, "olga", wallet, batch, 100)
    order = offer_order(bank, selling(batch))
    for keys in ((FIRST,), (SECOND, FIRST)):
        with pytest.raises(OrderNotSigned):
            place_signed_order(bank, "olga", order, signed(bank, order, *keys))
    told = {"account": "olga", "order": encode(order), "key": "k"}
    act = handlers(bank, Path())
    placed = act["place_signed_order"](told | {"signature": signed(bank, order, FIRST, SECOND)})
    leave = abi_data("bank", "setApprovalForAll", chain.identity.market, True)
    factory = chain._web3.eth.contract(abi=compiled["HoldingWallet"]["abi"], address=wallet)
    data = factory.encode_abi("act", [chain.identity.bank, leave])
    send(bank, OWN, wallet, data)
    assert fill_order(bank, "tina", placed["order_hash"], 100).amount_g == 100
    assert chain.money_units(wallet) == 3000


def place_what_is_told(bank: Bank, told: dict[str, Any]) -> None:
    order = order_from(told)
    place_signed_order(bank, "olga", order, signed(bank, order, OWN))


def test_what_the_market_would_never_take_is_not_kept(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    good = encode(offer_order(bank, selling(batch)))
    for changed, error in (
        ({"maker": FIRST.address}, OrderNotOfWallet),
        ({"amount_g": 0}, AmountNotPositive),
        ({"batch_id": 0}, OrderAmbiguous),
        ({"class_id": "0x" + "11" * 32}, OrderAmbiguous),
        ({"money": FIRST.address}, FieldInvalid),
        ({"signed_at": 2**40}, FieldInvalid),
        ({"valid_until": 1}, FieldInvalid),
        ({"amount_g": 2**64}, FieldInvalid),
        ({"salt": -1}, FieldInvalid),
        ({"side": 2}, FieldInvalid),
        ({"class_id": "0x11"}, FieldInvalid),
        ({"maker": "0x1"}, FieldInvalid),
    ):
        with pytest.raises(error):
            place_what_is_told(bank, good | changed)
    order = order_from(good)
    other = order_from(good | {"price_units_per_t": PRICE - 1})
    for signature in (signed(bank, other, OWN), signed(bank, order, FIRST), ""):
        with pytest.raises(OrderNotSigned):
            place_signed_order(bank, "olga", order, signature)
    for signature in ("zz", "00" * 5000):
        with pytest.raises(FieldInvalid):
            place_signed_order(bank, "olga", order, signature)
    with pytest.raises(WalletNotLinked):
        offer_order(
            bank,
            Wanted(account="tina", side=Side.BUY, amount_g=1, price_units_per_t=1, batch=batch),
        )
    assert order_book(bank) == ()


def test_a_wallets_order_from_the_command_line(
    linked: tuple[Bank, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, batch = linked

    class Opened:
        """The bank of this test in place of one opened by the command."""

        def __enter__(self) -> Bank:
            return bank

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("carbonbank.cli.order.the_bank", Opened)

    def run(*words: str) -> Any:
        done = CliRunner().invoke(carbonbank, ["order", *words, "--json"], catch_exceptions=False)
        return json.loads(done.stdout)

    offered = run("message", "olga", "sell", "50", str(PRICE), "--batch", batch[:8])
    file = tmp_path / "order.json"
    file.write_text(json.dumps(offered))
    shown = encode_typed_data(full_message=offered["typed_data"])
    signature = OWN.sign_message(shown).signature.hex()
    placed = run("submit", "olga", str(file), "--signature", signature)
    assert (placed["amount_g"], placed["repeated"]) == (50, False)
    file.write_text("[]")
    refused = CliRunner().invoke(
        carbonbank, ["order", "submit", "olga", str(file), "--signature", "0x"]
    )
    assert isinstance(refused.exception, FieldInvalid)
