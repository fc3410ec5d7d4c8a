"""Is the bank well: database, worker, chain, books."""

from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from carbonbank.domain.records import ChainBlock
from carbonbank.web.context import bank, is_demo, pulse

health = APIBlueprint("health", __name__, url_prefix="/api/v1/health")


class HealthOut(BaseModel):
    """The database answers and the worker is at work, or this would be a 503."""

    status: str = Field(description="ok, or `trouble` if the chain is away or the books differ")
    demo: bool = Field(description="the credits here may not be used for any claim")
    synced_block: int | None = Field(description="the newest block in the tables")
    worker_block: int = Field(description="the newest block the worker saw")
    reconciled_at: str = Field(description="when the books were last proved from the chain")
    findings: int = Field(description="how many differences that found")
    trouble: str = Field(description="what the worker can not reach, empty if nothing")


@health.get("")
@health.output(HealthOut)
@health.doc(responses=[503])
def health_view() -> Any:
    """Tell whether the bank can serve."""
    beat = pulse()()
    with bank().store.read() as records:
        newest = records.find(ChainBlock, order="-number", limit=1)
    return HealthOut(
        status="trouble" if beat.trouble or beat.findings else "ok",
        demo=is_demo(bank()),
        synced_block=newest[0].number if newest else None,
        worker_block=beat.synced_block,
        reconciled_at=beat.reconciled_at,
        findings=beat.findings,
        trouble=beat.trouble,
    )
