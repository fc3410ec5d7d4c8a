"""The acts whose gas is measured, each one transaction, with the payload of real work.

A signed claim with payouts, trees of 1,024 payouts, 32 bytes of beneficiary and of purpose,
signatures of keys, finite allowances, a fee of 1 %. Calls are made directly; `forwarded_` ones go
through the ERC-2771 forwarder. Nothing is cleared in storage, so no figure hides a refund.
"""

from itertools import count
from pathlib import Path
from struct import pack
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from carbonbank.chain.compile import compile_units
from carbonbank.domain.merkle import evidence_tree, leaf_hash
from tests.contracts.ledger_site import (
    BUY,
    DECEMBER,
    FIRST_MONTH,
    FLEET,
    GAS,
    SELL,
    Site,
)

BARE = "contracts/test/BareERC1155.sol"
LEAVES = 1024
MANY = 10
CLAIMS = ("claim_first", "claim_next", "claim_new_word", "claim_other_word")
NEW_WORD = 255  # bit 0 of the first word is the root's, so payout 255 opens the second
TRIPS = 65_536
TONNE = 1_000_000
RICH = 10**12
WHOLE = 2**256 - 1
BENEFICIARY, PURPOSE = keccak(text="beneficiary"), keccak(text="purpose")

Payout = tuple[int, str, int, int]


def measure(site: Site) -> dict[str, int]:
    """Return operation → gas on a fresh site: nothing was issued there yet."""
    _enrol(site, 1000)
    return _issues(site) | _moves(site) | _trades(site) | _challenges(site)


def measure_bare(site: Site) -> dict[str, int]:
    """Return what OpenZeppelin's bare ERC-1155 costs on the same chain."""
    made = compile_units(Path(__file__).parents[1], [BARE])[BARE]["BareERC1155"]
    factory = site.web3.eth.contract(abi=made["abi"], bytecode=made["evm"]["bytecode"]["object"])
    address = _receipt(site, factory.constructor(), "admin")["contractAddress"]
    token = site.web3.eth.contract(abi=made["abi"], address=address).functions
    holder, receiver = site.at["operator"], site.at["buyer"]
    number = int.from_bytes(keccak(text="batch"))
    send = token.safeTransferFrom(holder, receiver, number, TONNE, b"")
    return {
        "bare_mint": _gas(site, token.mint(holder, number, 10 * TONNE), "stranger"),
        "bare_transfer_new": _gas(site, send, "operator"),
        "bare_transfer_known": _gas(site, send, "operator"),
        "bare_burn": _gas(site, token.burn(holder, number, TONNE), "operator"),
    }


