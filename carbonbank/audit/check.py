"""The audit of a package: every check by name, in order, none left out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from carbonbank.audit import (
    charges,
    claim,
    conditions,
    evidence,
    grams,
    grid_hours,
    package,
    payouts,
    receipt,
    rpc,
    statement,
)
from carbonbank.audit.outcome import Check, Refuted, State, Unchecked
from carbonbank.audit.package import Package
from carbonbank.audit.rpc import Node
from carbonbank.errors import CarbonBankError, PackageUnreadable

# What a reader of the result relies on (docs/reference/audit-package.md): names and their order.
CHECKS: tuple[tuple[str, Callable[[Package], str]], ...] = (
    ("members", package.check_members),
    ("manifest", package.check_manifest),
    ("methodology id", claim.check_methodology),
    ("report hash", claim.check_report),
    ("programme", grams.check_programme),
    ("conditions", conditions.check_conditions),
    ("claim", claim.check_claim),
    ("vehicles", claim.check_vehicles),
    ("leaf file", evidence.check_leaf_file),
    ("leaf order", evidence.check_leaf_order),
    ("running totals", evidence.check_running_totals),
    ("evidence root", evidence.check_evidence_root),
    ("records", evidence.check_records),
    ("trip times", evidence.check_trip_times),
    ("charges", charges.check_charges),
    ("grid hours", grid_hours.check_grid_hours),
    ("coefficients", grams.check_coefficients),
    ("discounts", grams.check_discounts),
    ("grams", grams.check_grams),
    ("vehicle-months", grams.check_months),
    ("totals", grams.check_totals),
    ("drivers", payouts.check_drivers),
    ("split", payouts.check_split),
    ("payouts", payouts.check_payouts),
    ("signature", claim.check_signature),
    ("statement", statement.check_statement),
    ("work", statement.check_work),
    ("receipt", receipt.check_receipt),
    ("retirements", receipt.check_retirements),
)
CHAIN_CHECKS: tuple[tuple[str, Callable[[Package, Node], str]], ...] = (
    ("chain id", rpc.check_chain_id),
    ("chain event", rpc.check_chain_event),
    ("chain amounts", rpc.check_chain_amounts),
    ("chain vehicles", rpc.check_chain_vehicles),
)
SIGNATURES = ("signature", "statement")
"""Checks in which a contract may stand for its verifier."""
ARCHIVE = "archive"
NAMES = (ARCHIVE, *(name for name, _ in CHECKS), *(name for name, _ in CHAIN_CHECKS))


def check_package(source: bytes | Path, rpc_url: str | None = None) -> list[Check]:
    """Check everything a package claims, without database or bank.

    Args:
        source: the package, or where it lies.
        rpc_url: a JSON-RPC endpoint of the chain; without it the chain checks are not made.

    Returns:
        One check per name of `NAMES`, in that order.

    Raises:
        PackageUnreadable: there is no such file.
        ChainUnreachable: the endpoint does not answer.
    """
    opened: list[Package] = []

    def archive() -> str:
        opened.append(Package(package.open_archive(_content(source))))
        return f"{len(opened[0].files)} files"

    checks = [_outcome(ARCHIVE, archive)]
    if not opened:
        return checks + [_not_checked(name, "the archive can not be read") for name in NAMES[1:]]
    (content,) = opened
    node = _node(content, rpc_url)
    checks += [_outcome(name, _whole(name, check, content, node)) for name, check in CHECKS]
    checks += [_outcome(name, partial(check, content, node)) for name, check in CHAIN_CHECKS]
    return checks


def _whole(
    name: str, check: Callable[[Package], str], content: Package, node: Node
) -> Callable[[], str]:
    if name in SIGNATURES:
        return partial(rpc.check_signed_for, check, content, node)
    return partial(check, content)


def holds(checks: list[Check]) -> bool:
    """Tell whether no check failed."""
    return all(check.ok for check in checks)


def _outcome(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name=name, state=State.OK, detail=check())
    except Unchecked as reason:
        return _not_checked(name, str(reason))
    except Refuted as reason:
        return Check(name=name, state=State.FAILED, detail=str(reason))
    except CarbonBankError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile package breaks is its failure
        detail = f"malformed: {type(error).__name__}: {error}"
        return Check(name=name, state=State.FAILED, detail=detail)


def _not_checked(name: str, reason: str) -> Check:
    return Check(name=name, state=State.NOT_CHECKED, detail=reason)


def _node(content: Package, rpc_url: str | None) -> Node:
    try:
        return Node(rpc_url, content.claim["domain"]["verifying_contract"])
    except Exception:  # noqa: BLE001 - a claim that can not be read fails under its own name
        return Node(rpc_url)


def _content(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as error:
        raise PackageUnreadable(package=str(source), reason=str(error.strerror)) from error
