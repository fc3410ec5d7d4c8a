"""Getters asked at once answer what each answers alone."""

import pytest
from eth_tester.exceptions import TransactionFailed

from tests.contracts.asked_at_once import ANSWERS_AT, STEP_BYTES, AskedAtOnce, written


def shapes(site, batch_id):
    """Calls of several contracts: a number, a text, a struct, several values, lists of any size."""
    bank, holders = site.bank.functions, [site.at["operator"], site.at["driver"]]
    return [
        bank.balanceOf(site.at["operator"], batch_id),
        site.money.functions.name(),
        bank.batch(batch_id),
        bank.pendingDefaultAdmin(),
        bank.balanceOfBatch(holders, [batch_id, batch_id]),
        bank.balanceOfBatch([], []),
        site.market.functions.feeTo(),
        bank.uri(0),
    ]


def test_every_answer_is_what_its_getter_says_alone(site):
    calls = shapes(site, site.issue())
    alone = [site.ask(call) for call in calls]
    told = AskedAtOnce(site, calls).answers()
    assert [_plain(one) for one in told] == [_plain(one) for one in alone]
    assert _plain(told[4]) == [1000, 0]


def _plain(answer):
    return list(answer) if isinstance(answer, tuple | list) else answer


def test_nothing_asked_is_nothing_answered(site):
    assert AskedAtOnce(site, []).answers() == []


def test_the_answers_are_of_the_moment_they_are_asked(site):
    batch_id = site.issue()
    look = AskedAtOnce(site, [site.bank.functions.balanceOf(site.at["driver"], batch_id)])
    assert look.answers() == [0]
    give = (site.at["operator"], site.at["driver"], batch_id, 7, b"")
    site.do(site.bank.functions.safeTransferFrom(*give), "operator")
    assert look.answers() == [7]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_fails_fails_them_all(site, place):
    calls = [site.money.functions.name(), site.bank.functions.uri(0)]
    # As many accounts as ids are asked for.
    calls.insert(place, site.bank.functions.balanceOfBatch([site.at["driver"]], []))
    with pytest.raises(TransactionFailed):
        AskedAtOnce(site, calls).answers()


def test_what_the_code_can_not_hold_is_refused_while_it_is_written():
    whom = bytes(20)
    with pytest.raises(AssertionError, match="over the answers"):
        written([(whom, bytes(ANSWERS_AT + 1))])
    with pytest.raises(OverflowError):
        written([(whom, b"")] * (2**16 // STEP_BYTES + 1))
