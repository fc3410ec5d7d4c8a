"""One place that turns a refusal of the chain into the bank's error of the same name."""

import ast
from contextlib import suppress
from keyword import iskeyword

from eth_tester.exceptions import TransactionFailed as TesterTransactionFailed
from web3.exceptions import ContractLogicError, Web3RPCError

import carbonbank.errors
from carbonbank.chain.abi import errors
from carbonbank.errors import CarbonBankError, UnknownRevert

REFUSALS = (TesterTransactionFailed, ContractLogicError, Web3RPCError)
"""How a simulated call fails: eth-tester, a JSON-RPC node, a node that answers with an error."""


def revert_data(refusal: Exception) -> bytes:
    """Return the revert data of a refusal; the words themselves where there is no data.

    A JSON-RPC node hands the data over as hex. eth-tester hands over only a message, and in it
    the `repr` of the bytes: `execution reverted: b'...'`.
    """
    data = getattr(refusal, "data", None)
    if isinstance(data, str) and data.startswith("0x"):
        with suppress(ValueError):
            return bytes.fromhex(data[2:])
    words = str(refusal.args[0] if refusal.args else refusal).removeprefix("execution reverted: ")
    with suppress(ValueError, SyntaxError):
        literal = ast.literal_eval(words)
        if isinstance(literal, bytes):
            return literal
    return words.encode()


def ledger_error(refusal: Exception, command: str) -> CarbonBankError:
    """Return the twin of the custom error a contract reverted with.

    Args:
        refusal: one of `REFUSALS`.
        command: what was asked for, for the message where no twin is known.
    """
    data = revert_data(refusal)
    shape = errors().get(data[:4])
    if shape is not None:
        twin = getattr(carbonbank.errors, shape.name, None)
        if twin is not None:
            values = shape.fields(data[4:])
            error: CarbonBankError = twin(
                **{name + "_" * iskeyword(name): value for name, value in values.items()}
            )
            return error
        data = f"{shape.name} {shape.fields(data[4:])}".encode()
    shown = data.decode() if data.isascii() and data.decode().isprintable() else "0x" + data.hex()
    return UnknownRevert(command=command, data=shown)