def _issues(site: Site) -> dict[str, int]:
    """Each in a month of its own, where no bitmap word was used, but for the known word."""
    months = count(FIRST_MONTH)
    one = {0: 0b10}
    root = _root(site, LEAVES)
    gas = {"issue_first": _issue(site, next(months), one, root)}
    month = next(months)
    gas["issue_new_word"] = _issue(site, month, one, root)
    gas["issue_known_word"] = _issue(site, month, {0: 0b100}, root)
    for drivers in (1, 100, 10_000):
        other = _root(site, drivers)
        gas[f"issue_drivers_{drivers}"] = _issue(site, next(months), one, other)
    # The fleet's indexes run from 1 to 1000: 3 whole words but for index 0, then 233 more.
    crowds = {1: one, 256: {1: WHOLE}, 1000: {0: WHOLE - 1, 1: WHOLE, 2: WHOLE, 3: 2**233 - 1}}
    for vehicles, words in crowds.items():
        assert sum(word.bit_count() for word in words.values()) == vehicles
        gas[f"issue_vehicles_{vehicles}"] = _issue(site, next(months), words, root)
    more = gas["issue_vehicles_1000"] - gas["issue_vehicles_1"]
    return gas | {"guard_per_vehicle_1000": -(-more // 999)}


def _moves(site: Site) -> dict[str, int]:
    """Claims, transfers and retirements of one batch."""
    payouts = _payouts(site, LEAVES)
    claimed = [0, 1, NEW_WORD, NEW_WORD + 1]
    root, proofs = _tree(payouts, claimed)
    batch_id = _issued(site, {0: 0b1000}, root)
    bank, at = site.bank.functions, site.at
    send = bank.safeTransferFrom(at["operator"], at["buyer"], batch_id, TONNE, b"")
    retire = bank.retire(batch_id, TONNE, BENEFICIARY, PURPOSE)
    claims = [
        _gas(site, bank.claim(batch_id, payouts[index], proof), "relayer")
        for index, proof in zip(claimed, proofs, strict=True)
    ]
    gas = dict(zip(CLAIMS, claims, strict=True)) | {
        "transfer_new": _gas(site, send, "operator"),
        "transfer_known": _gas(site, send, "operator"),
        "retire_first": _gas(site, retire, "operator"),
        "retire_repeat": _gas(site, retire, "operator"),
    }
    _gas(site, site.relay("operator", site.bank, send, 0), "relayer")
    return gas | {
        "forwarded_transfer": _gas(site, site.relay("operator", site.bank, send, 1), "relayer"),
        "forwarded_retire": _gas(site, site.relay("operator", site.bank, retire, 2), "relayer"),
    }


def _trades(site: Site) -> dict[str, int]:
    """Trades between two holders of a batch who have money, with a fee box that has some."""
    bank, market, money = site.bank.functions, site.market.functions, site.money.functions
    batch_id = _issued(site, {0: 0b10000}, _root(site, LEAVES))
    for who in ("operator", "buyer", "fee_box"):
        _gas(site, money.mint(site.at[who], RICH), "minter")
    for who in ("operator", "buyer"):
        _gas(site, bank.setApprovalForAll(site.market.address, True), who)
        _gas(site, money.approve(site.market.address, RICH), who)
    send = bank.safeTransferFrom(site.at["operator"], site.at["buyer"], batch_id, TONNE, b"")
    _gas(site, send, "operator")

    def order(maker: str, side: int, salt: str) -> tuple[dict[str, Any], bytes]:
        terms = {"amountG": 5 * TONNE, "minFillG": TONNE, "salt": int.from_bytes(keccak(text=salt))}
        made = site.order(maker, side, batch_id, **terms)
        return made, site.sign_order(made, maker)

    settled = (*order("operator", SELL, "settled"), *order("buyer", BUY, "settled"))
    settle = market.settle(*settled, batch_id, TONNE)
    fill = market.fill(*order("operator", SELL, "filled"), batch_id, TONNE)
    retired = order("operator", SELL, "retired")
    fill_and_retire = market.fillAndRetire(*retired, batch_id, TONNE, BENEFICIARY, PURPOSE)
    many = [
        (
            *order("operator", SELL, f"sold {n}"),
            *order("buyer", BUY, f"bought {n}"),
            batch_id,
            TONNE,
        )
        for n in range(MANY)
    ]
    settle_many = market.settleMany(many)
    return {
        "settle_first": _gas(site, settle, "relayer"),
        "settle_repeat": _gas(site, settle, "relayer"),
        "fill": _gas(site, fill, "buyer"),
        "fill_and_retire": _gas(site, fill_and_retire, "buyer"),
        "settle_many_per_trade": -(-_gas(site, settle_many, "relayer") // MANY),
    }


def _challenges(site: Site) -> dict[str, int]:
    """Two of 65,536 trips share a second. Their month is another, which no proof of order reads."""
    start = 2**31
    leaves = [
        (1, start + n, start + n + 1 + (n == TRIPS // 2), TONNE, (n + 1) * TONNE, keccak(n))
        for n in range(TRIPS)
    ]
    tree = evidence_tree(b"".join(leaf_hash(pack(">IQQqq32s", *leaf)) for leaf in leaves))
    claim = _claim(site, FIRST_MONTH + 12, {0: 0b100000}, _root(site, LEAVES))
    claim |= {"tripCount": TRIPS, "evidenceRoot": tree.root}
    _gas(site, site.issue_call(claim, {0: 0b100000}), "issuer")
    proofs = [(leaves[at], at, tree.path(at)) for at in (TRIPS // 2, TRIPS // 2 + 1)]
    order = site.challenge.functions.challengeOrder(claim, *proofs)
    return {"challenge_order": _gas(site, order, "stranger")}


def _receipt(site: Site, call: Any, sender: str) -> Any:
    tx_hash = call.transact({"from": site.at[sender], "gas": GAS, "gasPrice": 10**10})
    receipt = site.web3.eth.get_transaction_receipt(tx_hash)
    assert receipt["status"] == 1
    return receipt


def _gas(site: Site, call: Any, sender: str) -> int:
    return int(_receipt(site, call, sender)["gasUsed"])


def _enrol(site: Site, vehicles: int) -> None:
    """Bring the fleet to so many vehicles, as many at a time as a block takes."""
    commitments = [keccak(text=f"vehicle {n}") for n in range(1, vehicles + 1)]
    enrolled = site.state()["vehicles"]
    for start in range(enrolled, vehicles, 200):
        part = commitments[start : start + 200]
        _gas(site, site.bank.functions.enrolVehicles(FLEET, part, FIRST_MONTH), "registrar")


def _claim(site: Site, month: int, words: dict[int, int], root: bytes) -> dict[str, Any]:
    """100 t: 60 to the operator, 30 to drivers, 10 kept."""
    return site.claim(
        words,
        month=month,
        tripCount=65_536,
        payoutRoot=root,
        operatorG=60 * TONNE,
        driversG=30 * TONNE,
        bufferG=10 * TONNE,
    )


def _issue(site: Site, month: int, words: dict[int, int], root: bytes) -> int:
    claim = _claim(site, month, words, root)
    return _gas(site, site.issue_call(claim, words), "issuer")


def _issued(site: Site, words: dict[int, int], root: bytes) -> int:
    """Issue a batch nobody measures and return its id."""
    claim = _claim(site, DECEMBER, words, root)
    _gas(site, site.issue_call(claim, words), "issuer")
    return int(site.bank.functions.batchIdOf(claim).call())


def _payouts(site: Site, drivers: int) -> list[Payout]:
    """Equal payouts that tile 30 t but for less than one gram a driver; two go to known keys."""
    amount_g = 30 * TONNE // drivers
    accounts = [site.at["driver"], site.at["driver_b"]]
    accounts += [to_checksum_address(keccak(text=f"driver {n}")[:20]) for n in range(drivers)]
    return [(n, accounts[n], n * amount_g, amount_g) for n in range(drivers)]


def _root(site: Site, drivers: int) -> bytes:
    return _tree(_payouts(site, drivers), [])[0]


def _tree(payouts: list[Payout], proven: list[int]) -> tuple[bytes, list[list[bytes]]]:
    """Root and proofs of a StandardMerkleTree: leaves hashed twice and sorted, in one array."""
    types = ["uint256", "address", "uint256", "uint256"]
    hashed = [keccak(keccak(encode(types, payout))) for payout in payouts]
    leaves = sorted(hashed, reverse=True)
    size = 2 * len(leaves) - 1
    nodes = [b""] * (len(leaves) - 1) + leaves
    for node in reversed(range(len(leaves) - 1)):
        nodes[node] = keccak(b"".join(sorted(nodes[2 * node + 1 : 2 * node + 3])))
    proofs = []
    for index in proven:
        node, proof = size - len(leaves) + leaves.index(hashed[index]), []
        while node:
            proof.append(nodes[node + 1 if node % 2 else node - 1])
            node = (node - 1) // 2
        proofs.append(proof)
    return nodes[0], proofs
