"""Accounts: who holds grams. A balance is what is held plus what is claimable."""

from typing import Any

from apiflask import APIBlueprint

from carbonbank.domain.records import Account
from carbonbank.service.account_balance import account_balance
from carbonbank.web.access import own_account
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    AccountIn,
    AccountOut,
    AccountPage,
    BalanceOut,
    FundsIn,
    JobRef,
    Page,
    TransferIn,
    as_model,
    page,
)

accounts = APIBlueprint("accounts", __name__, url_prefix="/api/v1/accounts")


@accounts.get("")
@accounts.input(Page, location="query")
@accounts.output(AccountPage)
def list_accounts(query_data: Page) -> Any:
    """List accounts, without the people behind them."""
    with bank().store.read() as records:
        found = records.find(Account)
    return page(AccountOut, found, query_data)


@accounts.post("")
@accounts.input(AccountIn)
@accounts.output(JobRef, status_code=202)
def create_account(json_data: AccountIn) -> Any:
    """Open an account whose key the bank keeps."""
    return take_on("open_account", json_data.model_dump())


@accounts.get("/<account>")
@accounts.output(BalanceOut)
def get_account(account: str) -> Any:
    """Show an account's grams (held, claimable, retired) and money."""
    own_account(account)
    return as_model(BalanceOut, account_balance(bank(), account))


@accounts.post("/<account>/funds")
@accounts.input(FundsIn)
@accounts.output(JobRef, status_code=202)
def fund(account: str, json_data: FundsIn) -> Any:
    """Pay settlement money into an account; two equal payments need two keys."""
    return take_on("fund_account", {"account": account} | json_data.model_dump())


@accounts.post("/<account>/transfers")
@accounts.input(TransferIn)
@accounts.output(JobRef, status_code=202)
def transfer(account: str, json_data: TransferIn) -> Any:
    """Hand grams to somebody else; two equal transfers need two keys."""
    own_account(account)
    return take_on("transfer_credits", {"account": account} | json_data.model_dump())


@accounts.post("/<account>/claim")
@accounts.output(JobRef, status_code=202)
def claim(account: str) -> Any:
    """Pay the account what is claimable of all issued batches."""
    own_account(account)
    return take_on("claim_payout", {"account": account})
