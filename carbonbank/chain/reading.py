"""The asking half of the Chain adapter: what is signed, and what the contracts answer."""

from typing import Any

from eth_abi.abi import decode, encode
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3 import Web3

from carbonbank.chain.calls import (
    SOURCE,
    Contract,
    abi_data,
    operation_hash,
    result_types,
    timelock_of,
)
from carbonbank.chain.reverts import REFUSALS
from carbonbank.chain.transactions import ask
from carbonbank.chain.typed_data import FORWARDER_NAME, Domain
from carbonbank.chain.words import call_in_words
from carbonbank.domain.admin_acts import AdminAct
from carbonbank.domain.chain_facts import (
    BatchAmounts,
    BatchStatus,
    ChainIdentity,
    MethodologyOnChain,
    Operation,
    OperationState,
    VehicleOnChain,
)
from carbonbank.domain.claim import BatchClaim, batch_id
from carbonbank.domain.order import Order, order_struct_hash

IS_VALID_SIGNATURE = bytes.fromhex("1626ba7e")
"""ERC-1271: selector of the question, and the answer of who signed."""
ON_RECEIVED = bytes.fromhex("f23a6e61")
"""ERC-1155: selector of `onERC1155Received`, and the answer of who takes credits."""
STRANGER_GAS = 1_000_000
NOBODY = "0x" + "0" * 40
LATEST_FLEET = 2**32 - 1  # the month in which every move of a vehicle has taken effect
DOMAIN_NAMES: dict[Contract, str] = {
    "bank": "CarbonBank",
    "market": "CarbonMarket",
    "forwarder": FORWARDER_NAME,
}


