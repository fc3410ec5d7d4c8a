"""Serial, retirement, batch and trip lead to each other, and no further than one may see."""

from typing import Any

import pytest

from carbonbank.domain.records import ChainLog, ChainRetirement, StoredTrip
from carbonbank.errors import NotFound, SerialMalformed
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.trace import ALL_SEEING, Trace, Viewer, trace
from tests.stage import FLEET, Stage, trip

# Three trips of 15, 15 and 9 km; ben drove the last.
TRIPS = [
    trip(),
    trip("2024-06-04T08:00:00"),
    trip(vehicle_id="car-2", distance_m=9_000, driver_id="ben"),
]


class Told:
    """A batch of three trips of which 10 g are retired, twice."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.certify()
        self.batch = stage.verified(TRIPS).batch_id
        issue_batch(stage.bank, self.batch)
        for key in "ab":
            words = {"beneficiary": "library", "purpose": key}
            retire_credits(stage.bank, "olga", self.batch, 10, key=key, **words)
        sync_chain(stage.bank)

    def trace(self, subject: Any, viewer: Viewer = ALL_SEEING) -> Trace:
        return trace(self.stage.bank, str(subject), viewer)


@pytest.fixture
def told(stage: Stage) -> Told:
    return Told(stage)


def test_everything_leads_to_everything(told: Told) -> None:
    second = told.trace(2)
    assert second.serial == f"CB-{FLEET}-202406-{told.batch[:8]}-11-20"
    by_serial = told.trace(second.serial)
    assert [one.retirement.retirement_id for one in by_serial.retirements] == [2]
    assert by_serial.batch == second.batch == told.trace(told.batch[:8]).batch
    (first_trip,) = second.trips
    assert (first_trip.filename, first_trip.row, first_trip.leaf_index) == ("trips.csv", 2, 0)
    back = told.trace(first_trip.trip_id)
    assert back.trip is not None
    assert back.trip.leaf_index == 0
    assert [one.retirement.retirement_id for one in back.retirements] == [1, 2]
    assert back.serial == f"CB-{FLEET}-202406-{told.batch[:8]}-1-{first_trip.reduction_g}"


def test_every_gram_has_one_trip(told: Told) -> None:
    whole = told.trace(told.batch)
    ends = [(one.first_g, one.last_g) for one in whole.trips]
    assert ends[0][0] == 1
    assert [first for first, _ in ends[1:]] == [(last or 0) + 1 for _, last in ends[:-1]]
    assert whole.batch is not None
    assert ends[-1][1] == whole.batch.total_g


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (ALL_SEEING, 3),
        (Viewer(role="verifier"), 3),
        (Viewer(role="operator", fleet=FLEET), 3),
        (Viewer(role="operator", fleet="other"), 0),
        (Viewer(role="driver", account="anna"), 2),
        (Viewer(role="driver", account="ben"), 1),
        (Viewer(role="trader", account="anna"), 0),
        (Viewer(role="anyone"), 0),
    ],
)
def test_trips_are_shown_to_the_entitled_and_counted_for_all(
    told: Told, viewer: Viewer, seen: int
) -> None:
    found = told.trace(told.batch, viewer)
    assert (len(found.trips), found.trips_behind, found.files_behind) == (seen, 3, 1)
    assert len(found.retirements) == 2
    visible = {one.trip_id for one in found.trips}
    for one in told.stage.all(StoredTrip):
        if one.trip_id in visible:
            assert told.trace(one.trip_id, viewer).trip is not None
        else:
            with pytest.raises(NotFound):
                told.trace(one.trip_id, viewer)


def test_a_trip_in_no_batch_is_traced_to_its_row(stage: Stage) -> None:
    stage.offer([trip(), trip(vehicle_id="car-3")])
    (waiting,) = stage.all(StoredTrip, vehicle_id="car-3")
    found = trace(stage.bank, waiting.trip_id, ALL_SEEING)
    assert found.trip is not None
    assert (found.batch, found.trip.row, found.trip.state) == (None, 3, "quarantined")


def test_a_replaced_retirement_names_what_stands_in_for_it(told: Told) -> None:
    log = ChainLog(
        block_number=10**6,
        log_index=0,
        tx_hash="ab" * 32,
        name="RetirementReplaced",
        actor="",
        nonce=0,
        fields=(
            f'{{"batch_id":"{int(told.batch, 16)}","source_batch_id":"{int(told.batch, 16)}",'
            '"from_serial":1,"to_serial":10,"source_from_serial":21,"source_to_serial":30}'
        ),
    )
    with told.stage.bank.store.begin() as session:
        session.add(log)
    first, second = told.trace(told.batch).retirements
    assert [one.replaced_by[-5:] for one in first.replaced_by] == ["21-30"]
    assert second.replaced_by == ()


@pytest.mark.parametrize("subject", ["3", "ab" * 32, "deadbeef", "CB-other-202406-{0}-1-2",
                                     "CB-chicago-2007-202406-{0}-1-99999999"])  # fmt: skip
def test_what_is_not_there_is_not_found(told: Told, subject: str) -> None:
    with pytest.raises(NotFound):
        told.trace(subject.format(told.batch[:8]))
    assert len(told.stage.all(ChainRetirement)) == 2


def test_a_malformed_serial_is_said_so(told: Told) -> None:
    with pytest.raises(SerialMalformed):
        told.trace("CB-nothing")
