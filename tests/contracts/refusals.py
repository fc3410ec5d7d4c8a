"""What many acts are refused with before anything else."""

from typing import Any

from tests.contracts.ledger_site import Site, role

ADMIN = bytes(32)


def unauthorized(site: Site, sender: str, name: str) -> tuple[str, dict[str, Any]]:
    """Return the refusal of who does not hold a role; the admin's is named ADMIN."""
    needed = ADMIN if name == "ADMIN" else role(name)
    return (
        "AccessControlUnauthorizedAccount",
        {"account": site.at[sender], "neededRole": needed},
    )
