"""How commands get at the bank: settings from the environment, a passphrase from a person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.cli.printing import show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings
from carbonbank.domain.codec import encode
from carbonbank.service.bank import Bank
from carbonbank.service.batch_prefix import full_batch_id
from carbonbank.units import month_from_label

key_option = click.option(
    "--key", default="", help="Name of this act: the same words and key are the same act."
)


@contextmanager
def the_bank(**parts: Any) -> Iterator[Bank]:
    """Open the bank of the settings."""
    with open_bank(Settings(), ask=at_terminal(), **parts) as bank:
        yield bank


def whole_id(bank: Bank, text: str) -> str:
    """Return the whole batch id that begins with `text`."""
    with bank.store.read() as session:
        return full_batch_id(session, text)


def tell(
    result: Any, *, as_json: bool, line: Callable[[dict[str, Any]], str] | None = None
) -> None:
    """Print what a use case returned."""
    show(encode(result), as_json=as_json, line=line)


class Month(click.ParamType[int]):
    """A month as people write it: `2021-03`."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the month number."""
        if isinstance(value, int):
            return value
        try:
            return month_from_label(value)
        except ValueError:
            self.fail(f"{value!r} is not a month like 2021-03", param, ctx)


MONTH = Month()
