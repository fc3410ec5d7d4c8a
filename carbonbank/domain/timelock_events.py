"""Python twins of the events of the admin's timelock (OpenZeppelin's TimelockController).

`carbonbank.domain.events` has them with all others. Delays are seconds, `data` is ABI-encoded.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExecuted:
    """What waited was done; `index` counts the calls of one operation."""

    id: bytes
    index: int
    target: str
    value: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSalt:
    """What tells an operation from another of the same content."""

    id: bytes
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScheduled:
    """A call waits from now on, for `delay` seconds."""

    id: bytes
    index: int
    target: str
    value: int
    data: bytes
    predecessor: bytes
    delay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """An operation waits no longer and will not be done."""

    id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MinDelayChange:
    """Later operations wait for `new_duration` seconds at least."""

    old_duration: int
    new_duration: int
