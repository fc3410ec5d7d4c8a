"""Who sits at the terminal, if anybody."""

import sys

import click

from carbonbank.bootstrap.keys import Ask


def at_terminal() -> Ask | None:
    """Return how to ask a person, or None where nobody sits."""
    if not sys.stdin.isatty():
        return None
    return lambda what: str(click.prompt(what, hide_input=True))
