"""Both shapes of a revert become the ledger's error of its name; nothing else does."""

import pytest
from eth_abi.abi import encode
from eth_tester.exceptions import TransactionFailed as EthTesterFailed
from eth_utils.crypto import keccak
from web3.exceptions import ContractCustomError, ContractLogicError, ContractPanicError

from carbonbank.chain.abi import Shape, errors, events, snake
from carbonbank.chain.reverts import ledger_error

# FillTooSmall(bytes32 orderHash, uint64 amountG, uint64 minFillG), encoded by hand.
DATA = keccak(b"FillTooSmall(bytes32,uint64,uint64)")[:4] + encode(
    ["bytes32", "uint64", "uint64"], [b"h" * 32, 10, 11]
)
VALUES = {"order_hash": b"h" * 32, "amount_g": 10, "min_fill_g": 11}


@pytest.mark.parametrize(
    "refusal",
    [
        ContractCustomError("0x" + DATA.hex(), data="0x" + DATA.hex()),
        EthTesterFailed(f"execution reverted: {DATA!r}"),
    ],
)
def test_both_shapes_become_the_same_error(refusal: Exception) -> None:
    error = ledger_error(refusal, "FillOrder")
    assert error.code == "FillTooSmall"
    assert error.fields == VALUES


@pytest.mark.parametrize(
    ("refusal", "shown"),
    [
        (EthTesterFailed("execution reverted: not enough"), "not enough"),
        (ContractLogicError("execution reverted: not enough", data=None), "not enough"),
        (EthTesterFailed("execution reverted: b'\\xde\\xad\\xbe\\xef'"), "0xdeadbeef"),
        (ContractCustomError("0xdeadbeef", data="0xdeadbeef"), "0xdeadbeef"),
        (ContractPanicError("overflow", data="0x4e487b71" + "0" * 62 + "11"), "0x4e487b71"),
        (EthTesterFailed("execution reverted: b''"), ""),
    ],
)
def test_what_has_no_name_is_shown_as_it_came(refusal: Exception, shown: str) -> None:
    error = ledger_error(refusal, "FillOrder")
    assert error.code == "UnknownRevert"
    assert error.fields["command"] == "FillOrder"
    assert error.fields["data"].startswith(shown)


@pytest.mark.parametrize("shape", errors().values(), ids=lambda shape: shape.name)
def test_every_error_of_the_contracts_arrives_under_its_name(shape: Shape) -> None:
    zeros = {"string": "", "address": "0x" + "0" * 40, "bytes32": bytes(32)}
    types = [one["type"] for one in shape.inputs]
    data = shape.hash[:4] + encode(types, [zeros.get(kind, 0) for kind in types])
    error = ledger_error(ContractCustomError("", data="0x" + data.hex()), "any")
    assert error.code == shape.name
    assert [name.rstrip("_") for name in error.fields] == [snake(i["name"]) for i in shape.inputs]
    assert str(error)


def test_solidity_names_have_their_twins() -> None:
    names = {"amountG": "amount_g", "maxFeeBp": "max_fee_bp", "tokenId": "token_id", "to": "to"}
    assert {name: snake(name) for name in names} == names
    assert len(events()) > 15
