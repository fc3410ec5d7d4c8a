"""Documents of packages for outsiders: single trips and payouts with the proofs they come with."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from carbonbank.domain.codec import encode
from carbonbank.domain.documents import SealedTrip
from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.domain.payout import Payout, payout_words


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedTrip:
    """A sealed trip with its leaf, the leaf's number from 0, and its path under the root."""

    index: int
    leaf: bytes
    path: Sequence[bytes]
    trip: SealedTrip


def disclosed_document(rows: Sequence[DisclosedTrip]) -> bytes:
    """Return disclosed.ndjson: one trip a line, in the order of the leaves."""
    return b"".join(map(_line, sorted(rows, key=lambda row: row.index)))


def payout_document(payout: Payout, path: Sequence[bytes]) -> bytes:
    """Return payout.json: one payout and its path, nearest sibling first."""
    value = [str(word) for word in payout_words(payout)]
    schema = "carbonbank.payout/1"
    return canonical_json({"schema": schema, "value": value, "path": encode(list(path))})


def withhold_work(verification: bytes) -> bytes:
    """Return verification.json with the hash of plan and findings in their place.

    The verifier signed that hash with the words, so both signatures still hold.
    """
    document = json.loads(verification)
    if "work" in document:
        document["work_hash"] = sha256(canonical_json(document.pop("work"))).hex()
    return canonical_json(document)


def _line(row: DisclosedTrip) -> bytes:
    place = {"index": row.index, "leaf": row.leaf.hex(), "path": [node.hex() for node in row.path]}
    # The record is canonical JSON already, and all six keys stand in their canonical order.
    return b'%b,"record":%b,"salt":"%b","trip_id":"%b"}\n' % (
        canonical_json(place)[:-1],
        row.trip.record,
        encode(row.trip.salt).encode(),
        row.trip.trip_id.encode(),
    )