class Reading:
    """Asks the bank's contracts on one chain; nothing here changes anything."""

    def __init__(self, web3: Web3, identity: ChainIdentity) -> None:
        """Know the contracts of `identity` on the node behind `web3`."""
        self._web3, self._identity = web3, identity
        self._addresses: dict[Contract, ChecksumAddress] = {
            name: to_checksum_address(getattr(identity, name))
            for name in SOURCE
            if getattr(identity, name) is not None
        }
        self._domains = {
            name: Domain(
                name=title,
                version="1",
                chain_id=identity.chain_id,
                contract=self._addresses[name],
            )
            for name, title in DOMAIN_NAMES.items()
        }

    @property
    def identity(self) -> ChainIdentity:
        """Which chain and contracts this is."""
        return self._identity

    # --- what is signed -------------------------------------------------------------------------

    def claim_digest(self, claim: BatchClaim) -> bytes:
        """Return the EIP-712 digest a verifier signs."""
        return self._domains["bank"].digest(batch_id(claim).to_bytes(32, "big"))

    def order_digest(self, order: Order) -> bytes:
        """Return the EIP-712 digest a maker signs."""
        return self._domains["market"].digest(order_struct_hash(order))

    # --- reading --------------------------------------------------------------------------------

    def operator_of(self, fleet_id: bytes) -> str | None:
        """Return the operator of an enrolled fleet."""
        operator = to_checksum_address(self._read("bank", "operatorOf", fleet_id)[0])
        return None if operator == NOBODY else operator

    def vehicle(self, commitment: bytes, month: int = LATEST_FLEET) -> VehicleOnChain | None:
        """Return an enrolled vehicle by commitment, with its fleet in a month, or its latest."""
        (index,) = self._read("bank", "vehicleIndexOf", commitment)
        if index == 0:
            return None
        _, fleet_id, from_month = self._read("bank", "vehicle", index, month)
        return VehicleOnChain(index=index, fleet_id=fleet_id, from_month=from_month)

    def methodology(self, methodology_id: bytes) -> MethodologyOnChain | None:
        """Return a certified methodology."""
        ((number, buffer_bps, demo, withdrawn, label),) = self._read(
            "bank", "methodology", methodology_id
        )
        if number == 0:
            return None
        return MethodologyOnChain(
            class_label=label, buffer_bps=buffer_bps, demo=demo, withdrawn=withdrawn
        )

    def batch(self, batch_id: int) -> BatchAmounts:
        """Return a batch's amounts; status NONE if it was never issued."""
        (answer,) = self._read("bank", "batch", batch_id)
        issued_g, claimable_g, retired_g, buffer_g, month, _, status, *_ = answer
        cancelled_g, unreplaced_g = answer[10:12]
        return BatchAmounts(
            status=BatchStatus(status),
            month=month,
            issued_g=issued_g,
            claimable_g=claimable_g,
            buffer_g=buffer_g,
            retired_g=retired_g,
            cancelled_g=cancelled_g,
            unreplaced_g=unreplaced_g,
        )

    def held_g(self, account: str, batch_id: int) -> int:
        """Return the grams an account holds of a batch."""
        return int(self._read("bank", "balanceOf", account, batch_id)[0])

    def is_claimed(self, claim: BatchClaim, index: int) -> bool:
        """Tell whether a payout leaf of an issued claim was paid."""
        asked = (batch_id(claim), claim.payout_root, index)
        return bool(self._read("bank", "isClaimed", *asked)[0])

    def is_credited(self, vehicle_index: int, month: int) -> bool:
        """Tell whether a vehicle-month was ever credited."""
        (word,) = self._read("bank", "creditedWord", month, vehicle_index // 256)
        return bool(word >> (vehicle_index % 256) & 1)

    def money_units(self, account: str) -> int:
        """Return an account's settlement money."""
        return int(self._read("money", "balanceOf", account)[0])

    # --- the timelock ---------------------------------------------------------------------------

    def operation_id(self, act: AdminAct, salt: bytes) -> bytes:
        """Return the id the timelock has for an act of the admin under a 32-byte salt."""
        return operation_hash(act, salt, self._identity)

    def operation(self, operation_id: bytes) -> Operation:
        """Return how far an operation is; state UNKNOWN if it was never scheduled."""
        timelock_of(self._identity)
        (state,) = self._read("timelock", "getOperationState", operation_id)
        (moment,) = self._read("timelock", "getTimestamp", operation_id)
        waits = state in {OperationState.WAITING, OperationState.READY}
        return Operation(
            operation_id=operation_id,
            state=OperationState(state),
            ready_at_s=moment if waits else 0,
        )

    def admin_delay_s(self) -> int:
        """Return how many seconds an admin's act waits at least."""
        timelock_of(self._identity)
        return int(self._read("timelock", "getMinDelay")[0])

    def call_in_words(self, to: str, data: bytes) -> str:
        """Return a call of the bank's contracts as a person reads it."""
        return call_in_words(to, data, self._identity)

    # --- accounts that are contracts ------------------------------------------------------------

    def contract_signed(self, account: str, digest: bytes, signature: bytes) -> bool:
        """Tell whether the contract at an address signed a digest, as it says itself (ERC-1271)."""
        data = IS_VALID_SIGNATURE + encode(["bytes32", "bytes"], [digest, signature])
        return self._answers(account, data, IS_VALID_SIGNATURE)

    def takes_credits(self, account: str) -> bool:
        """Tell whether credits can be paid to an address: a contract has to say so (ERC-1155)."""
        if not self._web3.eth.get_code(to_checksum_address(account)):
            return True
        given = [self._identity.bank, NOBODY, 1, 1, b""]  # a gram paid out
        types = ["address", "address", "uint256", "uint256", "bytes"]
        return self._answers(account, ON_RECEIVED + encode(types, given), ON_RECEIVED)

    def _answers(self, account: str, data: bytes, expected: bytes) -> bool:
        """Ask a stranger's contract as the bank would, with bounded gas, and take any answer."""
        try:
            said = ask(
                self._web3,
                caller=self._addresses["bank"],
                to=to_checksum_address(account),
                data=data,
                gas=STRANGER_GAS,
                free=self._identity.embedded,
            )
        except REFUSALS:
            return False
        return said[:32] == expected.ljust(32, b"\0")

    def _read(self, contract: Contract, function: str, *arguments: Any) -> tuple[Any, ...]:
        data = abi_data(contract, function, *arguments)
        return decode(result_types(contract, function), self._call(contract, data, NOBODY, 10**6))

    def _call(self, contract: Contract, data: bytes, caller: str, gas: int) -> bytes:
        to, free = self._addresses[contract], self._identity.embedded
        return ask(self._web3, caller=caller, to=to, data=data, gas=gas, free=free)
