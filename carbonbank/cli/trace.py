"""`carbonbank trace`: from a retired gram to the row of a file, and back."""

from typing import Any

import click

from carbonbank.cli.opening import tell, the_bank
from carbonbank.cli.printing import json_option
from carbonbank.service.sync_chain import sync_chain
from carbonbank.service.trace import ALL_SEEING
from carbonbank.service.trace import trace as trace_of


@click.command()
@click.argument("subject")
@json_option
def trace(subject: str, *, as_json: bool) -> None:
    """Walk from SUBJECT (serial range, retirement, batch or trip) to all it leads to."""
    with the_bank() as bank:
        sync_chain(bank)
        found = trace_of(bank, subject, ALL_SEEING)
    tell(found, as_json=as_json, line=_lines)


def _lines(found: dict[str, Any]) -> str:
    lines = [f"{found['kind']} {found['subject']}"]
    for one in found["retirements"]:
        retired = one["retirement"]
        lines.append(
            f"retirement {retired['retirement_id']}: {one['serial']}, for {retired['beneficiary']} "
            f"({retired['purpose']}), transaction {retired['tx_hash']}"
        )
        lines += [f"  replaced by {other['replaced_by']}" for other in one["replaced_by"]]
    lines += [
        f"trade: {one['amount_g']} g from {one['seller']} to {one['buyer']}, "
        f"transaction {one['tx_hash']}"
        for one in found["trades"]
    ]
    if batch := found["batch"]:
        lines.append(
            f"batch {batch['batch_id']}: {batch['total_g']} g, {batch['fleet']}, "
            f"{batch['month']}, {batch['state']}, evidence root {batch['evidence_root']}"
        )
    lines.append(f"{found['trips_behind']} trips of {found['files_behind']} files behind it")
    lines += [
        f"trip {one['trip_id']}: {one['reduction_g']} g"
        + (f" (grams {one['first_g']} to {one['last_g']})" if one["first_g"] else "")
        + f", leaf {one['leaf_index']}, {one['filename']} row {one['row']}, file {one['file_hash']}"
        for one in found["trips"]
    ]
    trip = found["trip"]
    lines += [
        f"energy shared: session {one['session_id']}, {one['energy_grid_wh']} Wh, "
        f"{one['filename']} row {one['row']}, file {one['file_hash']}"
        for one in (trip["charges"] if trip else ())
    ]
    if not found["batch"]:
        lines.append(
            f"in no batch: {trip['state']} {trip['reason']}, {trip['filename']} row {trip['row']}"
        )
    return "\n".join(lines)
