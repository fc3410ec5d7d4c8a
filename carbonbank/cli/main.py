"""The command `carbonbank`."""

import sys

from carbonbank.cli.places import Places
from carbonbank.cli.printing import fail
from carbonbank.errors import CarbonBankError

carbonbank = Places(
    name="carbonbank",
    help="A carbon bank for vehicle fleets that anyone can check.",
    context_settings={"help_option_names": ["-h", "--help"]},
    places={
        "account": "account:account",
        "admin": "admin:admin",
        "audit": "audit:audit",
        "backup": "upkeep:backup_command",
        "batch": "main:batch",
        "certify": "certify:certify",
        "certificate": "account:certificate_command",
        "convert": "convert:convert_command",
        "challenge": "challenge:challenge",
        "demo": "demo:demo",
        "doctor": "doctor:doctor",
        "examples": "examples:examples",
        "factors": "factors:factors",
        "fleet": "fleet:fleet",
        "guardian": "guardian:guardian",
        "import": "trips:import_command",
        "keys": "keys:keys",
        "methodology": "main:methodology",
        "month": "trips:month",
        "order": "order:order",
        "programme": "main:programme",
        "quantify": "quantify:quantify",
        "reconcile": "upkeep:reconcile_command",
        "restore": "upkeep:restore_command",
        "retire": "account:retire",
        "serve": "serve:serve",
        "sync": "upkeep:sync",
        "trace": "trace:trace",
        "trips": "tables:trips",
        "upload": "trips:upload",
        "verify": "desk:verify",
        "wallet": "wallet:wallet",
        "worker": "worker:worker",
    },
)
batch = Places(
    name="batch",
    help="Batches: a fleet's closed months, from sealing to the chain.",
    places={
        "accept": "batch:accept",
        "export": "batch:export",
        "issue": "batch:issue",
        "seal": "batch:seal",
        "show": "batch:show_batch",
        "verify": "verify:verify",
    },
)
methodology = Places(
    name="methodology",
    help="Methodology packages: what one holds, and what two differ in.",
    places={"diff": "methodology:diff", "show": "methodology:show_command"},
)
programme = Places(
    name="programme",
    help="Programmes: method, declared values, factors and shares of a fleet.",
    places={
        "certify": "fleet:certify_command",
        "check": "programme:check",
        "register": "fleet:register_programme_command",
    },
)


def main() -> None:
    """Run the command line; an expected error is one line and an exit code."""
    try:
        carbonbank()
    except CarbonBankError as error:
        fail(error, as_json="--json" in sys.argv)
