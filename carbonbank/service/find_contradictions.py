"""Find what a batch's own evidence says against it, as proofs that anyone may send."""

from dataclasses import dataclass
from itertools import chain, islice

from carbonbank.domain.challenge import Challenge, Evidence, contradictions, double_credits
from carbonbank.domain.claim import batch_text

FOUND_MAX = 100
"""One proof stops a batch; more than so many tell nobody more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One fact against a batch, or against both of a double credit; `kind` in lower case.

    `first` and `second` number the leaves, or are the hashes of payouts.
    """

    kind: str
    batch_ids: tuple[str, ...]
    first: str
    second: str
    proof_id: str


def find_contradictions(held: Evidence, other: Evidence | None = None) -> list[Challenge]:
    """Return the first hundred proofs against one batch, with another also those between both."""
    twice = double_credits(held, other) if other is not None else iter(())
    return list(islice(chain(contradictions(held), twice), FOUND_MAX))


def in_words(found: Challenge) -> Contradiction:
    """Return a proof as it is shown."""
    return Contradiction(
        kind=found.kind.name.lower(),
        batch_ids=tuple(map(batch_text, found.batch_ids)),
        first=str(found.first),
        second=str(found.second),
        proof_id=found.proof_id.hex(),
    )
