"""The web process: gunicorn with threads over one application."""

from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

THREADS = 16
GRACE_S = 10


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without a configuration file: one process, since it shares memory with nobody."""

    def __init__(self, make_app: Callable[[], APIFlask], host: str, port: int) -> None:
        """Prepare to serve at an address; the application is made in the process that serves."""
        self._make_app = make_app
        self._options = {
            "bind": f"{host}:{port}",
            "workers": 1,
            "threads": THREADS,
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": GRACE_S,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the options."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application; gunicorn asks for it after its fork."""
        return self._make_app()
