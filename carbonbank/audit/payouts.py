"""Who gets what: the split by the published formulas, and the payout tree."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from carbonbank.audit.claim import total_g
from carbonbank.audit.outcome import require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import octets, whole
from carbonbank.audit.trees import standard_leaf, standard_tree

LEAF_ENCODING = ["uint256", "address", "uint256", "uint256"]


def check_drivers(package: Package) -> str:
    """The report's grams by driver are the sums over the drivers' trips."""
    listed = {one["driver_id"]: 0 for one in package.report["drivers"]}
    undriven_g = 0
    for trip, leaf in zip(package.trips, package.leaves, strict=True):
        driver = trip.record["driver_id"]
        if driver in listed:
            listed[driver] += leaf.reduction_g
        else:
            undriven_g += leaf.reduction_g
    reported = {one["driver_id"]: one["reduction_g"] for one in package.report["drivers"]}
    require_equal("grams by driver", reported, listed)
    require_equal("grams without a driver's account", package.report["undriven_g"], undriven_g)
    return f"{len(listed)} drivers with an account, {undriven_g} g of trips without"


def check_split(package: Package) -> str:
    """Buffer, drivers and operator have what the shares say, and nothing is lost."""
    claim, report = package.claim["claim"], package.report
    all_g, shares = package.leaves[-1].running_g, report["shares"]
    buffer_g = ceil(Fraction(all_g * shares["buffer_bps"], 10_000))
    drivers_g = sum(amount_g for *_, amount_g in _expected(package))
    parts = {
        "operator_g": all_g - buffer_g - drivers_g,
        "drivers_g": drivers_g,
        "buffer_g": buffer_g,
    }
    require_equal("split of the report", report["split"], parts)
    require_equal("split of the claim", {key: whole(claim[key]) for key in parts}, parts)
    require_equal("grams of the claim", total_g(claim), all_g)
    told = ", ".join(f"{name.removesuffix('_g')} {grams} g" for name, grams in parts.items())
    return f"{told}, together {all_g} g"


def check_payouts(package: Package) -> str:
    """Every driver's payout is the floor of the fair part, in a tree with the signed root."""
    if package.withholds("payouts.json") and "payout.json" in package.files:
        return _check_one_payout(package)
    dump = package.document("payouts.json")
    require_equal("format of payouts.json", dump["format"], "standard-v1")
    require_equal("encoding of payouts.json", dump["leafEncoding"], LEAF_ENCODING)
    values = [[str(part) for part in payout] for payout in _expected(package)]
    require_equal("payouts", [one["value"] for one in dump["values"]], values)
    tree = standard_tree(values)
    require_equal("payout tree", dump["tree"], ["0x" + node.hex() for node in tree])
    root = tree[0] if tree else bytes(32)
    require_equal("payoutRoot", octets(package.claim["claim"]["payout_root"]).hex(), root.hex())
    return f"{len(values)} payouts, {root.hex()}"


def _check_one_payout(package: Package) -> str:
    """A single payout stands under the signed root; whether its size is fair is not to be seen."""
    one = package.document("payout.json", "carbonbank.payout/1")
    node = standard_leaf(one["value"])
    for sibling in one["path"]:
        node = keccak(b"".join(sorted((node, octets(sibling, 32)))))
    claim = package.claim["claim"]
    signed = octets(claim["payout_root"]).hex()
    require_equal("payoutRoot, by the path of payout.json", signed, node.hex())
    index, account, from_g, amount_g = one["value"]
    last_g = whole(from_g) + whole(amount_g)
    require(last_g <= whole(claim["drivers_g"]), f"payout.json ends at {last_g} g")
    return f"payout {index}: {amount_g} g to {account}, {signed}; the others are withheld"


def _expected(package: Package) -> Iterator[tuple[int, str, int, int]]:
    """Yield (index, account, fromG, amountG): who has a gain shares the pool pro rata, floored."""
    report = package.report
    pool_g = floor(Fraction(package.leaves[-1].running_g * report["shares"]["drivers_bps"], 10_000))
    gains = {account: max(grams, 0) for account, grams in _by_account(report["drivers"]).items()}
    all_gains = sum(gains.values()) + max(report["undriven_g"], 0)
    index = from_g = 0
    for account in sorted(gains, key=lambda account: octets(account, 20)):
        amount_g = floor(Fraction(pool_g * gains[account], all_gains)) if all_gains else 0
        if amount_g:
            yield index, account, from_g, amount_g
            index, from_g = index + 1, from_g + amount_g


def _by_account(drivers: list[dict[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in drivers:
        account = to_checksum_address(one["account"])
        sums[account] = sums.get(account, 0) + one["reduction_g"]
    return sums
