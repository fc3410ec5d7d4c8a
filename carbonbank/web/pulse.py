"""Listening to the worker: its last beat, and what happens when the pipe falls silent for ever."""

import threading
import time
from collections.abc import Callable
from typing import IO

from carbonbank.errors import WorkerSilent
from carbonbank.jobs.beat import BEAT_EVERY_S, Beat, beat_of

SILENT_S_MAX = 6 * BEAT_EVERY_S
"""A worker that is heard of less often is not well: it starves, or somebody stopped it."""

Pulse = Callable[[], Beat]
"""Returns the last beat, or raises `WorkerSilent`."""


class PipePulse:
    """Reads beats from the worker's pipe in a thread of its own."""

    def __init__(self, pipe: IO[bytes], on_end: Callable[[], None]) -> None:
        """Begin to listen; `on_end` is called once the worker is gone."""
        self._beat: Beat | None = None
        self._heard_s = time.monotonic()
        self._pipe, self._on_end = pipe, on_end
        threading.Thread(target=self._listen, name="pulse", daemon=True).start()

    def __call__(self) -> Beat:
        """Return the last beat.

        Raises:
            WorkerSilent: it is too long ago.
        """
        silent_s = time.monotonic() - self._heard_s
        if self._beat is None or silent_s > SILENT_S_MAX:
            raise WorkerSilent(silent_s=int(silent_s))
        return self._beat

    def _listen(self) -> None:
        for line in self._pipe:
            self._beat, self._heard_s = beat_of(line), time.monotonic()
        self._beat = None
        self._on_end()
