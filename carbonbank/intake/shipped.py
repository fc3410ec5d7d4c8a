"""The real trips the package ships, with their licences in carbonbank/data/LICENCES.csv."""

import gzip
from importlib.resources import files

SETS = {"twizy": "trips/rsk_twizy", "chicago": "trips"}


def shipped_files(name: str) -> list[tuple[str, bytes]]:
    """Return (file name, original bytes) of a shipped set, sorted by name.

    Args:
        name: `twizy` (17 logs, CC BY 4.0) or `chicago` (one table, Apache-2.0).
    """
    folder = files("carbonbank.data").joinpath(SETS[name])
    found = [entry for entry in folder.iterdir() if ".csv" in entry.name]
    return [
        (entry.name.removesuffix(".gz"), _original(entry.read_bytes()))
        for entry in sorted(found, key=lambda entry: entry.name)
    ]


def _original(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
