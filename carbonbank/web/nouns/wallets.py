"""Wallets: an owner's own wallet in place of the key the bank keeps; a lost key stays lost."""

from typing import Any

from apiflask import APIBlueprint
from flask import g, render_template

from carbonbank.errors import NotFound
from carbonbank.service.link_wallet import offer_wallet_message
from carbonbank.service.wallets import wallets as wallets_of
from carbonbank.web.access import own_account
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import JobRef, WalletIn, WalletMessageOut, WalletOut, as_model
from carbonbank.web.relay_models import SignedWalletActIn, WalletActIn

wallets = APIBlueprint("wallets", __name__, url_prefix="/api/v1/accounts/<account>/wallet")
wallet_page = APIBlueprint("wallet_page", __name__, enable_openapi=False)


@wallets.get("")
@wallets.output(WalletOut)
def get_wallet(account: str) -> Any:
    """Show which wallet counts now, and which is on its way."""
    own_account(account)
    return as_model(WalletOut, wallets_of(bank(), account))


@wallets.get("/messages/<address>")
@wallets.output(WalletMessageOut)
def message(account: str, address: str) -> Any:
    """Offer the message (EIP-712) that the wallet signs; it is valid for an hour."""
    own_account(account)
    made, identity = offer_wallet_message(bank(), account, address), bank().chain.identity
    return {
        "nonce": made.nonce,
        "expiry": made.expiry,
        "digest": "0x" + made.digest(identity).hex(),
        "typed_data": made.typed_data(identity),
    }


@wallets.post("")
@wallets.input(WalletIn)
@wallets.output(JobRef, status_code=202)
def link(account: str, json_data: WalletIn) -> Any:
    """Link a wallet by its signature; it takes effect after 48 hours."""
    own_account(account)
    return take_on("link_wallet", {"account": account} | json_data.model_dump())


@wallets.delete("")
@wallets.output(JobRef, status_code=202)
def unlink(account: str) -> Any:
    """Withdraw the wallet, also one that is on its way."""
    own_account(account)
    asked_at = bank().clock.now_at().isoformat()
    return take_on("unlink_wallet", {"account": account, "key": asked_at})


@wallets.post("/holdings")
@wallets.output(JobRef, status_code=202)
def move(account: str) -> Any:
    """Move all that the account holds at the bank to its wallet."""
    own_account(account)
    return take_on("move_holdings", {"account": account})


@wallets.post("/acts")
@wallets.input(WalletActIn)
@wallets.output(JobRef, status_code=202)
def prepare(account: str, json_data: WalletActIn) -> Any:
    """Prepare an act of the wallet: the job's result is what it signs (EIP-712), and in words."""
    own_account(account)
    return take_on("prepare_wallet_act", {"account": account} | _told(json_data))


@wallets.post("/requests")
@wallets.input(SignedWalletActIn)
@wallets.output(JobRef, status_code=202)
def relay(account: str, json_data: SignedWalletActIn) -> Any:
    """Relay an act that the wallet signed; the bank pays for the transaction."""
    own_account(account)
    return take_on("relay_wallet_act", {"account": account} | _told(json_data))


def _told(asked: WalletActIn) -> dict[str, Any]:
    return asked.model_dump(exclude_none=True)


@wallet_page.get("/wallet")
def show() -> Any:
    """Tell the signed-in account what an own wallet means, and where it stands."""
    if g.caller.account is None:
        raise NotFound(kind="account of", key=f"a {g.caller.role}'s key")
    return render_template("wallet.html", view=wallets_of(bank(), g.caller.account))
