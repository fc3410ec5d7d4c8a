"""Challenges: anyone with a key asks what a batch's evidence says against it, and may send it."""

from typing import Any

from apiflask import APIBlueprint

from carbonbank.service.find_contradictions import find_contradictions, in_words
from carbonbank.service.hold_evidence import evidence_of_leaves
from carbonbank.web.body import whole_body
from carbonbank.web.context import bank, kept_file, take_on
from carbonbank.web.models import ContradictionOut, ContradictionsOut, JobRef, as_model

challenges = APIBlueprint("challenges", __name__, url_prefix="/api/v1/batches")


@challenges.post("/<batch_id>/contradictions")
@challenges.output(ContradictionsOut)
def check(batch_id: str) -> Any:
    """Look for contradictions in a leaf file of the batch, given as the body; nothing is kept."""
    found = find_contradictions(evidence_of_leaves(bank(), batch_id, whole_body()))
    return {"contradictions": [as_model(ContradictionOut, in_words(one)) for one in found]}


@challenges.post("/<batch_id>/challenges")
@challenges.output(JobRef, status_code=202)
def send(batch_id: str) -> Any:
    """Send the first contradiction of a leaf file, given as the body; the batch stops at once."""
    data = whole_body()
    evidence_of_leaves(bank(), batch_id, data)
    return take_on("challenge_batch", {"batch": batch_id, "file_hash": kept_file(data)})
