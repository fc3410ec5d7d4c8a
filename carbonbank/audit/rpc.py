"""The chain itself, asked over raw JSON-RPC: no client library, no ABI file, the texts alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from carbonbank.audit.claim import FIELDS, claim_fields, total_g
from carbonbank.audit.outcome import Refuted, SignedByOther, Unchecked, require, require_equal
from carbonbank.audit.package import Package
from carbonbank.audit.reading import octets, whole
from carbonbank.audit.receipt import receipt_of
from carbonbank.errors import ChainUnreachable

TIMEOUT_S = 30
CLAIM_TUPLE = f"({','.join(kind for _, kind, _ in FIELDS)})"
ISSUED = keccak(text=f"BatchIssued(uint256,bytes32,bytes32,bool,{CLAIM_TUPLE},uint24[],uint256[])")
MOVED = keccak(text="TransferSingle(address,address,address,uint256,uint256)")
MOVED_MANY = keccak(text="TransferBatch(address,address,address,uint256[],uint256[])")
MAGIC = keccak(text="isValidSignature(bytes32,bytes)")[:4]
"""ERC-1271: selector of the question, and the answer of who signed."""
STATUS = ("None", "Active", "Frozen", "Disproven", "Cancelled")
CANCELLED = STATUS.index("Cancelled")
BATCH_TYPES = [
    *["uint64"] * 4, "uint32", "uint32", "uint8", "bool", "bytes32", *["uint64"] * 5,
]  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A JSON-RPC endpoint, and the bank's contract on it; None where no URL was given."""

    url: str | None
    contract: str = ""

    def ask(self, method: str, *params: Any) -> Any:
        """Return the result of one call."""
        if self.url is None:
            raise Unchecked("no chain was given (--rpc URL)")
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        try:
            answer = requests.post(self.url, json=body, timeout=TIMEOUT_S)
            answer.raise_for_status()
            said = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise ChainUnreachable(url=self.url, reason=str(error)) from error
        if "error" in said:
            raise Refuted(f"the chain answers {method} with {said['error']}")
        return said["result"]

    def call(self, signature: str, values: Sequence[Any], answers: Sequence[str]) -> Any:
        """Call a view function of the bank, as in `batch(uint256)`, and decode its answer."""
        types = [kind for kind in signature.partition("(")[2][:-1].split(",") if kind]
        data = keccak(text=signature)[:4] + encode(types, list(values))
        request = {"to": self.contract, "data": "0x" + data.hex()}
        return decode(list(answers), octets(self.ask("eth_call", request, "latest")))


def check_signed_for(check: Callable[[Package], str], package: Package, node: Node) -> str:
    """A signature: where no key made it, the code of who is named is asked (ERC-1271)."""
    try:
        return check(package)
    except SignedByOther as other:
        if node.url is None:
            hint = "; if that is a contract, its code alone can tell (--rpc URL)"
            raise Refuted(f"{other}{hint}") from other
        if not _contract_signed(node, other):
            raise
        return f"signed for {other.named} as its code says"


def _contract_signed(node: Node, said: SignedByOther) -> bool:
    if len(node.ask("eth_getCode", said.named, "latest")) <= 2:
        return False
    data = MAGIC + encode(["bytes32", "bytes"], [said.digest, said.signature])
    try:
        answer = node.ask("eth_call", {"to": said.named, "data": "0x" + data.hex()}, "latest")
    except Refuted:  # it reverts: that is an answer too
        return False
    return octets(answer)[:32] == MAGIC.ljust(32, b"\0")


def check_chain_id(package: Package, node: Node) -> str:
    """The claim was signed for this chain."""
    asked = node.ask("eth_chainId")
    require_equal("chain id", whole(package.claim["domain"]["chain_id"]), int(asked, 16))
    code = node.ask("eth_getCode", node.contract, "latest")
    require(len(code) > 2, f"there is no contract at {node.contract}")
    return f"chain {int(asked, 16)}, contract {node.contract}"


