"""Errors as problem+json (RFC 9457). One table: error branch -> HTTP status."""

from typing import Any

from flask import Response, g, jsonify
from pydantic import BaseModel, Field

from carbonbank.domain.codec import encode
from carbonbank.errors import (
    CarbonBankError,
    EdgeError,
    InputError,
    KeyUnknown,
    NotAllowed,
    NotFound,
    RequestInvalid,
    RuleError,
)

CONTENT_TYPE = "application/problem+json"

# The first match wins, so the narrow ones stand first.
STATUSES: tuple[tuple[type[CarbonBankError], int], ...] = (
    (RequestInvalid, 400),
    (InputError, 422),
    (KeyUnknown, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (RuleError, 409),
    (EdgeError, 503),
)


class Problem(BaseModel):
    """What every error answer of the API looks like."""

    # The description of the API is drawn from an empty one, hence the defaults.
    type: str = Field("", description="page that says why and what to do")
    title: str = Field("", description="stable name of the error")
    status: int = 0
    detail: str = Field("", description="what happened, values with units")
    hint: str = Field("", description="what to do")
    fields: dict[str, Any] = Field({}, description="the values, by name")
    request_id: str = ""


def status_of(error: CarbonBankError) -> int:
    """Return the HTTP status of an expected error."""
    return next((status for branch, status in STATUSES if isinstance(error, branch)), 500)


def problem(error: CarbonBankError) -> Response:
    """Answer an expected error."""
    values = {name: encode(value) for name, value in error.fields.items()}
    return answer(status_of(error), error.code, str(error), hint=error.hint, fields=values)


def answer(
    status: int, title: str, detail: str, *, hint: str = "", fields: dict[str, Any] | None = None
) -> Response:
    """Build a problem+json answer."""
    body = Problem(
        type=f"/problems/{title}",
        title=title,
        status=status,
        detail=detail,
        hint=hint,
        fields=fields or {},
        request_id=g.get("request_id", ""),
    )
    response = jsonify(body.model_dump())
    response.status_code = status
    response.content_type = CONTENT_TYPE
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
