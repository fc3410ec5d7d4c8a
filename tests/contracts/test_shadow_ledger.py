"""The contracts against a shadow of them, over random acts, with every named invariant checked.

`HYPOTHESIS_PROFILE=night` runs fifty times as many.
"""

import os
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contracts import shadow_ledger as shadow
from tests.contracts.books_machine import GOOD, HolderMachine, IssueMachine, prepare
from tests.contracts.ledger_site import BUY, DAY, SELL
from tests.contracts.market_machine import MarketMachine, WholeMachine
from tests.contracts.named_invariants import broken
from tests.contracts.shadow_ledger import Shadow

TIMES = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "night" else 1
PLAIN = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
    report_multiple_bugs=False,
)


@pytest.fixture
def ready(site):
    prepare(site)
    return site


@pytest.mark.parametrize(
    ("machine", "examples", "steps"),
    [(IssueMachine, 2, 10), (HolderMachine, 2, 12), (MarketMachine, 3, 15), (WholeMachine, 4, 30)],
)
def test_chain_and_shadow_agree_and_every_invariant_holds(ready, machine, examples, steps):
    run_state_machine_as_test(
        partial(machine, ready),
        settings=settings(PLAIN, max_examples=examples * TIMES, stateful_step_count=steps),
    )


class ForgetsWhatWasCredited(Shadow):
    """It takes a vehicle-month twice."""

    def is_credited(self, wish):
        return False


class PaysTwice(Shadow):
    """It forgets that a payout was paid."""

    def claim(self, number, index, *, bent):
        self.batches[number].paid.discard(index)
        return super().claim(number, index, bent=bent)


class KeepsWhatIsRetired(Shadow):
    """It counts what is retired, and burns nothing."""

    def retire(self, number, holder, amount_g):
        refusal = super().retire(number, holder, amount_g)
        if refusal is None:
            self.batches[number].held[holder] += amount_g
        return refusal


class ThawsWhatIsDisproven(Shadow):
    """It lets a guardian unfreeze what was disproven."""

    def unfreeze(self, number, *, guardian):
        if self.batches[number].status == shadow.DISPROVEN:
            self.batches[number].status = shadow.FROZEN
        return super().unfreeze(number, guardian=guardian)


class ForgetsTheAge(Shadow):
    """It lets an order by class take what is too young."""

    def age_s(self, number):
        return 10**9


class FreezesOne(Shadow):
    """It stops one of two batches that contradict one another."""

    def double_credit(self, one, other):
        return self.freeze(one, proof=frozenset({one, other}))


def takes_what_is_young(machine, number):
    bid = machine.offer("buyer", BUY, number, 50, 1_300_000, 0, None, DAY)
    machine.fill(bid, "operator", 10, number)


SCRIPTS = {
    ForgetsTheAge: takes_what_is_young,
    FreezesOne: lambda m, number: m.challenge_double_credit(number, issued(m, fleet="b")),
    PaysTwice: lambda m, number: [m.claim(number, 0, bent=False) for _ in range(2)],
    KeepsWhatIsRetired: lambda m, number: m.retire(number, "operator", 10),
    ThawsWhatIsDisproven: lambda m, number: (m.disprove(number, 1), m.unfreeze(number, "guardian")),
}


def found(machine, number, script):
    script(machine, number)
    machine.compared()


def issued(machine, fleet="a", **changes):
    """Let a machine issue 400 g to the operator, 150 g to drivers and 100 g of buffer."""
    number = machine.issue(fleet=fleet, **{"months_ago": 1, "honest": True, **GOOD, **changes})
    machine.compared()
    return number


def test_a_mistake_planted_in_the_shadow_is_found_by_chance(ready):
    with pytest.raises(AssertionError, match="VehicleMonthAlreadyCredited"):
        run_state_machine_as_test(
            partial(IssueMachine, ready, ForgetsWhatWasCredited),
            settings=settings(
                PLAIN, max_examples=60, stateful_step_count=20, derandomize=True, database=None
            ),
        )


