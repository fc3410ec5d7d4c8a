"""A signed order of the market: free to make, bound to exactly what happens."""

from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any

from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.claim import word
from carbonbank.domain.hashing import keccak256

ORDER_TYPE = (
    "Order(address maker,uint8 side,uint256 batchId,bytes32 classId,address money,uint64 amountG,"
    "uint128 priceUnitsPerT,uint16 maxFeeBp,uint64 minFillG,uint32 minAgeS,uint64 signedAt,"
    "uint64 validUntil,uint256 salt)"
)

ORDER_FIELDS = tuple(
    (kind, name)
    for kind, _, name in (
        part.partition(" ") for part in ORDER_TYPE.partition("(")[2].removesuffix(")").split(",")
    )
)
"""Solidity's type and name of every field, in the order of `Order`."""
MARKET = "CarbonMarket"
_DOMAIN = (
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
)


class Side(IntEnum):
    """Which way the maker trades."""

    SELL = 0
    BUY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Twin of `Order` in contracts/interfaces. Exactly one of batch_id and class_id is set.

    Price is in base units of `money` per tonne; times are Unix seconds.
    """

    maker: str
    side: Side
    batch_id: int
    class_id: bytes
    money: str
    amount_g: int
    price_units_per_t: int
    max_fee_bp: int
    min_fill_g: int
    min_age_s: int
    signed_at: int
    valid_until: int
    salt: int


def order_struct_hash(order: Order) -> bytes:
    """Return EIP-712 hashStruct(order)."""
    values = (
        order.maker,
        int(order.side),
        order.batch_id,
        order.class_id,
        order.money,
        order.amount_g,
        order.price_units_per_t,
        order.max_fee_bp,
        order.min_fill_g,
        order.min_age_s,
        order.signed_at,
        order.valid_until,
        order.salt,
    )
    return keccak256(keccak256(ORDER_TYPE.encode()) + b"".join(word(v) for v in values))


def order_typed_data(order: Order, at: ChainIdentity) -> dict[str, Any]:
    """Return an order as wallets show and sign it (eth_signTypedData_v4)."""
    fields = [{"name": name, "type": kind} for kind, name in ORDER_FIELDS]
    values = astuple(order)
    return {
        "types": {"EIP712Domain": list(_DOMAIN), "Order": fields},
        "primaryType": "Order",
        "domain": {
            "name": MARKET,
            "version": "1",
            "chainId": str(at.chain_id),
            "verifyingContract": at.market,
        },
        # Numbers as text: most are wider than JSON's.
        "message": {
            field["name"]: _plain(value) for field, value in zip(fields, values, strict=True)
        },
    }


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value if isinstance(value, str) else str(int(value))


def class_id(class_label: str, vintage_year: int) -> bytes:
    """Return keccak256(abi.encode(string classLabel, uint256 vintageYear))."""
    text = class_label.encode()
    padded = text.ljust(-(-len(text) // 32) * 32, b"\0")
    return keccak256(word(64) + word(vintage_year) + word(len(text)) + padded)
