"""Demo programmes as JSON values, for tests to change."""

import json
from importlib import resources

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
