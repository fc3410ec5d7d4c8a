"""`carbonbank admin`: what the admin alone may do, scheduled first and executed after its delay."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from carbonbank.bootstrap.keys import open_keystore
from carbonbank.cli.opening import MONTH, key_option, tell, the_bank
from carbonbank.cli.printing import json_option
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings
from carbonbank.domain.admin_acts import (
    AdminAct,
    GrantRole,
    ResumeIssue,
    RevokeRole,
    SetAdminDelay,
    SetFee,
    SetLastMonth,
)
from carbonbank.service.admin import POWERS, role_act
from carbonbank.service.bank import Bank
from carbonbank.service.cancel_act import cancel_act
from carbonbank.service.execute_act import execute_act
from carbonbank.service.list_operations import list_operations
from carbonbank.service.schedule_act import schedule_act

role_argument = click.argument("role", type=click.Choice(tuple(POWERS)))


@contextmanager
def administered_bank(keystore: Path | None) -> Iterator[Bank]:
    """Open the bank with an administrator's signer beside its own."""
    passphrase = Settings().admin_passphrase
    keys = open_keystore(keystore, passphrase, at_terminal()) if keystore else None
    with the_bank(admin=keys) as bank:
        yield bank


def keystore_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names an administrator's own keys."""
    return click.option(
        "--keystore",
        type=click.Path(path_type=Path),
        help="The administrator's own keys (CARBONBANK_ADMIN_PASSPHRASE); a demo has its own.",
    )(command)


def act_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every act takes."""
    execute = click.option(
        "--execute", is_flag=True, help="Do it now that it has waited; without, schedule it."
    )
    return execute(key_option(keystore_option(json_option(command))))


def do(act: AdminAct, *, execute: bool, key: str, keystore: Path | None, as_json: bool) -> None:
    """Take the next step of an act and show how far it is."""
    with administered_bank(keystore) as bank:
        done = (execute_act if execute else schedule_act)(bank, act, key)
    tell(done, as_json=as_json)


@click.group()
def admin() -> None:
    """The admin's acts: each is scheduled, waits, and is executed by the same words."""


@admin.command("grant")
@role_argument
@click.argument("address")
@act_options
def grant(role: str, address: str, **step: Any) -> None:
    """Give ROLE to ADDRESS."""
    do(role_act(GrantRole, role, address), **step)


@admin.command("revoke")
@role_argument
@click.argument("address")
@act_options
def revoke(role: str, address: str, **step: Any) -> None:
    """Take ROLE from ADDRESS."""
    do(role_act(RevokeRole, role, address), **step)


@admin.command("resume-issue")
@act_options
def resume(**step: Any) -> None:
    """Let issuing go on that a guardian stopped."""
    do(ResumeIssue(), **step)


@admin.command("last-month")
@click.argument("month", type=MONTH)
@act_options
def last_month(month: int, **step: Any) -> None:
    """Fix, once and for ever, MONTH as the last that can be credited."""
    do(SetLastMonth(month=month), **step)


@admin.command("fee")
@click.argument("fee_bps", type=int)
@click.argument("address")
@act_options
def fee(fee_bps: int, address: str, **step: Any) -> None:
    """Take FEE_BPS basis points of every payment on the market, for ADDRESS."""
    do(SetFee(fee_bps=fee_bps, fee_to=address), **step)


@admin.command("delay")
@click.argument("seconds", type=int)
@act_options
def delay(seconds: int, **step: Any) -> None:
    """Let acts that are scheduled later wait for SECONDS."""
    do(SetAdminDelay(delay_s=seconds), **step)


@admin.command("cancel")
@click.argument("operation_id")
@keystore_option
@json_option
def cancel(operation_id: str, *, keystore: Path | None, as_json: bool) -> None:
    """Cancel what waits under OPERATION_ID."""
    with administered_bank(keystore) as bank:
        done = cancel_act(bank, operation_id)
    tell(done, as_json=as_json)


@admin.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List what was scheduled, by whom, and how far it is; no key is needed."""
    with the_bank() as bank:
        found = list_operations(bank)
        delay_s = bank.chain.admin_delay_s()
    tell({"delay_s": delay_s, "operations": found}, as_json=as_json, line=_lines)


def _lines(told: dict[str, Any]) -> str:
    lines = [f"an act of the admin waits {told['delay_s']} s"]
    for one in told["operations"]:
        when = f", from {one['ready_at']} on" if one["ready_at"] else ""
        lines.append(f"{one['operation_id']} {one['state']}{when}, by {one['proposer']}")
        lines += [f"  {call}" for call in one["calls"]]
    return "\n".join(lines)
