"""Shapes of what other parties sign with their own keys and the bank relays."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from carbonbank.service.list_operations import ListedOperation
from carbonbank.web.models import Strict, model_of, page_of

OperationOut = model_of(ListedOperation, without=("ready_at",))
OperationPage = page_of(OperationOut)
RAW_DIGITS_MAX = 2 + 2 * 128 * 1024


class GuardianActIn(Strict):
    """A guardian's act to prepare; which fields it takes follows from the act."""

    sender: str = Field(description="the guardian's EIP-55 address")
    act: Literal["freeze", "unfreeze", "correct", "cancel", "replace", "stop-issue", "dismiss"]
    batch: str | None = Field(None, description="all acts on a batch")
    reason: str | None = Field(None, description="freeze, correct, cancel, stop-issue, dismiss")
    excess_g: int | None = Field(None, gt=0, description="correct")
    sources: list[str] | None = Field(None, description="correct, replace: batches that give")
    role: str | None = Field(None, description="dismiss: from which role")
    address: str | None = Field(None, description="dismiss: whom")


class OrderMessageOut(BaseModel):
    """An order as the wallet signs it; `order` goes back with the signature."""

    order: dict[str, Any]
    typed_data: dict[str, Any] = Field(description="for eth_signTypedData_v4")


class SignedOrderIn(Strict):
    """An order as it was offered, with its maker's signature."""

    account: str
    order: dict[str, str | int]
    signature: str = Field(max_length=2 + 2 * 4096, description="hex: 65 bytes, or a contract's")


class WalletActIn(Strict):
    """An act of the account's own wallet; which fields it takes follows from the act."""

    act: Literal[
        "transfer", "retire", "allow-market", "allow-money", "cancel-orders", "cancel-all-orders",
        "fill", "fill-and-retire",
    ]  # fmt: skip
    recipient: str | None = Field(None, description="transfer: handle or address")
    batch: str | None = Field(None, description="transfer, retire, fill, fill-and-retire")
    amount_g: int | None = Field(None, gt=0, description="with a batch")
    beneficiary: str | None = Field(None, max_length=32, description="retire, fill-and-retire")
    purpose: str | None = Field(None, max_length=32, description="retire, fill-and-retire")
    amount_units: int | None = Field(None, gt=0, description="allow-money")
    orders: list[str] | None = Field(None, description="hashes: cancel-orders, or one to fill")


class SignedWalletActIn(WalletActIn):
    """The same act with number and deadline as prepared, and the wallet's signature."""

    nonce: int = Field(ge=0)
    deadline: int = Field(gt=0, description="Unix second")
    signature: str = Field(max_length=132, description="65 bytes as hex")


class SignedIn(Strict):
    """A signed transaction."""

    raw: str = Field(max_length=RAW_DIGITS_MAX, description="EIP-1559 transaction as hex")
