"""Every getter of the ledger: so a test says what an act changed, and that nothing else did.

`test_getters` holds this to the ABI: a getter that is not asked here is a constant.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eth_utils import keccak

from tests.contracts.asked_at_once import AskedAtOnce
from tests.contracts.ledger_site import (
    DECEMBER,
    FLEET,
    FLEET_B,
    JANUARY,
    METHOD,
    METHOD_B,
    NOVEMBER,
    PEOPLE,
    Site,
)

ROLES = ("CERTIFIER", "VERIFIER", "ISSUER", "REGISTRAR", "GUARDIAN", "CHALLENGER")
PAYERS = ("operator", "operator_b", "driver", "driver_b", "buyer", "fee_box", "stranger")
MAKERS = ("operator", "buyer", "driver", "stranger")
INDICES = range(3)  # of payouts
VEHICLES = range(1, 5)
MARCH = JANUARY + 2
MONTHS = {"November": NOVEMBER, "December": DECEMBER, "March": MARCH}
FLEETS = {"fleet": FLEET, "fleet b": FLEET_B}
METHODS = {"methodology": METHOD, "methodology b": METHOD_B}
NEW_VEHICLE = keccak(text="a new vehicle")


@contextmanager
def watched(site: Site, root: bytes = b"", **named: Any) -> Iterator[dict[str, Any]]:
    """Tell what changes inside: a getter's name, and what it answers afterwards.

    Batches are named by their number, orders by their fields; `root` is that of the payouts. An
    answer with fields is told field by field.
    """
    asked = _getters(site, root, named)
    look = AskedAtOnce(site, list(asked.values()))
    before = look.answers()
    changed: dict[str, Any] = {}
    yield changed
    for (name, call), old, new in zip(asked.items(), before, look.answers(), strict=True):
        if new != old:
            parts = zip(_parts(call, old), _parts(call, new), strict=True)
            changed |= {name + part: value for (_, was), (part, value) in parts if value != was}


def _parts(call: Any, answer: Any) -> list[tuple[str, Any]]:
    """Return a struct's fields by name, several answers by name, and many balances by holder."""
    outputs = call.abi["outputs"]
    if call.fn_name == "balanceOfBatch":
        return [(f".{who}", value) for who, value in zip(HOLDERS, answer, strict=True)]
    if len(outputs) > 1:
        return [(f".{o['name']}", value) for o, value in zip(outputs, answer, strict=True)]
    if outputs[0]["type"] == "tuple":
        fields = outputs[0]["components"]
        return [(f".{f['name']}", value) for f, value in zip(fields, answer, strict=True)]
    return [("", answer)]


HOLDERS = (*PEOPLE, "market")
"""Whose grams are looked at; the market must never have any."""


def _getters(site: Site, root: bytes, named: dict[str, Any]) -> dict[str, Any]:
    batches = {name: one for name, one in named.items() if isinstance(one, int)}
    orders = {name: one for name, one in named.items() if isinstance(one, dict)}
    asked = _of_the_bank(site) | _of_the_market(site) | _of_the_money(site)
    bank, market = site.bank.functions, site.market
    holders = [site.at[who] for who in PEOPLE] + [market.address]
    for name, number in batches.items():
        asked[name] = bank.batch(number)
        asked[f"{name} classOf"] = bank.classOf(number)
        asked[f"{name} balanceOf"] = bank.balanceOfBatch(holders, [number] * len(holders))
        for index in INDICES:
            paid = bank.isClaimed(number, root.ljust(32, b"\0"), index)
            asked[f"{name} isClaimed.{index}"] = paid
    for name, order in orders.items():
        asked[name] = market.functions.fillOf(order["maker"], site.hash_of(order))
    return asked


def _of_the_bank(site: Site) -> dict[str, Any]:
    bank, at = site.bank.functions, site.at
    asked = {
        "state": bank.state(),
        "defaultAdmin": bank.defaultAdmin(),
        "pendingDefaultAdmin": bank.pendingDefaultAdmin(),
        "defaultAdminDelay": bank.defaultAdminDelay(),
        "pendingDefaultAdminDelay": bank.pendingDefaultAdminDelay(),
        "vehicleIndexOf": bank.vehicleIndexOf(NEW_VEHICLE),
    }
    asked |= {name: bank.methodology(one) for name, one in METHODS.items()}
    asked |= {f"{name} operatorOf": bank.operatorOf(one) for name, one in FLEETS.items()}
    for month, number in MONTHS.items():
        for vehicle in VEHICLES:
            asked[f"vehicle {vehicle} in {month}"] = bank.vehicle(vehicle, number)
        for word in (0, 1):
            asked[f"creditedWord.{month}.{word}"] = bank.creditedWord(number, word)
    for role in ROLES:
        for who in (role.lower(), "stranger"):
            asked[f"hasRole.{role}.{who}"] = bank.hasRole(keccak(text=role), at[who])
    for who in ("operator", "buyer"):
        trusted = bank.isApprovedForAll(at[who], site.market.address)
        asked[f"isApprovedForAll.{who}.market"] = trusted
    return asked


def _of_the_market(site: Site) -> dict[str, Any]:
    market = site.market.functions
    asked = {
        "feeBps": market.feeBps(),
        "feeTo": market.feeTo(),
        "owner": market.owner(),
        "pendingOwner": market.pendingOwner(),
    }
    return asked | {f"cancelledUpTo.{who}": market.cancelledUpTo(site.at[who]) for who in MAKERS}


def _of_the_money(site: Site) -> dict[str, Any]:
    money, market = site.money.functions, site.market.address
    asked = {f"money.{who}": money.balanceOf(site.at[who]) for who in PAYERS}
    return asked | {
        "money.market": money.balanceOf(market),
        "money totalSupply": money.totalSupply(),
        "allowance.buyer.market": money.allowance(site.at["buyer"], market),
        "nonces.buyer": money.nonces(site.at["buyer"]),
        "money hasRole.MINTER.minter": money.hasRole(keccak(text="MINTER"), site.at["minter"]),
    }
