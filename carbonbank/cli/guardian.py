"""`carbonbank guardian`: a guardian's acts, each under the guardian's own key and with a reason."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from carbonbank.bootstrap.keys import open_keystore
from carbonbank.chain.words import call_of_contract
from carbonbank.cli.files import read_file
from carbonbank.cli.opening import tell, the_bank, whole_id
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import batch_status
from carbonbank.service.cancel_batch import cancel_batch
from carbonbank.service.correct_batch import correct_batch
from carbonbank.service.dismiss_role import ROLES, dismiss_role
from carbonbank.service.freeze_batch import freeze_batch
from carbonbank.service.guardian import GUARDIAN
from carbonbank.service.replace_retired import replace_retired
from carbonbank.service.stop_issue import stop_issue
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.unfreeze_batch import unfreeze_batch

reason_option = click.option("--reason", required=True, help="Why, in words; anyone can read it.")
source_option = click.option(
    "--source", "sources", multiple=True, help="A batch whose buffer gives; may be said again."
)


def keystore_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names the guardian's own keys."""
    return click.option(
        "--keystore",
        type=click.Path(path_type=Path),
        help="The guardian's own keys (CARBONBANK_GUARDIAN_PASSPHRASE); a demo has its own.",
    )(command)


@contextmanager
def guarded_bank(keystore: Path | None) -> Iterator[Bank]:
    """Open the bank with the guardian's signer beside its own."""
    passphrase = Settings().guardian_passphrase
    keys = open_keystore(keystore, passphrase, at_terminal()) if keystore else None
    with the_bank(guardian=keys) as bank:
        yield bank


@click.group()
def guardian() -> None:
    """A guardian's acts: stop what is doubted, and decide on what is disproven."""


@guardian.command("freeze")
@click.argument("batch_id")
@reason_option
@click.option("--renew", is_flag=True, help="Begin 30 days anew if it is frozen already.")
@keystore_option
@json_option
def freeze(
    batch_id: str, *, reason: str, renew: bool, keystore: Path | None, as_json: bool
) -> None:
    """Freeze BATCH_ID for 30 days: nothing of it moves, is claimed or is retired."""
    with guarded_bank(keystore) as bank:
        done = freeze_batch(bank, whole_id(bank, batch_id), reason, renew=renew)
    tell(done, as_json=as_json)


@guardian.command("unfreeze")
@click.argument("batch_id")
@keystore_option
@json_option
def unfreeze(batch_id: str, *, keystore: Path | None, as_json: bool) -> None:
    """End the freeze of BATCH_ID; once its 30 days are over, nobody's key is needed."""
    with guarded_bank(keystore) as bank:
        done = unfreeze_batch(bank, whole_id(bank, batch_id))
    tell(done, as_json=as_json)


@guardian.command("correct")
@click.argument("batch_id")
@click.argument("excess_g", type=int)
@reason_option
@source_option
@keystore_option
@json_option
def correct(
    batch_id: str,
    excess_g: int,
    *,
    reason: str,
    sources: tuple[str, ...],
    keystore: Path | None,
    as_json: bool,
) -> None:
    """Cancel EXCESS_G grams for the disproven BATCH_ID out of buffers; it moves again."""
    with guarded_bank(keystore) as bank:
        gives = [whole_id(bank, one) for one in sources]
        done = correct_batch(bank, whole_id(bank, batch_id), excess_g, reason, gives)
    tell(done, as_json=as_json)


@guardian.command("cancel")
@click.argument("batch_id")
@reason_option
@keystore_option
@json_option
def cancel(batch_id: str, *, reason: str, keystore: Path | None, as_json: bool) -> None:
    """End BATCH_ID for ever: disproven, or frozen for 7 days."""
    with guarded_bank(keystore) as bank:
        done = cancel_batch(bank, whole_id(bank, batch_id), reason)
    tell(done, as_json=as_json)


@guardian.command("replace")
@click.argument("batch_id")
@source_option
@keystore_option
@json_option
def replace(
    batch_id: str, *, sources: tuple[str, ...], keystore: Path | None, as_json: bool
) -> None:
    """Retire buffers in place of what was retired from the cancelled BATCH_ID."""
    with guarded_bank(keystore) as bank:
        gives = [whole_id(bank, one) for one in sources]
        done = replace_retired(bank, whole_id(bank, batch_id), gives)
    tell(done, as_json=as_json)


@guardian.command("stop-issue")
@reason_option
@keystore_option
@json_option
def stop(*, reason: str, keystore: Path | None, as_json: bool) -> None:
    """Stop all issuing at once; only the admin resumes."""
    with guarded_bank(keystore) as bank:
        done = stop_issue(bank, reason)
    tell(done, as_json=as_json)


@guardian.command("dismiss")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("address")
@reason_option
@keystore_option
@json_option
def dismiss(role: str, address: str, *, reason: str, keystore: Path | None, as_json: bool) -> None:
    """Take ROLE from ADDRESS at once; only the admin grants it again."""
    with guarded_bank(keystore) as bank:
        done = dismiss_role(bank, role, address, reason)
    tell(done, as_json=as_json)


@guardian.command("sign")
@click.argument("call", type=click.Path(path_type=Path))
@click.option("--keystore", required=True, type=click.Path(path_type=Path), help="Own keys.")
@json_option
def sign(call: Path, *, keystore: Path, as_json: bool) -> None:
    """Sign the act in CALL (JSON) that a served bank prepared; what it does is read again here.

    Compare `to` and `chain_id` with what you know of the bank; send `raw` back to it.
    """
    transaction = transaction_of(read_file(call))
    does = call_of_contract("bank", transaction["data"])
    if does is None:
        raise FieldInvalid(field="data", value=transaction["data"].hex(), expected="a bank's call")
    keys = open_keystore(keystore, Settings().guardian_passphrase, at_terminal())
    raw = keys.sign_transaction(GUARDIAN, transaction)
    told = {
        "does": does,
        "to": transaction["to"],
        "chain_id": str(transaction["chainId"]),
        "signer": keys.address(GUARDIAN),
        "raw": "0x" + raw.hex(),
    }
    show(told, as_json=as_json)


def transaction_of(content: bytes) -> dict[str, Any]:
    """Return the transaction in a prepared call, or in the job that answered with one.

    Raises:
        FieldInvalid: it is neither.
    """
    try:
        told = json.loads(content)
        call = told.get("result", told)
        return {
            "type": 2,
            "chainId": int(call["chain_id"]),
            "nonce": int(call["nonce"]),
            "to": str(call["to"]),
            "value": 0,
            "data": bytes.fromhex(call["data"].removeprefix("0x")),
            "gas": int(call["gas"]),
            "maxFeePerGas": int(call["max_fee_per_gas"]),
            "maxPriorityFeePerGas": int(call["max_priority_fee_per_gas"]),
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FieldInvalid(field="call", value=repr(error), expected="a prepared call") from error


@guardian.command("status")
@click.argument("batch_id")
@json_option
def status(batch_id: str, *, as_json: bool) -> None:
    """Show where BATCH_ID stands: reason, days left of a freeze, proof, replacements."""
    with the_bank() as bank:
        sync_chain(bank)
        found = batch_status(bank, batch_id)
    tell(found, as_json=as_json)
