"""The named invariants of the ledger as sentences and as checks of what the chain answers.

`docs/invariants.md` says the same sentences; a test compares. Each check gets what is seen on the
chain now and before the last act, and the story: what was signed and what the logs told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contracts.ledger_site import CANCELLED, DISPROVEN

GRAMS = ("issuedG", "claimableG", "bufferG", "retiredG", "cancelledG")
SELL = 0


@dataclass
class Seen:
    """All that the getters answer at one moment; batches by number, orders by hash."""

    now: int
    batches: dict[int, dict[str, Any]]
    held: dict[int, dict[str, int]]
    credited: dict[int, int]
    fills: dict[bytes, tuple[int, int, bool]]
    money: dict[str, int]
    paid: dict[int, set[int]]
    stuck: list[tuple[str, int]]


@dataclass
class Story:
    """What was asked for and told: claims that were issued, who signed them, orders, trades."""

    claims: dict[int, dict[str, Any]] = field(default_factory=dict)
    signers: dict[int, str] = field(default_factory=dict)
    vehicles: dict[int, set[int]] = field(default_factory=dict)
    home: Callable[[int, int], bytes | None] = lambda _vehicle, _month: None
    payouts: dict[int, tuple[tuple[int, str, int, int], ...]] = field(default_factory=dict)
    orders: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    dead: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    trades: list[dict[str, Any]] = field(default_factory=list)
    endowed: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def bank_a(seen: Seen, _before: Seen, _story: Story) -> bool:
    """per batch, in every status: issued == sum of balances + claimable + buffer + retired
    + cancelled"""
    return all(
        batch["issuedG"] == sum(seen.held[number].values()) + sum(batch[g] for g in GRAMS[1:])
        for number, batch in seen.batches.items()
    )


def bank_b(seen: Seen, before: Seen, _story: Story) -> bool:
    """retired never decreases; issued never changes after issue"""
    return all(
        seen.batches[number]["retiredG"] >= batch["retiredG"]
        and seen.batches[number]["issuedG"] == batch["issuedG"]
        for number, batch in before.batches.items()
    )


def bank_c(seen: Seen, _before: Seen, story: Story) -> bool:
    """no vehicle-month is credited twice under any sequence of calls by any roles, and none
    outside its fleet"""
    told = [(v, story.claims[n]["month"]) for n in story.vehicles for v in story.vehicles[n]]
    bits = {month: sum(1 << v for v, m in set(told) if m == month) for month in seen.credited}
    at_home = all(
        story.home(vehicle, claim["month"]) == claim["fleetId"]
        for number, claim in story.claims.items()
        for vehicle in story.vehicles[number]
    )
    return len(told) == len(set(told)) and bits == seen.credited and at_home


def bank_d(seen: Seen, _before: Seen, story: Story) -> bool:
    """a batch exists only with its named verifier's signature over exactly its claim"""
    return all(story.signers[n] == story.claims[n]["verifier"] for n in seen.batches)


def bank_e(seen: Seen, _before: Seen, _story: Story) -> bool:
    """every holder of an Active batch can retire all of it"""
    return not seen.stuck


def bank_f(seen: Seen, _before: Seen, story: Story) -> bool:
    """claimed under a batch never exceeds driversG; no index is claimed twice"""
    for number, batch in seen.batches.items():
        drivers_g = story.claims[number]["driversG"]
        claimed_g = sum(p[3] for p in story.payouts[number] if p[0] in seen.paid[number])
        if claimed_g > drivers_g:
            return False
        if batch["status"] != CANCELLED and batch["claimableG"] + claimed_g != drivers_g:
            return False
    return True


def bank_g(seen: Seen, before: Seen, _story: Story) -> bool:
    """what a challenge disproves never moves again before it is corrected"""
    return all(
        seen.held[number] == before.held[number]
        and all(seen.batches[number][g] == batch[g] for g in GRAMS)
        for number, batch in before.batches.items()
        if batch["status"] == seen.batches[number]["status"] == DISPROVEN
    )


def market_a(seen: Seen, _before: Seen, story: Story) -> bool:
    """filled never exceeds an order's amount; nothing fills after cancel or expiry"""
    return all(
        filled_g <= story.orders[key]["amountG"]
        and story.dead.get(key, (filled_g, paid)) == (filled_g, paid)
        for key, (filled_g, paid, _) in seen.fills.items()
    )


def market_b(seen: Seen, _before: Seen, story: Story) -> bool:
    """buyer paid == seller received + fee; no credits without money, no money without credits"""
    due = dict(story.endowed)
    for trade in story.trades:
        due[story.names[trade["buyer"]]] -= trade["paidUnits"]
        due[story.names[trade["seller"]]] += trade["paidUnits"] - trade["feeUnits"]
        due["fee_box"] += trade["feeUnits"]
    filled_g = dict.fromkeys(story.orders, 0)
    for trade in story.trades:
        for key in (trade["sellHash"], trade["buyHash"]):
            if key in filled_g:
                filled_g[key] += trade["amountG"]
    return seen.money == due and all(seen.fills[key][0] == grams for key, grams in filled_g.items())


def market_c(seen: Seen, _before: Seen, story: Story) -> bool:
    """no order's cumulative payment passes its signed limit by more than one unit"""
    for key, (filled_g, paid, _) in seen.fills.items():
        order = story.orders[key]
        limit = -(-order["priceUnitsPerT"] * filled_g // 10**6)
        if paid + 1 < limit if order["side"] == SELL else paid > limit + 1:
            return False
    return True


CHECKS = (bank_a, bank_b, bank_c, bank_d, bank_e, bank_f, bank_g, market_a, market_b, market_c)
ROUNDS = {
    "ROUND_A": "sign, cancel: nothing changed",
    "ROUND_B": "splitting a fill never changes what is paid in total",
}
"""Rules of the machine, because each is about a way there and back."""

SENTENCES = {
    check.__name__.upper(): " ".join(str(check.__doc__).split()) for check in CHECKS
} | ROUNDS


def broken(seen: Seen, before: Seen, story: Story) -> list[str]:
    """Return the names of the invariants that do not hold."""
    return [check.__name__.upper() for check in CHECKS if not check(seen, before, story)]
