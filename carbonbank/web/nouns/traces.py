"""Traces: from a retired gram to the row of a file, as far as the caller may see."""

from typing import Any

from apiflask import APIBlueprint
from flask import g

from carbonbank.service.trace import Trace, Viewer, trace
from carbonbank.web.context import bank
from carbonbank.web.models import TraceOut, as_model

traces = APIBlueprint("traces", __name__, url_prefix="/api/v1/traces")


@traces.get("/<subject>")
@traces.output(TraceOut)
def get_trace(subject: str) -> Any:
    """Walk from a serial range, a retirement, a batch or a trip to all it leads to."""
    return as_model(TraceOut, trace_for_caller(subject))


def trace_for_caller(subject: str) -> Trace:
    """Return the trace of a subject as the caller may see it."""
    viewer = Viewer(role=g.caller.role, account=g.caller.account, fleet=g.caller.fleet)
    return trace(bank(), subject, viewer)
