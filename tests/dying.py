"""A port that dies before or after the n-th call of one of its methods."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from carbonbank.service.bank import Bank


class Killed(BaseException):
    """Stands for SIGKILL where a test stays in one process: nothing in the bank catches it."""


def raise_killed() -> NoReturn:
    raise Killed


class Dying:
    def __init__(
        self, port: Any, method: str, at: int, *, after: bool, die: Callable[[], NoReturn]
    ) -> None:
        self._port, self._method, self._left = port, method, at
        self._after, self._die = after, die

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._guarded(found) if name == self._method else found

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left < 0 and not self._after:
                self._die()
            result = call(*args, **kwargs)
            if self._left < 0:
                self._die()
            return result

        return guarded


def dying(
    bank: Bank,
    port: str,
    method: str,
    at: int,
    *,
    after: bool,
    die: Callable[[], NoReturn] = raise_killed,
) -> Bank:
    """The bank with one port that dies."""
    return replace(bank, **{port: Dying(getattr(bank, port), method, at, after=after, die=die)})
