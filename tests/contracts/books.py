"""Batches with a life behind them, and the law that they must keep."""

from typing import Any

from tests.contracts.ledger_site import Site, payout_tree

HOLDERS = ("operator", "buyer", "driver", "driver_b")
PAID, UNPAID = 200, 100


def issued(site: Site, bit: int, **changes: Any) -> int:
    """Issue 1,000 g to the operator, 300 g to drivers and 200 g of buffer."""
    root, _ = payout_tree(payouts(site))
    amounts = {"driversG": PAID + UNPAID, "payoutRoot": root, "bufferG": 200}
    return site.issue({0: 1 << bit}, **(amounts | changes))


def lively(site: Site, bit: int, **changes: Any) -> int:
    """Issue, pay one of two drivers 200 g, move 50 g to the buyer, retire 40 g."""
    batch_id = issued(site, bit, **changes)
    bank = site.bank.functions
    proof = payout_tree(payouts(site))[1][0]
    site.do(bank.claim(batch_id, payouts(site)[0], proof), "stranger")
    move = bank.safeTransferFrom(site.at["operator"], site.at["buyer"], batch_id, 50, b"")
    site.do(move, "operator")
    site.do(bank.retire(batch_id, 40, bytes(32), bytes(32)), "operator")
    return batch_id


def payouts(site: Site) -> list[tuple[int, str, int, int]]:
    """Return both payouts."""
    return [(0, site.at["driver"], 0, PAID), (1, site.at["driver_b"], PAID, UNPAID)]


def disproven(site: Site, batch_id: int, proof: bytes) -> int:
    """Disprove it as a challenge would."""
    site.do(site.bank.functions.disprove(batch_id, proof), "challenger")
    return batch_id


def keeps_bank_a(site: Site, *batch_ids: int) -> bool:
    """BANK_A: issued == sum of balances + claimable + buffer + retired + cancelled."""
    parts = ("claimableG", "bufferG", "retiredG", "cancelledG")
    for batch_id in batch_ids:
        shown = site.batch(batch_id)
        held = sum(site.held(who, batch_id) for who in HOLDERS)
        assert held == shown["heldG"]
        if held + sum(shown[part] for part in parts) != shown["issuedG"]:
            return False
    return True
