"""What a batch's own evidence says against it, as proofs that `CarbonChallenge` accepts.

Who holds the leaf file, the payouts and the named vehicles of a batch finds here everything that
the contract would take for a contradiction. Only what the batch committed to can speak against it:
that a record is false, or that a payout is missing, shows in no proof.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Any

from carbonbank.domain.claim import BatchClaim, batch_id, batch_text, claim_words, vehicles_hash
from carbonbank.domain.claim import word as abi_word
from carbonbank.domain.evidence import (
    END_AFTER_MONTH_S_MAX,
    LEAF,
    TripLeaf,
    encode_leaf,
    leaves_of_file,
    precedes,
)
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.merkle import EvidenceTree, evidence_tree, leaf_hashes
from carbonbank.domain.payout import (
    Payout,
    PayoutTree,
    payout_leaf_hash,
    payout_tree,
    payout_words,
)
from carbonbank.errors import EvidenceNotSigned
from carbonbank.units import month_start_at


class Kind(IntEnum):
    """Twin of `Kind` in contracts/interfaces; the list is closed."""

    ORDER = 0
    TIME = 1
    VEHICLE = 2
    FIRST_TOTAL = 3
    RUNNING_TOTAL = 4
    LAST_TOTAL = 5
    PAYOUTS = 6
    PAYOUT_RANGE = 7
    DOUBLE_CREDIT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One proof, ready to be sent.

    Attributes:
        kind: what it proves.
        batch_ids: the batch it stops, or both for a double credit.
        first: number of the leaf, or the leaf hash of the payout as a number.
        second: number of the second leaf, or the hash of the second payout, else 0.
        arguments: what the contract's function takes, in its order and ABI form.
    """

    kind: Kind
    batch_ids: tuple[int, ...]
    first: int
    second: int
    arguments: tuple[Any, ...]

    @property
    def function(self) -> str:
        """The contract's function: `challengeOrder` for `ORDER`."""
        return "challenge" + self.kind.name.title().replace("_", "")

    @property
    def proof_id(self) -> bytes:
        """The id of the fact; the same whoever proves it, and in which order."""
        if self.kind is Kind.DOUBLE_CREDIT:
            one, other = sorted(zip(self.batch_ids, (self.first, self.second), strict=True))
            words: tuple[int, ...] = self.kind, *one, *other
        else:
            words = self.kind, *self.batch_ids, self.first, self.second
        return keccak256(b"".join(map(abi_word, words)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a batch committed to; `held_evidence` makes it."""

    claim: BatchClaim
    leaves: Sequence[TripLeaf]
    tree: EvidenceTree
    payouts: PayoutTree
    word_index: Sequence[int]
    bits: Sequence[int]

    def proof(self, index: int) -> tuple[Any, ...]:
        """Return a `LeafProof` of the contract."""
        return LEAF.unpack(encode_leaf(self.leaves[index])), index, self.tree.path(index)

    def payout_proof(self, at: int) -> tuple[Any, ...]:
        """Return a `Payout` of the contract and its siblings; `at` is its place in the list."""
        return payout_words(self.payouts.payouts[at]), self.payouts.proof(at)

    def challenge(self, kind: Kind, first: int, second: int, *arguments: Any) -> Challenge:
        """Return a proof against this batch; `arguments` follow the claim."""
        return Challenge(
            kind=kind,
            batch_ids=(batch_id(self.claim),),
            first=first,
            second=second,
            arguments=(claim_words(self.claim), *arguments),
        )


def held_evidence(
    claim: BatchClaim,
    leaves: bytes,
    payouts: Sequence[Payout],
    word_index: Sequence[int],
    bits: Sequence[int],
) -> Evidence:
    """Take up what somebody holds of a batch, if it is what was signed.

    Args:
        claim: the batch's claim.
        leaves: the leaf file.
        payouts: all payouts, as in payouts.json.
        word_index: which bitmap words, as issued.
        bits: credited vehicles of each word, as issued.

    Raises:
        EvidenceNotSigned: the claim commits to something else.
    """
    batch = batch_text(batch_id(claim))
    due = claim.trip_count * LEAF.size
    if len(leaves) != due:
        raise EvidenceNotSigned(
            batch_id=batch, part="leaf file's bytes", signed=due, given=len(leaves)
        )
    tree = evidence_tree(leaf_hashes(leaves, LEAF.size))
    paid = payout_tree(payouts)
    named = vehicles_hash(list(word_index), list(bits))
    for part, signed, given in (
        ("leaf file's root", claim.evidence_root, tree.root),
        ("payouts' root", claim.payout_root, paid.root),
        ("vehicles' hash", claim.vehicles_hash, named),
    ):
        if signed != given:
            raise EvidenceNotSigned(
                batch_id=batch, part=part, signed=signed.hex(), given=given.hex()
            )
    return Evidence(
        claim=claim,
        leaves=leaves_of_file(leaves),
        tree=tree,
        payouts=paid,
        word_index=word_index,
        bits=bits,
    )


def contradictions(held: Evidence) -> Iterator[Challenge]:
    """Yield a proof for every contradiction inside one batch, none if it holds.

    A leaf that stands wrong against many yields one proof, against the worst of them; so does a
    payout.
    """
    yield from _order(held)
    yield from _time(held)
    yield from _vehicles(held)
    yield from _totals(held)
    yield from _payout_range(held)
    yield from _payout_pairs(held)


def _order(held: Evidence) -> Iterator[Challenge]:
    # If any leaf before this one does not precede it, then neither does the one that reaches
    # furthest: the largest vehicle, and of its trips the last end.
    furthest = 0
    for index, leaf in enumerate(held.leaves):
        before = held.leaves[furthest]
        if index and not precedes(before, leaf):
            pair = held.proof(furthest), held.proof(index)
            yield held.challenge(Kind.ORDER, furthest, index, *pair)
        if (before.vehicle_index, before.end_at) < (leaf.vehicle_index, leaf.end_at):
            furthest = index


def _time(held: Evidence) -> Iterator[Challenge]:
    month_start, month_end = _month_s(held.claim.month)
    for index, leaf in enumerate(held.leaves):
        in_month = month_start <= leaf.start_at < month_end
        if not (in_month and leaf.start_at < leaf.end_at <= month_end + END_AFTER_MONTH_S_MAX):
            yield held.challenge(Kind.TIME, index, 0, held.proof(index))


def _month_s(month: int) -> tuple[int, int]:
    first, after = month_start_at(month), month_start_at(month + 1)
    return int(first.timestamp()), int(after.timestamp())


def _vehicles(held: Evidence) -> Iterator[Challenge]:
    named = dict(zip(held.word_index, held.bits, strict=True))
    for index, leaf in enumerate(held.leaves):
        number, bit = divmod(leaf.vehicle_index, 256)
        if not named.get(number, 0) >> bit & 1:
            words = held.word_index, held.bits
            yield held.challenge(Kind.VEHICLE, index, 0, held.proof(index), *words)


def _totals(held: Evidence) -> Iterator[Challenge]:
    first, last = held.leaves[0], held.leaves[-1]
    if first.running_g != first.reduction_g:
        yield held.challenge(Kind.FIRST_TOTAL, 0, 0, held.proof(0))
    for index, (before, leaf) in enumerate(pairwise(held.leaves), start=1):
        if leaf.running_g != before.running_g + leaf.reduction_g:
            pair = held.proof(index - 1), held.proof(index)
            yield held.challenge(Kind.RUNNING_TOTAL, index, 0, *pair)
    if last.running_g != held.claim.total_g:
        index = len(held.leaves) - 1
        yield held.challenge(Kind.LAST_TOTAL, index, 0, held.proof(index))


def _payout_range(held: Evidence) -> Iterator[Challenge]:
    for at, payout in _promised(held):
        if payout.from_g + payout.amount_g > held.claim.drivers_g:
            leaf = int.from_bytes(payout_leaf_hash(payout))
            yield held.challenge(Kind.PAYOUT_RANGE, leaf, 0, *held.payout_proof(at))


def _payout_pairs(held: Evidence) -> Iterator[Challenge]:
    pairs: set[tuple[int, int]] = set()
    by_index: dict[int, int] = {}
    promised = _promised(held)
    for at, payout in promised:
        other = by_index.setdefault(payout.index, at)
        if other != at:
            pairs.add((other, at))
    furthest: tuple[int, Payout] | None = None
    paid = [(at, payout) for at, payout in promised if payout.amount_g]
    for at, payout in sorted(paid, key=lambda one: one[1].from_g):
        if furthest and payout.from_g < furthest[1].from_g + furthest[1].amount_g:
            pairs.add((min(at, furthest[0]), max(at, furthest[0])))
        if not furthest or _end_g(payout) > _end_g(furthest[1]):
            furthest = at, payout
    for pair in sorted(pairs):
        leaves = sorted(int.from_bytes(payout_leaf_hash(held.payouts.payouts[at])) for at in pair)
        arguments = [part for at in pair for part in held.payout_proof(at)]
        yield held.challenge(Kind.PAYOUTS, *leaves, *arguments)


def _end_g(payout: Payout) -> int:
    return payout.from_g + payout.amount_g


def _promised(held: Evidence) -> list[tuple[int, Payout]]:
    """Return the payouts with their places; one that stands twice is paid once, so it is one."""
    by_leaf: dict[bytes, tuple[int, Payout]] = {}
    for at, payout in enumerate(held.payouts.payouts):
        by_leaf.setdefault(payout_leaf_hash(payout), (at, payout))
    return list(by_leaf.values())


def double_credits(one: Evidence, other: Evidence) -> Iterator[Challenge]:
    """Yield a proof for every two trips of one vehicle, one in each batch, that share time."""
    assert one.claim != other.claim
    ids = batch_id(one.claim), batch_id(other.claim)
    claims = claim_words(one.claim), claim_words(other.claim)
    shared = {leaf.vehicle_index for leaf in one.leaves}
    shared &= {leaf.vehicle_index for leaf in other.leaves}
    trips = [
        (leaf.vehicle_index, leaf.start_at, side, index, leaf)
        for side, held in enumerate((one, other))
        for index, leaf in enumerate(held.leaves)
        if leaf.vehicle_index in shared and leaf.start_at < leaf.end_at
    ]
    # A sweep over the starts: what the other batch has under way at that moment shares it.
    under_way: list[dict[int, TripLeaf]] = [{}, {}]
    for _, _, side, index, leaf in sorted(trips, key=lambda trip: trip[:4]):
        under_way[1 - side] = {
            number: begun
            for number, begun in under_way[1 - side].items()
            if begun.vehicle_index == leaf.vehicle_index and begun.end_at > leaf.start_at
        }
        for number in under_way[1 - side]:
            a, b = (index, number) if side == 0 else (number, index)
            yield Challenge(
                kind=Kind.DOUBLE_CREDIT,
                batch_ids=ids,
                first=a,
                second=b,
                arguments=(claims[0], one.proof(a), claims[1], other.proof(b)),
            )
        under_way[side][index] = leaf