def check_chain_event(package: Package, node: Node) -> str:
    """The transaction of the receipt succeeded and logged exactly this claim."""
    node.ask("eth_chainId")
    receipt = receipt_of(package)
    mined = node.ask("eth_getTransactionReceipt", "0x" + octets(receipt["tx_hash"], 32).hex())
    require(mined is not None, f"the chain has no transaction {receipt['tx_hash']}")
    require_equal("status of the transaction", int(mined["status"], 16), 1)
    require_equal("block", receipt["block_number"], int(mined["blockNumber"], 16))
    require_equal("block hash", octets(receipt["block_hash"]), octets(mined["blockHash"]))
    logs = [log for log in mined["logs"] if octets(log["topics"][0]) == ISSUED]
    require_equal("BatchIssued events in the transaction", len(logs), 1)
    require_equal("contract of the event", octets(logs[0]["address"]), octets(node.contract))
    document = package.claim
    indexed = [octets(topic).hex() for topic in logs[0]["topics"][1:]]
    named = [octets(document["claim"][name]).hex() for name in ("fleet_id", "methodology_id")]
    require_equal("indexed fields of the event", indexed, [document["batch_id"], *named])
    types = ["bool", CLAIM_TUPLE, "uint24[]", "uint256[]"]
    demo, claim, words, bits = decode(types, octets(logs[0]["data"]))
    told = dict(zip((name for name, *_ in FIELDS), claim, strict=True))
    told |= {name: to_checksum_address(told[name]) for name in ("operator", "verifier")}
    require_equal("claim of the event", told, claim_fields(document["claim"]))
    require_equal("demo flag of the event", demo, package.demo)
    require_equal("bitmap words of the event", list(words), document["word_index"])
    require_equal("bitmap of the event", [f"0x{one:064x}" for one in bits], document["bits"])
    return f"logged in block {receipt['block_number']}"


def check_chain_amounts(package: Package, node: Node) -> str:
    """The batch exists with the claim's grams, and none of them is lost or new."""
    batch = int(package.claim["batch_id"], 16)
    claim = package.claim["claim"]
    answer = node.call("batch(uint256)", [batch], BATCH_TYPES)
    issued_g, claimable_g, retired_g, buffer_g, month, _, status, demo, methodology = answer[:9]
    shown_g, cancelled_g, unreplaced_g = answer[9:12]
    require_equal("issued on the chain", issued_g, total_g(claim))
    require_equal("month on the chain", month, whole(claim["month"]))
    require_equal("demo flag on the chain", demo, package.demo)
    require_equal("methodology on the chain", methodology, octets(claim["methodology_id"]))
    moved_g = sum(_balances(node, batch, receipt_of(package)["block_number"]).values())
    held_g = 0 if status == CANCELLED else moved_g
    require_equal("sum of all balances", held_g, shown_g)
    together_g = held_g + claimable_g + buffer_g + retired_g + cancelled_g
    told = (
        f"{STATUS[status]}: issued {issued_g} g = held {held_g} + claimable {claimable_g} "
        f"+ buffer {buffer_g} + retired {retired_g} + cancelled {cancelled_g}"
        + f"; {unreplaced_g} g retired are not replaced"
        * bool(unreplaced_g)
    )
    require(together_g == issued_g, told)
    return told


def check_chain_vehicles(package: Package, node: Node) -> str:
    """Every credited vehicle is enrolled under its commitment, and its month is credited."""
    month = whole(package.claim["claim"]["month"])
    listed = package.document("vehicles.json")["vehicles"]
    for one in listed:
        commitment, index = octets(one["commitment"], 32), one["vehicle_index"]
        (enrolled,) = node.call("vehicleIndexOf(bytes32)", [commitment], ["uint32"])
        require_equal(f"index of {one['vehicle_id']}", index, enrolled)
        asked = [month, index // 256]
        (word,) = node.call("creditedWord(uint32,uint24)", asked, ["uint256"])
        require(bool(word >> index % 256 & 1), f"vehicle {index} is not credited on the chain")
    return f"{len(listed)} vehicles enrolled and credited"


def _balances(node: Node, batch: int, first_block: int) -> dict[str, int]:
    """Add up every transfer of the batch since it was issued, by account."""
    topics = [["0x" + topic.hex() for topic in (MOVED, MOVED_MANY)]]
    asked = {"address": node.contract, "fromBlock": hex(first_block), "topics": topics}
    balances: dict[str, int] = {}
    for log in node.ask("eth_getLogs", asked | {"toBlock": "latest"}):
        single = octets(log["topics"][0]) == MOVED
        kinds = ["uint256", "uint256"] if single else ["uint256[]", "uint256[]"]
        ids, amounts = decode(kinds, octets(log["data"]))
        moves = [(ids, amounts)] if single else zip(ids, amounts, strict=True)
        source, target = (octets(topic)[12:].hex() for topic in log["topics"][2:4])
        for moved, amount_g in moves:
            if moved == batch:
                balances[source] = balances.get(source, 0) - amount_g
                balances[target] = balances.get(target, 0) + amount_g
    balances.pop("0" * 40, None)  # minted from and burnt to nobody
    require(all(held_g >= 0 for held_g in balances.values()), f"negative balances: {balances}")
    return balances
