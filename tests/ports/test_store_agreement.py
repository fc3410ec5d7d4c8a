"""Any sequence of transactions leaves the fake and a database with the same answers and records."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbonbank.domain.records import ChainMoney, Vehicle, Verification
from carbonbank.errors import CarbonBankError, InvariantBroken
from carbonbank.store.store import SqlStore
from tests.fakes.store import FakeStore

KINDS = (Vehicle, ChainMoney, Verification)
EPOCH_AT = datetime(2021, 7, 1, tzinfo=UTC)

texts = st.sampled_from(["", "a", "B", "é", "\ud83d", "x\0"]) | st.text(max_size=3)
few = st.sampled_from(["a", "B", "é"])
integers = st.sampled_from([0, 1, 2, 2**63 - 1, 2**63, -(2**63)])
times = st.timedeltas(timedelta(0), timedelta(days=9)).map(lambda later: EPOCH_AT + later)
records = st.one_of(
    st.builds(ChainMoney, address=few | texts, held_units=integers),
    st.builds(
        Vehicle,
        fleet=few,
        vehicle_id=few,
        commitment=texts,
        vehicle_index=st.none() | integers,
        category=few,
        powertrain=few,
        from_month=integers,
    ),
    st.builds(
        Verification,
        batch_id=few,
        verifier=few,
        signature=few,
        document=texts,
        verified_at=times,
    ),
)
questions: st.SearchStrategy[tuple[type, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just(ChainMoney),
        st.fixed_dictionaries(
            {}, optional={"address": few | st.lists(few), "held_units": st.lists(integers)}
        ),
    ),
    st.tuples(
        st.just(Vehicle),
        st.fixed_dictionaries(
            {},
            optional={
                "fleet": few,
                "vehicle_index": st.none() | integers | st.lists(st.none() | integers),
                "commitment": texts,
                "colour": few,
            },
        ),
    ),
    st.tuples(
        st.just(Verification),
        st.fixed_dictionaries({}, optional={"verified_at": times | st.lists(times, max_size=2)}),
    ),
)
orders = st.sampled_from([None, "address", "-held_units", "vehicle_index", "-vehicle_index"])
Act = Callable[[Any], Any]
acts: st.SearchStrategy[Act] = st.one_of(
    records.map(lambda record: lambda session: session.add(record)),
    records.map(lambda record: lambda session: session.put(record)),
    records.map(lambda record: lambda session: session.get(type(record), *key(record))),
    records.map(lambda record: lambda session: session.need(type(record), *key(record))),
    questions.map(lambda q: lambda session: session.count(q[0], **q[1])),
    questions.map(lambda q: lambda session: session.remove(q[0], **q[1])),
    st.tuples(questions, orders, st.none() | st.integers(0, 3)).map(
        lambda q: lambda session: session.find(q[0][0], order=q[1], limit=q[2], **q[0][1])
    ),
)
transactions = st.lists(st.tuples(st.lists(acts, max_size=6), st.booleans()), max_size=4)


class Undone(Exception):
    pass


def key(record: Any) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in record.KEY)


def answer(session: Any, act: Act) -> Any:
    try:
        return act(session)
    except InvariantBroken:
        return "mistake"  # of two mistakes at once either may be told
    except CarbonBankError as error:
        return repr(error)


def answers(store: Any, history: list[tuple[list[Act], bool]]) -> list[Any]:
    """Do everything on an empty store; return all answers, then all that is left in it."""
    told: list[Any] = []
    with store.begin() as session:
        for kind in KINDS:
            session.remove(kind)
    for done, undo in history:
        try:
            with store.begin() as session:
                told += [answer(session, act) for act in done]
                if undo:
                    raise Undone  # noqa: TRY301 - as a caller would
        except Undone:
            told.append("undone")
    with store.read() as session:
        return told + [session.find(kind) for kind in KINDS]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=transactions)
def test_the_fake_answers_as_the_database(
    sql_store: SqlStore, history: list[tuple[list[Act], bool]]
) -> None:
    assert answers(sql_store, history) == answers(FakeStore(), history)
