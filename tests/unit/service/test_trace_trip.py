"""From a row to its leaf, and from the leaf to the signed root."""

import pytest

from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.merkle import inclusion_holds
from carbonbank.domain.records import SealedBatch, StoredTrip
from carbonbank.errors import NotFound
from carbonbank.service.trace_trip import trace_trip
from tests.stage import Stage, trip

TRIPS = [
    trip(),
    trip("2024-06-04T08:00:00"),
    trip("2024-06-05T08:00:00", vehicle_id="car-2", distance_m=9_000),
]


def test_every_sealed_trip_has_a_leaf_under_the_signed_root(stage: Stage) -> None:
    batch_id = stage.sealed(TRIPS).batch_id
    (sealed,) = stage.all(SealedBatch)
    root = from_text(BatchClaim, sealed.claim).evidence_root
    traces = [trace_trip(stage.bank, trip_id=one.trip_id) for one in stage.all(StoredTrip)]
    assert sorted(t.leaf_index for t in traces if t.leaf_index is not None) == [0, 1, 2]
    for one in traces:
        assert (one.batch_id, one.filename) == (batch_id, "trips.csv")
        assert one.leaf is not None
        assert one.leaf_index is not None
        path = [bytes.fromhex(node) for node in one.proof or ()]
        leaf = bytes.fromhex(one.leaf)
        assert inclusion_holds(leaf, index=one.leaf_index, size=3, path=path, root=root)
    assert sum(t.reduction_g or 0 for t in traces) == sealed.total_g


def test_a_trip_that_is_not_sealed_has_a_state_and_no_leaf(stage: Stage) -> None:
    stage.offer([trip(), trip(vehicle_id="car-3")])
    (waiting,) = stage.all(StoredTrip, vehicle_id="car-3")
    trace = trace_trip(stage.bank, trip_id=waiting.trip_id)
    assert (trace.state, trace.reason, trace.leaf) == ("quarantined", "vehicle_not_enrolled", None)
    with pytest.raises(NotFound):
        trace_trip(stage.bank, trip_id="00")
