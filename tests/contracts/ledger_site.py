"""The contracts on a py-evm chain; helpers speak their ABI and use none of the bank's code."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from eth_abi import decode, encode
from eth_account import Account
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionFailed
from eth_utils import function_abi_to_4byte_selector, keccak, to_checksum_address
from web3 import EthereumTesterProvider, Web3

from carbonbank.chain.artefacts import LIBRARIES, creation_code, load

# 15 January 2040, so December 2039 is the last month that is over. eth-tester's clock is the real
# one until a block lies ahead of it; this one does, so no test depends on the day it runs.
NOW = int(datetime(2040, 1, 15, 12, tzinfo=UTC).timestamp())
DAY = 86_400
JANUARY = 2040 * 12
DECEMBER = 2039 * 12 + 11
NOVEMBER = 2039 * 12 + 10
FIRST_MONTH = 2020 * 12
FOR_EVER = 2**40
GAS = 28_000_000

PEOPLE = [
    "admin",
    "certifier",
    "verifier",
    "issuer",
    "registrar",
    "guardian",
    "challenger",
    "minter",
    "relayer",
    "operator",
    "operator_b",
    "driver",
    "driver_b",
    "buyer",
    "fee_box",
    "stranger",
]
FLEET, FLEET_B = keccak(text="fleet"), keccak(text="fleet b")
METHOD, METHOD_B = keccak(text="methodology"), keccak(text="methodology b")
KEY_HASH = keccak(text="registry key")
NO_ROOT = bytes(32)

CLAIM_FIELDS = {
    "fleetId": "bytes32",
    "operator": "address",
    "verifier": "address",
    "validUntil": "uint64",
    "methodologyId": "bytes32",
    "month": "uint32",
    "tripCount": "uint64",
    "evidenceRoot": "bytes32",
    "reportHash": "bytes32",
    "payoutRoot": "bytes32",
    "operatorG": "uint64",
    "driversG": "uint64",
    "bufferG": "uint64",
    "vehiclesHash": "bytes32",
}
ORDER_FIELDS = {
    "maker": "address",
    "side": "uint8",
    "batchId": "uint256",
    "classId": "bytes32",
    "money": "address",
    "amountG": "uint64",
    "priceUnitsPerT": "uint128",
    "maxFeeBp": "uint16",
    "minFillG": "uint64",
    "minAgeS": "uint32",
    "signedAt": "uint64",
    "validUntil": "uint64",
    "salt": "uint256",
}
REQUEST_FIELDS = {
    "from": "address",
    "to": "address",
    "value": "uint256",
    "gas": "uint256",
    "nonce": "uint256",
    "deadline": "uint48",
    "data": "bytes",
}
KINDS = {"BatchClaim": CLAIM_FIELDS, "Order": ORDER_FIELDS, "ForwardRequest": REQUEST_FIELDS}
SELL, BUY = 0, 1
NONE, ACTIVE, FROZEN, DISPROVEN, CANCELLED = range(5)
DEPLOYED = ("ERC2771Forwarder", "CarbonBank", "CarbonChallenge", "SettlementToken", "CarbonMarket")


class Refusal(Exception):
    """A custom error as the contract reverted with it: `refusal.value.args == (name, fields)`."""


@dataclass
class Site:
    """The deployed contracts, the people, and the chain they live on."""

    tester: EthereumTester
    web3: Web3
    keys: dict[str, str]
    at: dict[str, str]
    bank: Any = None
    challenge: Any = None
    market: Any = None
    money: Any = None
    forwarder: Any = None
    errors: dict[bytes, dict[str, Any]] = field(default_factory=dict)

    # --- acting ---------------------------------------------------------------------------------

    def do(self, call: Any, sender: str) -> Any:
        """Send a call; a refusal raises, success returns the receipt."""
        who = self.at[sender]
        self.ask(call, sender)
        tx_hash = call.transact({"from": who, "gas": GAS, "gasPrice": 10**10})
        receipt = self.web3.eth.get_transaction_receipt(tx_hash)
        assert receipt["status"] == 1
        return receipt

    def ask(self, call: Any, sender: str = "stranger") -> Any:
        """Simulate a call."""
        try:
            return call.call({"from": self.at[sender], "gas": GAS})
        except TransactionFailed as failed:
            raise self._refusal(failed) from failed

    def refused(self, call: Any, sender: str) -> tuple[str, dict[str, Any]]:
        """Return name and fields of the custom error a call reverts with."""
        with pytest.raises(Refusal) as refusal:
            self.ask(call, sender)
        name, fields = refusal.value.args
        return name, fields

    def _refusal(self, failed: TransactionFailed) -> Refusal:
        data = ast.literal_eval(str(failed.args[0]).removeprefix("execution reverted: "))
        entry = self.errors[data[:4]]
        values = decode([i["type"] for i in entry["inputs"]], data[4:])
        fields = {i["name"]: _plain(i, v) for i, v in zip(entry["inputs"], values, strict=True)}
        return Refusal(entry["name"], fields)

    def events(self, receipt: Any, contract: Any, name: str) -> list[dict[str, Any]]:
        """Return the fields of every event of a name in a receipt."""
        logs = [log for log in receipt["logs"] if log["address"] == contract.address]
        event = contract.events[name]()
        topic = keccak(text=event.signature)
        return [dict(event.process_log(log)["args"]) for log in logs if log["topics"][0] == topic]

    def travel(self, timestamp: int) -> None:
        """Let the next block have a time (Unix seconds)."""
        self.tester.time_travel(timestamp)

    # --- signing --------------------------------------------------------------------------------

    def sign(self, who: str, contract: Any, name: str, kind: str, message: dict[str, Any]) -> bytes:
        """Sign typed data the way a wallet does."""
        signed = Account.sign_typed_data(
            self.keys[who],
            domain_data={
                "name": name,
                "version": "1",
                "chainId": self.chain_id,
                "verifyingContract": contract.address,
            },
            message_types={kind: [{"name": n, "type": t} for n, t in KINDS[kind].items()]},
            message_data=message,
        )
        return bytes(signed.signature)

    def relay(
        self, who: str, contract: Any, call: Any, nonce: int = 0, deadline: int = FOR_EVER
    ) -> Any:
        """Build the relayed form of an account's call, signed by the account."""
        request = {
            "from": self.at[who],
            "to": contract.address,
            "value": 0,
            "gas": 1_000_000,
            "deadline": deadline,
            "data": call._encode_transaction_data(),
        }
        signature = self.sign(
            who,
            self.forwarder,
            "CarbonBankForwarder",
            "ForwardRequest",
            {**request, "nonce": nonce},
        )
        return self.forwarder.functions.execute({**request, "signature": signature})

    @property
    def chain_id(self) -> int:
        """What CHAINID answers inside the contracts."""
        return int(self.bank.functions.eip712Domain().call()[3])

    # --- batches --------------------------------------------------------------------------------

    def claim(self, words: dict[int, int] | None = None, **changes: Any) -> dict[str, Any]:
        """Make a valid claim: 1,000 g to the operator, 100 g buffer, nothing for drivers."""
        words = {0: 0b10} if words is None else words
        claim = {
            "fleetId": FLEET,
            "operator": self.at["operator"],
            "verifier": self.at["verifier"],
            "validUntil": FOR_EVER,
            "methodologyId": METHOD,
            "month": DECEMBER,
            "tripCount": 3,
            "evidenceRoot": keccak(text="evidence"),
            "reportHash": keccak(text="report"),
            "payoutRoot": NO_ROOT,
            "operatorG": 1000,
            "driversG": 0,
            "bufferG": 112,
            "vehiclesHash": words_hash(words),
        }
        return claim | changes

    def issue_call(
        self,
        claim: dict[str, Any],
        words: dict[int, int] | None = None,
        signature: bytes | None = None,
    ) -> Any:
        """Build the issue of a claim, signed by the verifier unless told otherwise."""
        words = {0: 0b10} if words is None else words
        if signature is None:
            signature = self.sign_claim(claim)
        return self.bank.functions.issue(claim, list(words), list(words.values()), signature)

    def sign_claim(self, claim: dict[str, Any], who: str = "verifier") -> bytes:
        """Sign a claim."""
        return self.sign(who, self.bank, "CarbonBank", "BatchClaim", claim)

    def issue(self, words: dict[int, int] | None = None, **changes: Any) -> int:
        """Issue a valid claim and return its batch id."""
        claim = self.claim(words, **changes)
        self.do(self.issue_call(claim, words), "issuer")
        return int(self.ask(self.bank.functions.batchIdOf(claim)))

    def batch(self, batch_id: int) -> dict[str, Any]:
        """Return a batch by field."""
        return self.by_field(self.bank.functions.batch(batch_id).call())

    def by_field(self, batch: Any) -> dict[str, Any]:
        """Return a batch that was asked for already by field."""
        names = [
            "issuedG",
            "claimableG",
            "retiredG",
            "bufferG",
            "month",
            "issuedHour",
            "status",
            "demo",
            "methodologyId",
            "heldG",
            "cancelledG",
            "unreplacedG",
            "frozenSince",
            "frozenUntil",
        ]
        return dict(zip(names, tuple(batch), strict=True))

    def state(self) -> dict[str, Any]:
        """Return where the bank stands, by field."""
        names = ["firstMonth", "lastMonth", "issueStopped", "vehicles"]
        names += ["retirements", "registryKeyHash"]
        return dict(zip(names, tuple(self.bank.functions.state().call()), strict=True))

    def held(self, who: str, batch_id: int) -> int:
        """Return the grams somebody holds."""
        return int(self.bank.functions.balanceOf(self.at[who], batch_id).call())

    # --- orders ---------------------------------------------------------------------------------

    def order(self, maker: str, side: int, batch_id: int, **changes: Any) -> dict[str, Any]:
        """Make a valid order: 1,000 g at 80 units a gram."""
        order = {
            "maker": self.at[maker],
            "side": side,
            "batchId": batch_id,
            "classId": bytes(32),
            "money": self.money.address,
            "amountG": 1000,
            "priceUnitsPerT": 80_000_000,
            "maxFeeBp": 500,
            "minFillG": 0,
            "minAgeS": 0,
            "signedAt": NOW - 100,
            "validUntil": FOR_EVER,
            "salt": 1,
        }
        return order | changes

    def sign_order(self, order: dict[str, Any], who: str) -> bytes:
        """Sign an order."""
        return self.sign(who, self.market, "CarbonMarket", "Order", order)

    def hash_of(self, order: dict[str, Any]) -> bytes:
        """Return the EIP-712 hashStruct of an order, computed here."""
        text = "Order(" + ",".join(f"{t} {n}" for n, t in ORDER_FIELDS.items()) + ")"
        return keccak(keccak(text=text) + encode(list(ORDER_FIELDS.values()), list(order.values())))

    def paid(self, who: str) -> int:
        """Return somebody's settlement money in units."""
        return int(self.money.functions.balanceOf(self.at[who]).call())


