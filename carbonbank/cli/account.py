"""`carbonbank account` and `carbonbank retire`: who has what, and what is used up."""

from pathlib import Path
from typing import Any

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.cli.opening import key_option, tell, the_bank, whole_id
from carbonbank.cli.printing import json_option, show
from carbonbank.config import Settings
from carbonbank.service.account_balance import account_balance
from carbonbank.service.certificate import certificate
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.erase_person import erase_person
from carbonbank.service.fund_account import fund_account
from carbonbank.service.open_account import open_account
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.transfer_credits import transfer_credits


@click.group()
def account() -> None:
    """Accounts: addresses of drivers, operators and traders."""


@account.command("open")
@click.argument("handle")
@click.option(
    "--kind",
    required=True,
    type=click.Choice(["driver", "operator", "trader"]),
    help="Who it is for.",
)
@click.option("--person", required=True, help="Who is behind it; erasable.")
@click.option("--fleet", help="The fleet of a driver.")
@json_option
def open_command(handle: str, *, kind: Any, person: str, fleet: str | None, as_json: bool) -> None:
    """Open the account HANDLE, whose key the bank keeps."""
    with the_bank() as bank:
        opened = open_account(bank, handle=handle, kind=kind, person=person, fleet=fleet)
    tell(opened, as_json=as_json)


@account.command("erase")
@click.argument("person")
@json_option
def erase(person: str, *, as_json: bool) -> None:
    """Erase PERSON, as named when accounts were opened: names, links and salt keys, for ever.

    Credits, leaves and proofs stay; nothing leads from them to the person any more.
    """
    with the_bank() as bank:
        done = erase_person(bank, person=person)
    tell(done, as_json=as_json)


@account.command("balance")
@click.argument("handle")
@json_option
def balance(handle: str, *, as_json: bool) -> None:
    """Show what HANDLE holds, may claim and has retired, in grams by batch."""
    with the_bank() as bank:
        sync_chain(bank)
        found = account_balance(bank, handle)
    tell(found, as_json=as_json, line=_balance_lines)


def _balance_lines(found: dict[str, Any]) -> str:
    lines = [
        f"{found['account']} {found['address']}",
        (
            f"held {found['held_g']} g, claimable {found['claimable_g']} g, "
            f"retired {found['retired_g']} g, money {found['money_units']} units"
        ),
    ]
    lines += [
        f"  {row['batch_id'][:16]} {row['fleet']} {row['status']}: held {row['held_g']} g, "
        f"claimable {row['claimable_g']} g, retired {row['retired_g']} g"
        for row in found["batches"]
    ]
    return "\n".join(lines)


@account.command("claim")
@click.argument("handle")
@click.option("--batch", "batch_id", help="One batch; without it all issued ones.")
@json_option
def claim(handle: str, *, batch_id: str | None, as_json: bool) -> None:
    """Pay HANDLE what is claimable."""
    with the_bank() as bank:
        done = claim_payout(bank, handle, whole_id(bank, batch_id) if batch_id else None)
    tell(done, as_json=as_json)


@account.command("fund")
@click.argument("handle")
@click.argument("amount_units", type=int)
@key_option
@json_option
def fund(handle: str, amount_units: int, *, key: str, as_json: bool) -> None:
    """Pay AMOUNT_UNITS (millionths) of settlement money into HANDLE."""
    with the_bank() as bank:
        done = fund_account(bank, handle, amount_units, key)
    tell(done, as_json=as_json)


@account.command("transfer")
@click.argument("handle")
@click.argument("recipient")
@click.argument("batch_id")
@click.argument("amount_g", type=int)
@key_option
@json_option
def transfer(
    handle: str, recipient: str, batch_id: str, amount_g: int, *, key: str, as_json: bool
) -> None:
    """Move AMOUNT_G grams of BATCH_ID from HANDLE to RECIPIENT (handle or address)."""
    with the_bank() as bank:
        done = transfer_credits(bank, handle, recipient, whole_id(bank, batch_id), amount_g, key)
    tell(done, as_json=as_json)


@click.command()
@click.argument("handle")
@click.argument("batch_id")
@click.argument("amount_g", type=int)
@click.option("--beneficiary", required=True, help="For whom; at most 32 bytes.")
@click.option("--purpose", required=True, help="What for; at most 32 bytes.")
@key_option
@json_option
def retire(
    handle: str,
    batch_id: str,
    amount_g: int,
    *,
    beneficiary: str,
    purpose: str,
    key: str,
    as_json: bool,
) -> None:
    """Retire AMOUNT_G grams of BATCH_ID that HANDLE holds, for ever."""
    with the_bank() as bank:
        done = retire_credits(
            bank,
            handle,
            whole_id(bank, batch_id),
            amount_g,
            beneficiary=beneficiary,
            purpose=purpose,
            key=key,
        )
    tell(done, as_json=as_json)


@click.command("certificate")
@click.argument("retirement_id", type=int)
@click.option("--out", type=click.Path(path_type=Path), help="Where; without it in certificates/.")
@json_option
def certificate_command(retirement_id: int, *, out: Path | None, as_json: bool) -> None:
    """Write the certificate of RETIREMENT_ID as PDF."""
    with the_bank() as bank:
        sync_chain(bank)
        made = certificate(bank, retirement_id)
    path = out or DataDirectory(Settings().data).certificates / f"retirement-{retirement_id}.pdf"
    path.write_bytes(made.pdf)
    show(made.facts | {"written": str(path)}, as_json=as_json)
