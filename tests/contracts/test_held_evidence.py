"""`held_evidence`: what is held of a batch must be what was signed."""

import pytest

from carbonbank.domain.challenge import held_evidence
from carbonbank.domain.evidence import leaf_file
from carbonbank.errors import EvidenceNotSigned
from tests.contracts.test_contradictions import PAID, held, steady


def test_what_was_not_signed_is_not_evidence(site):
    evidence = held(site, steady(), PAID, (600, 400, 200))
    claim, leaves = evidence.claim, leaf_file(evidence.leaves)
    words = evidence.word_index, evidence.bits
    other = leaves[:-1] + bytes([leaves[-1] ^ 1])
    for part, files in {
        "leaf file's bytes": (leaves[:-1], PAID, *words),
        "leaf file's root": (other, PAID, *words),
        "payouts' root": (leaves, PAID[:2], *words),
        "vehicles' hash": (leaves, PAID, [0], [0b10]),
    }.items():
        with pytest.raises(EvidenceNotSigned) as refused:
            held_evidence(claim, *files)
        assert refused.value.part == part
