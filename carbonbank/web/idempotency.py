"""POST with an Idempotency-Key: a replay gets the stored answer, another body a 409."""

import hmac
import json

from flask import Response, g, request

from carbonbank.domain.records import StoredAnswer
from carbonbank.errors import IdempotencyKeyReused
from carbonbank.service.bank import Bank
from carbonbank.web.body import whole_body

HEADER = "Idempotency-Key"


def _request_hash(bank: Bank) -> str:
    # Keyed, because a body may hold a VIN, and few enough VINs exist to try them all.
    head = f"{request.method}\n{request.full_path}\n".encode()
    return hmac.digest(bank.registry_key, head + whole_body(), "sha256").hex()


def replay(bank: Bank) -> Response | None:
    """Return the stored answer of a repeated POST."""
    key = request.headers.get(HEADER)
    if request.method != "POST" or not key:
        return None
    with bank.store.read() as records:
        kept = records.get(StoredAnswer, g.caller.key_id, key)
    if kept is None:
        return None
    if kept.request_hash != _request_hash(bank):
        raise IdempotencyKeyReused(key=key)
    response = Response(kept.body, status=kept.status, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    if kept.status == 202:
        response.headers["Location"] = json.loads(kept.body)["url"]
    return response


def remember(bank: Bank, response: Response) -> Response:
    """Keep the answer of a POST that succeeded; a refusal may be mended and sent again."""
    key = request.headers.get(HEADER)
    fresh = "Idempotent-Replayed" not in response.headers
    if request.method == "POST" and key and fresh and response.status_code < 300:
        with bank.store.begin() as records:
            records.put(
                StoredAnswer(
                    caller=g.caller.key_id,
                    idempotency_key=key,
                    request_hash=_request_hash(bank),
                    status=response.status_code,
                    body=response.get_data(as_text=True),
                )
            )
    return response
