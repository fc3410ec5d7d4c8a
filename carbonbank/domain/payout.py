"""Who gets which grams of a batch, and the tree under which drivers claim theirs.

bufferG = ceil(total × buffer_bps / 10^4); pool = floor(total × drivers_bps / 10^4); with
p_d = max(0, the driver's reductions), payout_d = floor(pool × p_d / Σp), where trips without a
driver's account count in Σp; the operator gets the remainder (docs/invariants.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carbonbank.domain.claim import word
from carbonbank.domain.hashing import keccak256
from carbonbank.errors import BatchTotalNotPositive, SharesOutOfRange
from carbonbank.units import BPS, buffer_g_ceil, payout_g_floor, pool_g_floor

LEAF_ENCODING = ("uint256", "address", "uint256", "uint256")
NO_PAYOUTS = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """A programme's shares in basis points; the operator has the rest."""

    drivers_bps: int
    buffer_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A leaf of the payout tree: `account` may claim grams [from_g, from_g + amount_g)."""

    index: int
    account: str
    from_g: int
    amount_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A batch in parts; operator_g + drivers_g + buffer_g is the total."""

    operator_g: int
    drivers_g: int
    buffer_g: int
    payouts: tuple[Payout, ...]


def split_batch(
    total_g: int, shares: Shares, drivers_g: Mapping[str, int], undriven_g: int = 0
) -> Split:
    """Split a batch's total.

    Args:
        total_g: all reductions of the batch in grams.
        shares: the programme's shares.
        drivers_g: reductions in grams by the account of a driver, negative ones included.
        undriven_g: reductions in grams of trips without a driver's account.

    Raises:
        BatchTotalNotPositive: the total is not positive.
        SharesOutOfRange: the shares are negative or exceed the whole.
    """
    drivers_bps, buffer_bps = shares.drivers_bps, shares.buffer_bps
    if min(drivers_bps, buffer_bps) < 0 or drivers_bps + buffer_bps > BPS:
        raise SharesOutOfRange(drivers_bps=drivers_bps, buffer_bps=buffer_bps)
    if total_g <= 0:
        raise BatchTotalNotPositive(total_g=total_g)
    buffer_g = buffer_g_ceil(total_g, buffer_bps)
    payouts = _payouts(pool_g_floor(total_g, drivers_bps), drivers_g, undriven_g)
    paid_g = sum(payout.amount_g for payout in payouts)
    # Not negative: ceil(total × b) + floor(total × d) ≤ total while b + d ≤ 1.
    operator_g = total_g - buffer_g - paid_g
    return Split(operator_g=operator_g, drivers_g=paid_g, buffer_g=buffer_g, payouts=payouts)


def _payouts(pool_g: int, drivers_g: Mapping[str, int], undriven_g: int) -> tuple[Payout, ...]:
    parts = {account: max(0, drivers_g[account]) for account in sorted(drivers_g, key=str.lower)}
    parts_g_total = sum(parts.values()) + max(0, undriven_g)
    payouts: list[Payout] = []
    from_g = 0
    for account, part_g in parts.items():
        amount_g = payout_g_floor(pool_g, part_g, parts_g_total)
        if amount_g > 0:  # a leaf of 0 g would only cost its claimer gas
            payouts.append(
                Payout(index=len(payouts), account=account, from_g=from_g, amount_g=amount_g)
            )
            from_g += amount_g
    return tuple(payouts)


@dataclass(frozen=True, slots=True)
class PayoutTree:
    """OpenZeppelin StandardMerkleTree: a complete binary tree as a list, root first."""

    payouts: tuple[Payout, ...]
    nodes: tuple[bytes, ...]
    positions: tuple[int, ...]

    @property
    def root(self) -> bytes:
        """The root, or 32 zero bytes where nobody is paid."""
        return self.nodes[0] if self.nodes else NO_PAYOUTS

    def proof(self, index: int) -> list[bytes]:
        """Return the sibling hashes of payout `index`, nearest first."""
        at = self.positions[index]
        path: list[bytes] = []
        while at > 0:
            path.append(self.nodes[at + 1 if at % 2 else at - 1])
            at = (at - 1) // 2
        return path

    def dump(self) -> dict[str, Any]:
        """Return the tree as `StandardMerkleTree.load` of the npm package reads it."""
        return {
            "format": "standard-v1",
            "leafEncoding": list(LEAF_ENCODING),
            "tree": ["0x" + node.hex() for node in self.nodes],
            "values": [
                {"value": list(map(str, payout_words(payout))), "treeIndex": position}
                for payout, position in zip(self.payouts, self.positions, strict=True)
            ],
        }


def payout_words(payout: Payout) -> tuple[int | str, ...]:
    """Return the fields in leaf order."""
    return payout.index, payout.account, payout.from_g, payout.amount_g


def payout_leaf_hash(payout: Payout) -> bytes:
    """Return keccak256(keccak256(abi.encode(index, account, fromG, amountG)))."""
    return keccak256(keccak256(b"".join(map(word, payout_words(payout)))))


def payout_tree(payouts: Sequence[Payout]) -> PayoutTree:
    """Build the tree: leaves sorted by hash from the end, each node the hash of its sorted pair."""
    hashes = [payout_leaf_hash(payout) for payout in payouts]
    size = max(0, 2 * len(hashes) - 1)
    nodes = [b""] * size
    positions = [0] * len(hashes)
    for place, index in enumerate(sorted(range(len(hashes)), key=hashes.__getitem__)):
        positions[index] = size - 1 - place
        nodes[size - 1 - place] = hashes[index]
    for at in range(len(hashes) - 2, -1, -1):
        nodes[at] = keccak256(b"".join(sorted(nodes[2 * at + 1 : 2 * at + 3])))
    return PayoutTree(tuple(payouts), tuple(nodes), tuple(positions))


def payouts_of_dump(dump: Mapping[str, Any]) -> list[Payout]:
    """Read the payouts back from a dump, by index."""
    values = (tuple(entry["value"]) for entry in dump["values"])
    payouts = (
        Payout(index=int(index), account=account, from_g=int(from_g), amount_g=int(amount_g))
        for index, account, from_g, amount_g in values
    )
    return sorted(payouts, key=lambda payout: payout.index)