@pytest.mark.parametrize("wrong", SCRIPTS)
def test_every_planted_mistake_shows_at_the_act(ready, wrong):
    honest = WholeMachine(ready)
    SCRIPTS[wrong](honest, issued(honest))
    honest.compared()
    honest.teardown()
    mistaken = WholeMachine(ready, wrong)
    number = issued(mistaken)
    with pytest.raises(AssertionError, match="the shadow"):
        found(mistaken, number, SCRIPTS[wrong])
    mistaken.teardown()


def lived(ready):
    """Return a machine of two batches that were paid, traded, retired and one disproven."""
    machine = WholeMachine(ready)
    number, other = issued(machine), issued(machine, fleet="b")
    machine.claim(number, 0, bent=False)
    machine.retire(number, "operator", 10)
    offer = (number, 50, 1_300_000, 0, None, None)
    ask, bid = machine.offer("operator", SELL, *offer), machine.offer("buyer", BUY, *offer)
    machine.settle(ask, bid, 7, number)
    machine.cancel_order(ask, "operator")
    machine.disprove(other, 1)
    machine.the_dead_are_remembered()
    machine.seen = machine.look()
    machine.compared()
    return machine, number, other, ask, bid


def test_classes_many_trades_and_challenges_are_lived_through(ready):
    """What the machine does by chance, once on purpose: each of these acts succeeds."""
    machine = WholeMachine(ready)
    number, other = issued(machine), issued(machine, fleet="b", honest=False)
    terms = (number, 50, 1_300_000, 0, None)
    ask = machine.offer("operator", SELL, *terms, None)
    bid = machine.offer("buyer", BUY, *terms, 9 * DAY // 2)

    def filled():
        return [machine.shadow.offers[key].filled_g for key in (ask, bid)]

    machine.settle(ask, bid, 7, number)
    assert filled() == [0, 0]  # too young
    machine.wait(8)
    machine.settle_many([(ask, bid, 7), (ask, ask, 1), (ask, bid, 5)], number)
    assert filled() == [12, 12]
    machine.compared()
    machine.cancel_all("buyer")
    machine.settle_many([(ask, bid, 7)], number)
    assert filled() == [12, 12]
    machine.challenge_double_credit(number, other)
    machine.compared()
    machine.challenge(other)
    machine.compared()
    statuses = [machine.shadow.batches[one].status for one in (number, other)]
    assert statuses == [shadow.FROZEN, shadow.DISPROVEN]
    machine.teardown()


def test_every_check_fails_where_its_sentence_is_broken(ready):
    machine, number, other, ask, bid = lived(ready)
    good, story = machine.seen, machine.story
    filled_g, paid, _ = good.fills[ask]

    def batches(which, **changes):
        return {"batches": good.batches | {which: good.batches[which] | changes}}

    def fills(key, *fill):
        return {"fills": good.fills | {key: fill}}

    held = good.held | {other: good.held[other] | {"operator_b": 399, "buyer": 1}}
    lies = [
        ("BANK_A", batches(number, bufferG=101)),
        ("BANK_B", batches(number, retiredG=9)),
        ("BANK_C", {"credited": dict.fromkeys(good.credited, 0)}),
        ("BANK_E", {"stuck": [("operator", number)]}),
        ("BANK_F", {"paid": good.paid | {number: {0, 1}}}),
        ("BANK_G", {"held": held}),
        ("MARKET_A", fills(ask, filled_g + 1, paid, True)),
        ("MARKET_A", fills(bid, 51, paid, False)),
        ("MARKET_B", {"money": good.money | {"buyer": good.money["buyer"] + 1}}),
        ("MARKET_C", fills(bid, filled_g, paid + 2, False)),
        ("MARKET_C", fills(ask, filled_g, paid - 2, True)),
    ]
    assert broken(good, good, story) == []
    for name, lie in lies:
        assert name in broken(replace(good, **lie), good, story)
    assert broken(good, good, replace(story, signers=dict.fromkeys(story.signers, "0x"))) == [
        "BANK_D"
    ]
    machine.teardown()
