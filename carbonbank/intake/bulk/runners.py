"""Who maps a function over partitions: this process, threads of it, or a Dask cluster."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")


class Runner(Protocol):
    """Maps a module's function over tasks; answers come in the order of the tasks."""

    def map(self, function: Callable[[Task], Done], tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield `function(task)` for every task, holding only a few tasks and answers at a time."""
        ...


class InProcess:
    """One after the other, here."""

    def map(self, function: Callable[[Task], Done], tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield the answers."""
        return map(function, tasks)


class _Submitting:
    """Keeps a few tasks under way and hands answers out in order."""

    def __init__(self, submit: Callable[..., Any], under_way_max: int) -> None:
        self._submit, self._under_way_max = submit, under_way_max

    def map(self, function: Callable[[Task], Done], tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield the answers."""
        under_way: deque[Future[Done]] = deque()
        for task in tasks:
            under_way.append(self._submit(function, task))
            if len(under_way) >= self._under_way_max:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


@contextmanager
def threads(workers: int | None = None) -> Iterator[Runner]:
    """Run on threads of this process, as many as it has cores unless said otherwise.

    Arrow, numpy and the compiled hash let go of the interpreter's lock while they work.
    """
    count = workers or len(os.sched_getaffinity(0))
    if count == 1:
        yield InProcess()
        return
    with ThreadPoolExecutor(count) as pool:
        yield _Submitting(pool.submit, count + 1)


@contextmanager
def dask(client: Any) -> Iterator[Runner]:
    """Run on a Dask cluster whose workers see the same files (extra `scale`).

    Args:
        client: a `distributed.Client`.
    """

    def submit(function: Callable[..., Any], task: Any) -> Any:
        return client.submit(function, task, pure=False)

    yield _Submitting(submit, 2 * max(1, len(client.scheduler_info()["workers"])) + 1)
