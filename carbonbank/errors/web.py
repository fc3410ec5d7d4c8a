"""What the API says about a caller or a request, before any use case is asked."""

from typing import ClassVar

from carbonbank.errors.base import EdgeError, InputError, NotAllowed, RuleError


class KeyUnknown(NotAllowed):
    """No API key, or none the bank knows."""

    says: ClassVar = "{what} needs an API key the bank knows"
    hint: ClassVar = "send the header Authorization: Bearer <key>"
    what: str


class RoleMayNot(NotAllowed):
    """The key's role may not do this."""

    says: ClassVar = "a key of role {role} may not call {what}; it is for {allowed}"
    role: str
    what: str
    allowed: str


class NotYours(NotAllowed):
    """The key is for another fleet or account."""

    says: ClassVar = "this key is for {yours}, not for {kind} {key}"
    yours: str
    kind: str
    key: str


class RequestInvalid(InputError):
    """The body, query or path does not have the documented form."""

    says: ClassVar = "the request does not have the documented form: {errors}"
    hint: ClassVar = "compare it with /api/v1/openapi.json"
    errors: dict[str, list[str]]


class IdempotencyKeyReused(RuleError):
    """The same Idempotency-Key came with another request."""

    says: ClassVar = "Idempotency-Key {key} was used for another request"
    hint: ClassVar = "take a new key for a new request"
    key: str


class PortInUse(EdgeError):
    """Something else listens where the bank should."""

    says: ClassVar = "{host}:{port} can not be listened on: {reason}"
    hint: ClassVar = "stop what listens there, or set CARBONBANK_PORT"
    host: str
    port: int
    reason: str


class WorkerSilent(EdgeError):
    """The web process has not heard of the worker; what is asked for waits until it is back."""

    says: ClassVar = "the worker has not been heard of for {silent_s} s"
    hint: ClassVar = "wait a moment; if it stays, stop the bank and start it again"
    transient: ClassVar = True
    silent_s: int


class WorkerStopped(EdgeError):
    """The worker process ended while the web process was up."""

    says: ClassVar = "the worker, process {pid}, ended"
    hint: ClassVar = "start the bank again; it finishes what was begun"
    pid: int
