"""Acts of an own wallet: prepared in words, signed by its key, relayed at the bank's cost, once."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from eth_account.messages import encode_typed_data

from carbonbank.chain.calls import call_of
from carbonbank.chain.gateway import Gateway
from carbonbank.cli.main import carbonbank
from carbonbank.domain.commands import AllowMoney
from carbonbank.domain.order import Side
from carbonbank.errors import (
    AmountNotPositive,
    BatchNotActive,
    ERC20InsufficientAllowance,
    ERC1155InsufficientBalance,
    ERC2771ForwarderExpiredRequest,
    ERC2771ForwarderInvalidSigner,
    FieldInvalid,
    NonceSpent,
    NotFound,
    WalletNotLinked,
)
from carbonbank.service.account_balance import account_balance
from carbonbank.service.act import events_of
from carbonbank.service.bank import Bank
from carbonbank.service.freeze_batch import freeze_batch
from carbonbank.service.order_book import order_book
from carbonbank.service.place_signed_order import offer_order, place_signed_order
from carbonbank.service.prepare_wallet_act import PreparedRequest, prepare_wallet_act
from carbonbank.service.reconcile import reconcile
from carbonbank.service.relay_wallet_act import WalletActed, relay_wallet_act
from carbonbank.service.retirement_view import retirement_view
from carbonbank.service.settle_trade import settle_trade
from carbonbank.service.unfreeze_batch import unfreeze_batch
from tests.dying import Killed, dying
from tests.integration.test_book import order, site
from tests.integration.test_wallet_orders import FIRST, OWN, linked, selling, send, signed
from tests.stage import Clock

__all__ = ["linked", "site"]

WORDS = {"beneficiary": "City library", "purpose": "Bus of 2024"}


def signature_of(made: PreparedRequest, key: Any = OWN) -> str:
    return key.sign_message(encode_typed_data(full_message=made.typed_data)).signature.hex()


def gift_to_tina(bank: Bank, batch: str, amount_g: int = 10) -> dict[str, Any]:
    """Return what is told to relay a transfer, with its signature."""
    asked = {"recipient": "tina", "batch": batch, "amount_g": amount_g}
    made = prepare_wallet_act(bank, "olga", "transfer", **asked)
    told = {"nonce": made.nonce, "deadline": made.deadline, "signature": signature_of(made)}
    return asked | told


def did(bank: Bank, act: str, **fields: Any) -> WalletActed:
    made = prepare_wallet_act(bank, "olga", act, **fields)
    return relay_wallet_act(
        bank, "olga", act, nonce=made.nonce, deadline=made.deadline,
        signature=signature_of(made), **fields,
    )  # fmt: skip


def test_a_wallet_without_a_coin_gives_and_retires(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    made = prepare_wallet_act(
        bank, "olga", "transfer", recipient="tina", batch=batch[:8], amount_g=30
    )
    tina = account_balance(bank, "tina").address
    assert made.does == f"give 30 g of batch {batch} to {tina}"
    assert made.call.startswith(f"CarbonBank.safeTransferFrom(from={OWN.address}, to={tina}")
    assert (
        did(bank, "transfer", recipient="tina", batch=batch[:8], amount_g=30).wallet == OWN.address
    )
    did(bank, "retire", batch=batch, amount_g=20, **WORDS)
    assert account_balance(bank, "tina").held_g == 30
    assert bank.chain.held_g(OWN.address, int(batch, 16)) == 50
    assert retirement_view(bank, 1).holder == OWN.address
    assert reconcile(bank).findings == ()


def test_a_wallet_trades_both_ways(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    made = offer_order(bank, selling(batch, amount_g=60))
    sell = place_signed_order(bank, "olga", made, signed(bank, made, OWN)).order_hash
    buy = order(bank, "tina", Side.BUY, 60, batch=batch)
    did(bank, "allow-market")
    assert settle_trade(bank, sell, buy, batch, 60).paid_units == 1800
    assert bank.chain.money_units(OWN.address) == 1800
    ask = order(bank, "tina", Side.SELL, 30, batch=batch)
    some = {"orders": [ask], "batch": batch, "amount_g": 10}
    with pytest.raises(ERC20InsufficientAllowance):
        did(bank, "fill", **some)
    did(bank, "allow-money", amount_units=600)
    did(bank, "fill", **some)
    did(bank, "fill-and-retire", **some, **WORDS)
    bid = order(bank, "uwe", Side.BUY, 10, batch=batch)
    did(bank, "fill", orders=[bid], batch=batch, amount_g=10)
    # 40 g were left and 10 g bought and sold again; 1800 - 300 - 300 + 300 units.
    assert bank.chain.held_g(OWN.address, int(batch, 16)) == 40
    assert bank.chain.money_units(OWN.address) == 1500
    assert retirement_view(bank, 1).amount_g == 10
    assert reconcile(bank).findings == ()


def test_a_wallet_cancels_one_and_all(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    placed = []
    for grams in (10, 20):
        made = offer_order(bank, selling(batch, amount_g=grams))
        placed.append(place_signed_order(bank, "olga", made, signed(bank, made, OWN)).order_hash)
    did(bank, "cancel-orders", orders=placed[:1])
    assert sorted(one.state for one in order_book(bank)) == ["cancelled", "open"]
    did(bank, "cancel-all-orders")
    assert {one.state for one in order_book(bank)} == {"cancelled"}


def test_what_was_signed_is_done_in_time_and_nothing_else(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    asked: dict[str, Any] = {"recipient": "tina", "batch": batch, "amount_g": 10}
    made = prepare_wallet_act(bank, "olga", "transfer", **asked)
    told = {"nonce": made.nonce, "deadline": made.deadline, "signature": signature_of(made)}
    for changed in ({"amount_g": 11}, {"recipient": "uwe"}):
        with pytest.raises(ERC2771ForwarderInvalidSigner):
            relay_wallet_act(bank, "olga", "transfer", **told, **asked | changed)
    forged = told | {"signature": signature_of(made, FIRST)}
    with pytest.raises(ERC2771ForwarderInvalidSigner):
        relay_wallet_act(bank, "olga", "transfer", **forged, **asked)
    later = replace(bank, clock=Clock(bank.clock.now_at() + timedelta(seconds=601)))
    with pytest.raises(FieldInvalid, match="deadline"):
        relay_wallet_act(bank, "olga", "transfer", **told | {"deadline": 2**40}, **asked)
    late = prepare_wallet_act(bank, "olga", "transfer", **asked)
    assert late.deadline - later.clock.now_at().timestamp() < 0
    over = {"nonce": 1, "deadline": 1, "signature": "00"}
    with pytest.raises((ERC2771ForwarderInvalidSigner, ERC2771ForwarderExpiredRequest)):
        relay_wallet_act(bank, "olga", "transfer", **over, **asked)


def test_what_was_signed_is_done_once_and_answers_the_same(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    told = gift_to_tina(bank, batch)
    other = gift_to_tina(bank, batch, amount_g=11)
    done = relay_wallet_act(bank, "olga", "transfer", **told)
    head = bank.chain.head()
    assert relay_wallet_act(bank, "olga", "transfer", **told) == done
    with pytest.raises(NonceSpent):
        relay_wallet_act(bank, "olga", "transfer", **other)
    assert bank.chain.head() == head
    assert account_balance(bank, "tina").held_g == 10


@pytest.mark.parametrize(
    ("signature", "expected"), [("zz", "hex"), ("00" * 4097, "4096 bytes at most")]
)
def test_a_signature_is_hex_of_bounded_length(
    linked: tuple[Bank, str], signature: str, expected: str
) -> None:
    bank, batch = linked
    told = gift_to_tina(bank, batch) | {"signature": signature}
    with pytest.raises(FieldInvalid) as refused:
        relay_wallet_act(bank, "olga", "transfer", **told)
    assert (refused.value.field, refused.value.expected) == ("signature", expected)
    assert len(str(refused.value)) < 200  # what was sent is not told back whole


def test_a_repeat_is_not_late(linked: tuple[Bank, str], monkeypatch: pytest.MonkeyPatch) -> None:
    bank, batch = linked
    told, unsent = gift_to_tina(bank, batch), gift_to_tina(bank, batch, amount_g=11)
    done = relay_wallet_act(bank, "olga", "transfer", **told)
    next_one = gift_to_tina(bank, batch)
    later = Clock(bank.clock.now_at() + timedelta(seconds=601))
    monkeypatch.setattr(bank.chain, "_clock", later)
    bank = replace(bank, clock=later)
    assert relay_wallet_act(bank, "olga", "transfer", **told) == done
    with pytest.raises(NonceSpent):
        relay_wallet_act(bank, "olga", "transfer", **unsent)
    with pytest.raises(ERC2771ForwarderExpiredRequest):
        relay_wallet_act(bank, "olga", "transfer", **next_one)


@pytest.mark.parametrize(
    ("method", "after"), [("submit_request", False), ("submit_request", True), ("head", False)]
)
def test_a_repeat_finishes_what_was_killed(
    linked: tuple[Bank, str], method: str, after: bool
) -> None:
    bank, batch = linked
    told = gift_to_tina(bank, batch)
    with pytest.raises(Killed):
        relay_wallet_act(dying(bank, "chain", method, 0, after=after), "olga", "transfer", **told)
    done = relay_wallet_act(bank, "olga", "transfer", **told)
    assert relay_wallet_act(bank, "olga", "transfer", **told) == done
    assert account_balance(bank, "tina").held_g == 10
    assert reconcile(bank).findings == ()


def test_a_repeat_of_what_was_refused_is_asked_anew(linked: tuple[Bank, str]) -> None:
    bank, batch = linked
    told = gift_to_tina(bank, batch)
    freeze_batch(bank, batch, "a doubt")
    head = bank.chain.head()
    for _ in range(2):
        with pytest.raises(BatchNotActive):
            relay_wallet_act(bank, "olga", "transfer", **told)
    assert bank.chain.head() == head
    unfreeze_batch(bank, batch)
    done = relay_wallet_act(bank, "olga", "transfer", **told)
    assert relay_wallet_act(bank, "olga", "transfer", **told) == done


def test_a_repeat_that_comes_second_on_the_chain_is_the_first(
    linked: tuple[Bank, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, batch = linked
    told, chain = gift_to_tina(bank, batch), bank.chain
    assert isinstance(chain, Gateway)
    send, mined = chain._send, []

    def twice(*args: Any) -> Any:
        mined.extend([send(*args), send(*args)])
        return mined[1]

    monkeypatch.setattr(chain, "_send", twice)
    done = relay_wallet_act(bank, "olga", "transfer", **told)
    assert [one["status"] for one in mined] == [1, 0]
    assert done.tx_hash == mined[0]["transactionHash"].to_0x_hex()


@pytest.mark.parametrize("confirmations", [0, 1])
def test_a_repeat_is_found_beside_the_wallets_own_transaction(
    linked: tuple[Bank, str], monkeypatch: pytest.MonkeyPatch, confirmations: int
) -> None:
    bank, batch = linked
    told = gift_to_tina(bank, batch)
    monkeypatch.setattr(bank.chain, "_confirmations", confirmations)
    allow = call_of(AllowMoney(owner=OWN.address, amount_units=5), bank.chain.identity)
    send(bank, OWN, bank.chain.identity.money, allow.data)
    done = relay_wallet_act(bank, "olga", "transfer", **told)
    under_number = events_of(bank, OWN.address, told["nonce"])
    assert len({log.tx_hash for log in under_number}) == 2  # its own, and the request's
    assert relay_wallet_act(bank, "olga", "transfer", **told) == done


@pytest.mark.parametrize(
    ("act", "fields", "error"),
    [
        ("mint", {}, FieldInvalid),
        ("transfer", {"recipient": "tina", "amount_g": 1}, FieldInvalid),
        ("allow-market", {"amount_g": 1}, FieldInvalid),
        ("allow-money", {"amount_units": 0}, AmountNotPositive),
        ("retire", {"batch": "batch", "amount_g": 101, **WORDS}, ERC1155InsufficientBalance),
        ("retire", {"batch": "ff" * 32, "amount_g": 1, **WORDS}, NotFound),
        ("cancel-orders", {"orders": ["00" * 32]}, NotFound),
        ("fill", {"orders": [], "batch": "batch", "amount_g": 1}, FieldInvalid),
    ],
)
def test_an_act_is_told_what_it_needs(
    linked: tuple[Bank, str], act: str, fields: dict[str, Any], error: type[Exception]
) -> None:
    bank, batch = linked
    named = {name: batch if value == "batch" else value for name, value in fields.items()}
    with pytest.raises(error):
        prepare_wallet_act(bank, "olga", act, **named)
    with pytest.raises(WalletNotLinked):
        prepare_wallet_act(bank, "tina", "allow-market")


def test_a_wallet_acts_from_the_command_line(
    linked: tuple[Bank, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, batch = linked

    class Opened:
        """The bank of this test in place of one opened by the command."""

        def __enter__(self) -> Bank:
            return bank

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("carbonbank.cli.wallet.the_bank", Opened)

    def run(*words: str) -> Any:
        done = CliRunner().invoke(carbonbank, ["wallet", *words, "--json"], catch_exceptions=False)
        return json.loads(done.stdout)

    act = ["olga", "transfer", "--recipient", "tina", "--batch", batch[:8], "--amount-g", "7"]
    made = run("prepare", *act)
    shown = encode_typed_data(full_message=made["typed_data"])
    words = ["--nonce", str(made["nonce"]), "--deadline", str(made["deadline"])]
    signature = OWN.sign_message(shown).signature.hex()
    done = run("relay", *act, *words, "--signature", signature)
    assert (done["wallet"], done["does"]) == (OWN.address, made["does"])
    assert run("relay", *act, *words, "--signature", signature) == done
    assert account_balance(bank, "tina").held_g == 7
