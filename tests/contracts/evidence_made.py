"""Batches with evidence that a test can read, sealed without the bank's own code.

Leaves are packed by hand, trees are pymerkle's, ids are eth_abi's.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from struct import pack
from typing import Any

from eth_abi import encode
from eth_utils import keccak
from pymerkle import InmemoryTree

from tests.contracts.getters import watched
from tests.contracts.ledger_site import ACTIVE, DISPROVEN, Site

STARTS = int(datetime(2039, 12, 1, tzinfo=UTC).timestamp())
ENDS = int(datetime(2040, 1, 1, tzinfo=UTC).timestamp())
ORDER, TIME, VEHICLE, FIRST, RUNNING, LAST, PAYOUTS, RANGE, DOUBLE = range(9)
OPERATOR_G, BUFFER_G = 1000, 112
TOTAL_G = OPERATOR_G + BUFFER_G

Leaf = tuple[int, int, int, int, int, bytes]
Payout = tuple[int, str, int, int]


def leaf(vehicle: int = 1, start: int = 0, end: int = 600, grams: int = 0, running: int = 0):
    """A leaf whose times are seconds of the month."""
    salted = keccak(encode(["uint32", "int256", "int256"], [vehicle, start, end]))
    return (vehicle, STARTS + start, STARTS + end, grams, running, salted)


def trips() -> list[Leaf]:
    """Three leaves of vehicle 1 that hold: 500 g, 700 g, -88 g."""
    return [
        leaf(start=0, end=600, grams=500, running=500),
        leaf(start=600, end=1200, grams=700, running=1200),
        leaf(start=5000, end=6000, grams=-88, running=TOTAL_G),
    ]


@dataclass
class Sealed:
    """An issued batch and the evidence under it."""

    site: Site
    claim: dict[str, Any]
    batch_id: int
    leaves: list[Leaf]
    tree: InmemoryTree
    words: dict[int, int]

    def proof(self, index: int) -> Any:
        """Return a LeafProof."""
        path = self.tree.prove_inclusion(index + 1).path[1:]
        return (self.leaves[index], index, path)

    @property
    def status(self) -> int:
        """Where the batch stands."""
        return int(self.site.batch(self.batch_id)["status"])


def tree_of(leaves: list[Leaf]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")  # prefixes 0x00 and 0x01: its RFC 9162 mode
    for one in leaves:
        tree.append_entry(pack(">IQQqq32s", *one))
    return tree


def sealed(
    site: Site, leaves: list[Leaf] | None = None, words: dict[int, int] | None = None, **claim: Any
) -> Sealed:
    """Issue a batch over leaves; three that hold unless told otherwise."""
    leaves = trips() if leaves is None else leaves
    words = {0: 0b10} if words is None else words
    tree = tree_of(leaves)
    made = site.claim(
        words,
        **{"tripCount": len(leaves), "evidenceRoot": tree.get_root(), "operatorG": OPERATOR_G}
        | {"bufferG": BUFFER_G}
        | claim,
    )
    site.do(site.issue_call(made, words), "issuer")
    batch_id = int(site.bank.functions.batchIdOf(made).call())
    return Sealed(site, made, batch_id, leaves, tree, words)


def proof_id(*numbers: int) -> bytes:
    """Return keccak256(abi.encode(...)) of a fact."""
    return keccak(encode(["uint256"] * len(numbers), numbers))


def disproves(batch: Sealed, call: Any, kind: int, first: int, second: int = 0) -> None:
    """A stranger's call disproves an Active batch, and a Frozen one, and says what it proved."""
    site, number = batch.site, batch.batch_id
    fact = proof_id(kind, number, first, second)
    assert batch.status == ACTIVE
    snapshot = site.tester.take_snapshot()
    site.do(site.bank.functions.freeze(number, "doubt"), "guardian")
    site.do(call, "stranger")
    assert batch.status == DISPROVEN
    site.tester.revert_to_snapshot(snapshot)

    with watched(site, it=number) as changed:
        receipt = site.do(call, "stranger")
    assert changed == {"it.status": DISPROVEN}
    assert site.events(receipt, site.bank, "BatchDisproven") == [
        {"batchId": number, "proofId": fact}
    ]
    assert site.events(receipt, site.challenge, "BatchChallenged") == [
        {
            "batchId": number,
            "proofId": fact,
            "challenger": site.at["stranger"],
            "kind": kind,
            "first": first,
            "second": second,
        }
    ]
    # What is proven can not be proven again, before and after it was put right.
    assert site.refused(call, "stranger") == ("ProofSettled", {"proofId": fact})
    site.do(site.bank.functions.correct(number, 1, [], "a gram"), "guardian")
    assert site.refused(call, "stranger") == ("ProofSettled", {"proofId": fact})


def bent(proof: Any) -> Any:
    """Return the proof of a leaf that tells of another record."""
    leaf, index, path = proof
    return (*leaf[:5], keccak(leaf[5])), index, path


def bank_comes_first(batch: Sealed, call_of: Any) -> None:
    """What the bank says of a batch comes before all else; `call_of` takes the claim."""
    site = batch.site
    unknown = batch.claim | {"reportHash": keccak(text="other report")}
    number = int(site.bank.functions.batchIdOf(unknown).call())
    refusal = ("BatchNotFound", {"batchId": number})
    assert site.refused(call_of(unknown), "stranger") == refusal
    snapshot = site.tester.take_snapshot()
    site.do(site.bank.functions.disprove(batch.batch_id, bytes(32)), "challenger")
    assert site.refused(call_of(batch.claim), "stranger") == (
        "BatchNotDisprovable",
        {"batchId": batch.batch_id, "status": DISPROVEN},
    )
    site.tester.revert_to_snapshot(snapshot)
