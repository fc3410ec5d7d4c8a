"""The web process: gunicorn with threads over one application."""

from typing import Any

from apiflask import APIFlask
from gunicorn.app.base import BaseApplication

THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without a configuration file: one process, since it shares memory with nobody."""

    def __init__(self, app: APIFlask, host: str, port: int) -> None:
        """Prepare to serve an application at an address."""
        self._app = app
        self._options = {
            "bind": f"{host}:{port}",
            "workers": 1,
            "threads": THREADS,
            "worker_class": "gthread",
            "timeout": 120,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the options."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application."""
        return self._app
