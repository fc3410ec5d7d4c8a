"""A batch that owes its drivers: the payouts under its root, and the proofs to claim them with."""

from dataclasses import dataclass

from tests.contracts.ledger_site import Site, payout_tree

NOBODY = "0x" + "0" * 40
"""From whom an ERC-1155 transfer takes what was nobody's."""

Payout = tuple[int, str, int, int]


@dataclass(frozen=True)
class Owed:
    """Two payouts of one batch; the proofs are in their order."""

    batch_id: int
    root: bytes
    payouts: list[Payout]
    proofs: list[list[bytes]]


def owed(site: Site, *, second_index: int = 1, second_g: int = 100) -> Owed:
    """Issue a batch that holds 300 g for drivers and owes one 200 g and another the rest.

    Args:
        site: the contracts.
        second_index: index of the second payout.
        second_g: its grams; more than 100 are more than there is.
    """
    payouts = [
        (0, site.at["driver"], 0, 200),
        (second_index, site.at["driver_b"], 200, second_g),
    ]
    root, proofs = payout_tree(payouts)
    batch_id = site.issue(driversG=300, payoutRoot=root, bufferG=200)
    return Owed(batch_id, root, payouts, proofs)
