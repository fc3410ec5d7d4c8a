"""Demo programmes as JSON values for tests to change, and trips to run through them."""

import json
from datetime import UTC, datetime, timedelta
from importlib import resources

from carbonbank.domain.trip import Trip

NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)
DEMOS = ("demo-morocco", "demo-chicago", "demo-chicago-as-is")


def programme_document(name):
    folder = resources.files("carbonbank.data") / "programmes"
    return json.loads((folder / f"{name}.json").read_bytes())


def changed(name, **changes):
    """Return a demo's document with values replaced by `part__part__name` paths."""
    document = programme_document(name)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = document
        for parent in parents:
            place = place[parent]
        place[last] = value
    return document


def trip(number=0, **values):
    start_at = NEW_YEAR + timedelta(hours=number)
    return Trip(
        **{
            "vehicle_id": "car-1",
            "start_at": start_at,
            "end_at": start_at + timedelta(minutes=30),
            "distance_m": 15_000,
            "distance_source": "wheel",
            "source": "made",
            "source_record_id": f"made#{number}",
            **values,
        }
    )
