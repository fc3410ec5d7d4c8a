"""A re-organisation of a real node: anvil goes back to a snapshot, and the books go with it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from carbonbank.domain.records import PROJECTIONS
from carbonbank.service.account_balance import account_balance
from carbonbank.service.bank import Bank
from carbonbank.service.fund_account import fund_account
from carbonbank.service.open_account import open_account
from carbonbank.service.reconcile import reconcile
from carbonbank.service.sync_chain import sync_chain
from tests.ports.chain_fixtures import Site
from tests.stage import bank_on_fakes


@pytest.fixture
def bank(anvil_site: Site) -> Iterator[Bank]:
    """A bank whose chain is anvil; what it did there is undone afterwards."""
    before = ask(anvil_site.chain, "evm_snapshot")
    bank = replace(bank_on_fakes(), chain=anvil_site.chain, signer=anvil_site.signer)
    open_account(bank, handle="tina", kind="trader", person="T.")
    yield bank
    ask(anvil_site.chain, "evm_revert", before)


def ask(chain: Any, method: str, *params: Any) -> Any:
    return chain._web3.provider.make_request(method, list(params))["result"]


def tables(bank: Bank) -> list[list[Any]]:
    with bank.store.read() as session:
        return [session.find(kind) for kind in PROJECTIONS]


def test_what_a_fork_undoes_is_undone_in_the_books(bank: Bank) -> None:
    fund_account(bank, "tina", 5, "stays")
    before, snapshot = tables(bank), ask(bank.chain, "evm_snapshot")
    fund_account(bank, "tina", 70, "goes")
    fund_account(bank, "tina", 800, "goes too")
    assert account_balance(bank, "tina").money_units == 875
    assert ask(bank.chain, "evm_revert", snapshot) is True
    assert sync_chain(bank).blocks_undone == 2
    assert tables(bank) == before
    assert account_balance(bank, "tina").money_units == 5


def test_an_act_that_a_fork_undid_happens_once_more_on_asking(bank: Bank) -> None:
    snapshot = ask(bank.chain, "evm_snapshot")
    first = fund_account(bank, "tina", 70, "k")
    assert ask(bank.chain, "evm_revert", snapshot) is True
    ask(bank.chain, "evm_mine")
    second = fund_account(bank, "tina", 70, "k")
    assert fund_account(bank, "tina", 70, "k").tx_hash == second.tx_hash
    assert second.held_units == first.held_units
    assert [one for one in reconcile(bank).findings if one.code == "MONEY_DIFFERS"] == []


def test_a_node_behind_a_few_confirmations_waits(bank: Bank, anvil_site: Site) -> None:
    careful = replace(bank, chain=anvil_site.again(2))
    assert not fund_account(careful, "tina", 9, "k").repeated
    assert account_balance(careful, "tina").money_units == 0
    assert fund_account(careful, "tina", 9, "k").repeated
    ask(bank.chain, "anvil_mine", "0x2")
    sync_chain(careful)
    assert account_balance(careful, "tina").money_units == 9
