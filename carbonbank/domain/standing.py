"""Why a batch stands where it stands: the last word of the events that stopped or freed it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from carbonbank.domain.claim import batch_text
from carbonbank.domain.records import ChainLog

FREEZE_S = 30 * 24 * 3600
"""How long a freeze lasts that nobody renews."""
CANCEL_AFTER_S = 7 * 24 * 3600
"""How long a batch is frozen before it may be cancelled without a proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The guardian's last reason, a freeze in Unix seconds (0: none), the proof against it (hex).

    `frozen_since` is when the freeze began, however often it was renewed.
    """

    reason: str = ""
    frozen_since: int = 0
    frozen_until: int = 0
    proof_id: str = ""


def standing_of(batch_id: str, logs: Iterable[ChainLog]) -> Standing:
    """Return where a batch stands after these logs, in their order; others' logs are passed by."""
    now = Standing()
    for log in logs:
        if log.name not in STOPS:
            continue
        fields = json.loads(log.fields)
        if batch_text(int(fields["batch_id"])) != batch_id:
            continue
        reason = fields.get("reason", "")
        match log.name:
            case "BatchFrozen":
                # The event bears no time of its own: the freeze that began with it lasts FREEZE_S.
                until = int(fields["until"])
                since = now.frozen_since or until - FREEZE_S
                now = replace(now, reason=reason, frozen_since=since, frozen_until=until)
            case "BatchDisproven":
                now = Standing(proof_id=fields["proof_id"].removeprefix("0x"))
            case "BatchCancelled":
                now = Standing(reason=reason, proof_id=now.proof_id)
            case _:
                now = Standing(reason=reason)
    return now


STOPS = ("BatchFrozen", "BatchUnfrozen", "BatchDisproven", "BatchCorrected", "BatchCancelled")
"""The events that change it."""
