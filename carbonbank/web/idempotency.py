"""POST with an Idempotency-Key: a replay gets the stored answer, another body a 409."""

from flask import Response, g, request

from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import StoredAnswer
from carbonbank.errors import IdempotencyKeyReused
from carbonbank.ports import Store

HEADER = "Idempotency-Key"


def _request_hash() -> str:
    path = request.full_path.encode()
    return sha256(request.method.encode() + b"\n" + path + b"\n" + request.get_data()).hex()


def replay(store: Store) -> Response | None:
    """Return the stored answer of a repeated POST."""
    key = request.headers.get(HEADER)
    if request.method != "POST" or not key:
        return None
    with store.begin() as records:
        kept = records.get(StoredAnswer, g.caller.key_id, key)
    if kept is None:
        return None
    if kept.request_hash != _request_hash():
        raise IdempotencyKeyReused(key=key)
    response = Response(kept.body, status=kept.status, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def remember(store: Store, response: Response) -> Response:
    """Keep the answer of a POST that succeeded; a refusal may be mended and sent again."""
    key = request.headers.get(HEADER)
    fresh = "Idempotent-Replayed" not in response.headers
    if request.method == "POST" and key and fresh and response.status_code < 300:
        with store.begin() as records:
            records.put(
                StoredAnswer(
                    caller=g.caller.key_id,
                    idempotency_key=key,
                    request_hash=_request_hash(),
                    status=response.status_code,
                    body=response.get_data(as_text=True),
                )
            )
    return response
