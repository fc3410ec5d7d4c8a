"""An own wallet over HTTP: the key stays with its owner, the bank prepares and relays."""

from typing import Any

import pytest
from eth_account import Account as Key
from eth_account.messages import encode_typed_data

from tests.web.serving import Client
from tests.web.story import Story

pytestmark = pytest.mark.xdist_group("serve")
OWN = Key.from_key("0x" + "57" * 32)
WALLET = "/accounts/wanda/wallet"


def signed(typed_data: dict[str, Any]) -> str:
    return OWN.sign_message(encode_typed_data(full_message=typed_data)).signature.hex()


@pytest.fixture(scope="module")
def wanda(story: Story) -> Client:
    """A trader whose wallet is linked; in a demo that takes effect at once."""
    story.bank.done("/accounts", {"handle": "wanda", "kind": "trader", "person": "Wanda W."})
    found = story.served.key("trader", account="wanda")
    offered = found.get(f"{WALLET}/messages/{OWN.address}")
    told = {name: offered[name] for name in ("nonce", "expiry")}
    found.done(WALLET, told | {"wallet": OWN.address, "signature": signed(offered["typed_data"])})
    return found


def prepared(wanda: Client, act: dict[str, Any]) -> dict[str, Any]:
    """Return an act as it is relayed."""
    made = wanda.done(f"{WALLET}/acts", act)
    told = {name: made[name] for name in ("nonce", "deadline")}
    return act | told | {"signature": signed(made["typed_data"])}


def test_a_signed_act_sent_again_answers_the_same(wanda: Client) -> None:
    told = prepared(wanda, {"act": "allow-money", "amount_units": 5})
    other = prepared(wanda, {"act": "allow-money", "amount_units": 6})
    first = wanda.post(f"{WALLET}/requests", told)
    again = wanda.post(f"{WALLET}/requests", told)
    assert (first["state"], first["result"]["wallet"]) == ("done", OWN.address)
    assert again["job_id"] != first["job_id"]
    assert again["result"] == first["result"]
    refused = wanda.refused(f"{WALLET}/requests", other)
    assert (refused["title"], refused["fields"]["next_nonce"]) == ("NonceSpent", 1)
