"""An own wallet: linked by its signature once, here alone, after 48 hours; payouts follow."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as Key
from eth_account.messages import encode_typed_data

from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.records import Programme, WalletLink
from carbonbank.errors import (
    FieldInvalid,
    WalletDidNotSign,
    WalletMessageExpired,
    WalletMessageUsed,
    WalletNotLinked,
    WalletTaken,
)
from carbonbank.service.account_balance import account_balance
from carbonbank.service.bank import Bank
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.link_wallet import link_wallet, offer_wallet_message
from carbonbank.service.move_holdings import move_holdings
from carbonbank.service.reconcile import reconcile
from carbonbank.service.record_verification import record_verification
from carbonbank.service.unlink_wallet import unlink_wallet
from carbonbank.service.wallets import wallets
from tests.faults.world import bank_in, stage_in
from tests.stage import JUNE, Clock, Stage, trip

OWN, OTHER = Key.from_key("0x" + "11" * 32), Key.from_key("0x" + "22" * 32)


def signed(bank: Bank, account: str, key: Any, at: ChainIdentity | None = None) -> dict[str, Any]:
    """Sign the offered message with eth_account, as a wallet does."""
    message = offer_wallet_message(bank, account, key.address)
    asked = encode_typed_data(full_message=message.typed_data(at or bank.chain.identity))
    signature = key.sign_message(asked).signature.hex()
    return {"nonce": message.nonce, "expiry": message.expiry, "signature": signature}


def later(bank: Bank, **time: int) -> Bank:
    return replace(bank, clock=Clock(bank.clock.now_at() + timedelta(**time)))


@pytest.fixture
def real() -> Bank:
    """A bank whose programmes are no demonstrations: linking waits."""
    bank = Stage().bank
    with bank.store.begin() as session:
        for one in session.find(Programme):
            session.put(replace(one, demo=False))
    return bank


def test_it_takes_effect_after_48_hours_and_is_announced_until_then(real: Bank) -> None:
    told = link_wallet(real, "anna", OWN.address, **signed(real, "anna", OWN))
    assert (told.wallet, told.coming_wallet) == (None, OWN.address)
    assert wallets(later(real, hours=47, minutes=59), "anna").wallet is None
    there = wallets(later(real, hours=48), "anna")
    assert (there.wallet, there.coming_wallet) == (OWN.address, None)


def test_who_did_not_ask_for_it_takes_it_back_in_time(real: Bank) -> None:
    link_wallet(real, "anna", OWN.address, **signed(real, "anna", OWN))
    assert unlink_wallet(real, "anna").coming_wallet is None
    assert wallets(later(real, hours=49), "anna").wallet is None


def test_a_message_links_once(real: Bank) -> None:
    once = signed(real, "anna", OWN)
    link_wallet(real, "anna", OWN.address, **once)
    unlink_wallet(real, "anna")
    with pytest.raises(WalletMessageUsed, match="the next is 1"):
        link_wallet(real, "anna", OWN.address, **once)


def test_a_message_sent_again_is_answered_as_before_however_late(real: Bank) -> None:
    once = signed(real, "anna", OWN)
    told = link_wallet(real, "anna", OWN.address, **once)
    assert link_wallet(real, "anna", OWN.address, **once) == told
    again = link_wallet(later(real, hours=5), "anna", OWN.address, **once)
    assert again.coming_wallet == OWN.address
    with real.store.read() as session:
        assert session.count(WalletLink, account="anna") == 1
    other = {**once, "signature": "0x" + "11" * 65}
    with pytest.raises(WalletDidNotSign):
        link_wallet(real, "anna", OWN.address, **other)


def test_a_message_of_another_chain_contract_account_or_wallet_does_not_count(real: Bank) -> None:
    identity = real.chain.identity
    for elsewhere in (
        replace(identity, chain_id=identity.chain_id + 1),
        replace(identity, bank=identity.market),
    ):
        with pytest.raises(WalletDidNotSign):
            link_wallet(real, "anna", OWN.address, **signed(real, "anna", OWN, elsewhere))
    with pytest.raises(WalletDidNotSign):
        link_wallet(real, "ben", OWN.address, **signed(real, "anna", OWN))
    with pytest.raises(WalletDidNotSign):
        link_wallet(real, "anna", OTHER.address, **signed(real, "anna", OWN))
    with pytest.raises(FieldInvalid, match="wallet"):
        link_wallet(real, "anna", "0x1", **signed(real, "anna", OWN))
    assert wallets(real, "anna").coming_wallet is None


def test_a_message_ends_and_none_is_valid_for_ever(real: Bank) -> None:
    asked = signed(real, "anna", OWN)
    with pytest.raises(WalletMessageExpired):
        link_wallet(later(real, hours=1, seconds=1), "anna", OWN.address, **asked)
    with pytest.raises(WalletMessageExpired):
        link_wallet(real, "anna", OWN.address, **asked | {"expiry": 2**40})


def test_a_wallet_is_of_one_account(real: Bank) -> None:
    link_wallet(real, "anna", OWN.address, **signed(real, "anna", OWN))
    with pytest.raises(WalletTaken):
        link_wallet(real, "ben", OWN.address, **signed(real, "ben", OWN))
    with pytest.raises(WalletNotLinked):
        move_holdings(real, "ben")


def test_later_payouts_go_there_and_holdings_follow_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "bank"
    with bank_in(path) as bank:
        stage = stage_in(path, bank)
        stage.certify()
        june = stage.verified([trip()]).batch_id
        issue_batch(bank, june)
        claim_payout(bank, "anna")
        held_g = account_balance(bank, "anna").held_g
        linked = link_wallet(bank, "anna", OWN.address, **signed(bank, "anna", OWN))
        assert linked.wallet == OWN.address  # a demo does not wait
        assert account_balance(bank, "anna").held_g == held_g > 0
        stage.offer([trip("2024-07-03T08:00:00")], "july.csv")
        stage.close(JUNE + 1)
        july = stage.seal(JUNE + 1).batch_id
        record_verification(bank, july, stage.signed(july))
        issue_batch(bank, july)
        assert account_balance(bank, "anna").claimable_g == held_g
        assert claim_payout(bank, "anna").amount_g == held_g
        shown = account_balance(bank, "anna")
        assert (shown.held_g, shown.claimable_g, shown.wallet_g) == (held_g, 0, held_g)
        (moved,) = move_holdings(bank, "anna").moved
        assert (moved.recipient, moved.amount_g) == (OWN.address, held_g)
        shown = account_balance(bank, "anna")
        assert (shown.held_g, shown.wallet_g) == (0, 2 * held_g)
        assert move_holdings(bank, "anna").moved == ()
        assert reconcile(bank).findings == ()
