"""The guardian's acts: prepared here, signed with the guardian's own key, relayed here."""

from typing import Any

from apiflask import APIBlueprint

from carbonbank.web.context import take_on
from carbonbank.web.models import JobRef
from carbonbank.web.relay_models import GuardianActIn, SignedIn

guardian = APIBlueprint("guardian", __name__, url_prefix="/api/v1/guardian")


@guardian.post("/acts")
@guardian.input(GuardianActIn)
@guardian.output(JobRef, status_code=202)
def prepare(json_data: GuardianActIn) -> Any:
    """Prepare an act: the job's result is the unsigned transaction, and what it does in words."""
    return take_on("prepare_guardian_act", json_data.model_dump(exclude_none=True))


@guardian.post("/transactions")
@guardian.input(SignedIn)
@guardian.output(JobRef, status_code=202)
def relay(json_data: SignedIn) -> Any:
    """Relay an act that its guardian signed; sent twice, it is done once."""
    return take_on("relay_guardian_act", json_data.model_dump())
