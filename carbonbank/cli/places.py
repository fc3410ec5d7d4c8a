"""Commands that are imported when they are asked for.

A verifier or a stranger with a package starts without loading a bank: half the time, less memory.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Places(click.Group):
    """A group that knows where its commands stand and imports the one that runs."""

    def __init__(self, *, places: Mapping[str, str], **rest: Any) -> None:
        """Take `module:attribute` under `carbonbank.cli` by command name."""
        super().__init__(**rest)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return sorted(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in self._places:
            return None
        module, attribute = self._places[cmd_name].split(":")
        found: click.Command = getattr(import_module(f"carbonbank.cli.{module}"), attribute)
        return found