def words_hash(words: dict[int, int]) -> bytes:
    return keccak(encode(["uint256[]", "uint256[]"], [list(words), list(words.values())]))


def payout_tree(payouts: list[tuple[int, str, int, int]]) -> tuple[bytes, list[list[bytes]]]:
    """Root and proofs of two payouts as a StandardMerkleTree: leaves hashed twice, pairs sorted."""
    one, two = map(payout_leaf, payouts)
    return keccak(min(one, two) + max(one, two)), [[two], [one]]


def payout_leaf(payout: tuple[int, str, int, int]) -> bytes:
    """Leaf of a payout in a StandardMerkleTree; the root where it is the only one."""
    return keccak(keccak(encode(["uint256", "address", "uint256", "uint256"], payout)))


def role(name: str) -> bytes:
    return keccak(text=name)


def _plain(parameter: dict[str, Any], value: Any) -> Any:
    return to_checksum_address(value) if parameter["type"] == "address" else value


def deployed() -> Iterator[Site]:
    """Deploy everything once, with roles, one fleet of three vehicles, and money."""
    keys = {name: "0x" + keccak(text=name).hex() for name in PEOPLE}
    at = {name: Account.from_key(key).address for name, key in keys.items()}
    rich = {"balance": 10**24, "nonce": 0, "code": b"", "storage": {}}
    tester = EthereumTester(
        PyEVMBackend(
            genesis_state={bytes.fromhex(address[2:]): rich for address in at.values()},
        )
    )
    for key in keys.values():
        tester.add_account(key)
    web3 = Web3(EthereumTesterProvider(tester))
    web3.eth.default_account = at["stranger"]
    site = Site(tester, web3, keys, at)
    for contract in (*DEPLOYED, *LIBRARIES):
        for entry in load(contract)["abi"]:
            if entry["type"] == "error":
                site.errors[function_abi_to_4byte_selector({**entry, "type": "function"})] = entry

    site.forwarder = _deploy(site, "ERC2771Forwarder", "CarbonBankForwarder")
    for library in LIBRARIES:
        site.at[library] = _deploy(site, library).address
    site.bank = _deploy(
        site, "CarbonBank", site.forwarder.address, at["admin"], 0, FIRST_MONTH, KEY_HASH, "uri"
    )
    site.challenge = _deploy(site, "CarbonChallenge", site.bank.address)
    site.money = _deploy(
        site, "SettlementToken", site.forwarder.address, at["admin"], "Settlement money", "SET"
    )
    made_for = (site.forwarder.address, at["admin"], site.bank.address, 100, at["fee_box"])
    site.market = _deploy(site, "CarbonMarket", *made_for)
    for name in ("certifier", "verifier", "issuer", "registrar", "guardian", "challenger"):
        site.do(site.bank.functions.grantRole(role(name.upper()), at[name]), "admin")
    site.do(site.bank.functions.grantRole(role("CHALLENGER"), site.challenge.address), "admin")
    site.do(site.money.functions.grantRole(role("MINTER"), at["minter"]), "admin")
    site.do(
        site.bank.functions.certifyMethodology(METHOD, "AMS-III.C/16", 1000, False), "certifier"
    )
    site.do(site.bank.functions.enrolFleet(FLEET, at["operator"]), "registrar")
    vehicles = [keccak(text=f"vehicle {n}") for n in (1, 2, 3)]
    site.do(site.bank.functions.enrolVehicles(FLEET, vehicles, FIRST_MONTH), "registrar")
    site.travel(NOW)
    tester.mine_block()
    yield site


def _deploy(site: Site, name: str, *arguments: Any) -> Any:
    artefact = load(name)
    code = creation_code(name, site.at)
    factory = site.web3.eth.contract(abi=artefact["abi"], bytecode=code)
    tx_hash = factory.constructor(*arguments).transact(
        {"from": site.at["admin"], "gas": GAS, "gasPrice": 10**10}
    )
    receipt = site.web3.eth.get_transaction_receipt(tx_hash)
    assert receipt["status"] == 1
    return site.web3.eth.contract(abi=artefact["abi"], address=receipt["contractAddress"])
