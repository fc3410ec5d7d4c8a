"""Is the bank well: database, worker, distance between projections and chain."""

from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel

from carbonbank.domain.records import ChainBlock
from carbonbank.web.context import bank, is_demo

health = APIBlueprint("health", __name__, url_prefix="/api/v1/health")


class HealthOut(BaseModel):
    """What works."""

    status: str
    demo: bool
    synced_block: int | None


@health.get("")
@health.output(HealthOut)
def health_view() -> Any:
    """Tell whether the bank can serve."""
    with bank().store.read() as records:
        newest = records.find(ChainBlock, order="-number", limit=1)
    return HealthOut(
        status="ok", demo=is_demo(bank()), synced_block=newest[0].number if newest else None
    )
