"""Trips that count already for another fleet, or under another programme of the same fleet.

Which fleet a vehicle belongs to is for people to say; until then what counts first stands, and
the same trips sent for another fleet wait. One trip of the same times and distance is a
coincidence among many fleets; a row of them between two vehicles is not.
"""

import json
from collections.abc import Iterator, Sequence

from carbonbank.domain.records import StoredTrip
from carbonbank.mrv.rules import Rules
from carbonbank.ports import Session

_AT_ONCE = 10_000


def told_elsewhere(
    session: Session, ours: Sequence[StoredTrip], judged: Sequence[StoredTrip], rules: Rules
) -> Iterator[tuple[StoredTrip, str]]:
    """Yield each of our trips whose vehicle shares some trips with one elsewhere, and where.

    Args:
        session: where the trips of all fleets are.
        ours: the trips that may be kept out.
        judged: all trips that are judged together with ours; what is among them is not elsewhere.
        rules: of them, `copied_trips_min`: how many two vehicles share before it is no coincidence.
    """
    here = {trip.trip_id for trip in judged}
    others: dict[tuple[object, ...], list[StoredTrip]] = {}
    starts = sorted({trip.start_at for trip in ours})
    for first in range(0, len(starts), _AT_ONCE):
        some = starts[first : first + _AT_ONCE]
        for other in session.find(StoredTrip, state="accepted", start_at=some):
            if other.trip_id not in here:
                others.setdefault(_way(other), []).append(other)
    shared: dict[tuple[str, str, str], list[StoredTrip]] = {}
    for trip in ours if others else ():
        for other in others.get(_way(trip), ()):
            shared.setdefault((trip.vehicle_id, other.fleet, other.vehicle_id), []).append(trip)
    told: set[str] = set()
    for (_, fleet, vehicle_id), trips in sorted(shared.items()):
        for trip in trips if len(trips) >= rules.copied_trips_min else ():
            if trip.trip_id not in told:
                told.add(trip.trip_id)
                where = f"vehicle {vehicle_id}" if fleet == trip.fleet else "another fleet"
                yield trip, f"{len(trips)} trips, as {where}"


def _way(trip: StoredTrip) -> tuple[object, ...]:
    return trip.start_at, trip.end_at, json.loads(trip.record)["distance_m"]
