"""Many getters in one call: their answers are of one moment, and a test can afford all of them.

The calls are written into creation code that is run and not kept (`eth_call` without `to`): what it
returns would be the code of a new contract, and is the answers. It runs from top to bottom:

    BEGIN   one step for each call   END   the data of every call

Memory below `ANSWERS_AT` holds the data of the call at hand. From there on stand the answers, each
behind a word with its size in bytes. The stack holds one number from step to step, `free`: where in
memory the next answer goes.

The chain itself refuses code over 49,152 bytes (EIP-3860) and answers over 24,576 (EIP-170), and
answers that begin with 0xef (EIP-3541), which no size does.
"""

from collections.abc import Sequence
from typing import Any

from eth.vm import opcode_values as op
from eth_abi import decode
from eth_utils import to_bytes, to_checksum_address
from eth_utils.abi import get_abi_output_types

from tests.contracts.ledger_site import GAS, Site

ANSWERS_AT = 0x4000
WORD = 32  # bytes


def push(number: int) -> bytes:
    """Put a number of two bytes on the stack; a larger one is an OverflowError."""
    return bytes([op.PUSH2]) + number.to_bytes(2)


BEGIN = push(ANSWERS_AT)  # free = ANSWERS_AT
END = (
    push(ANSWERS_AT)
    + bytes([op.SWAP1, op.SUB])  # free - ANSWERS_AT: the bytes of all answers
    + push(ANSWERS_AT)
    + bytes([op.RETURN])
)


def step(at: int, whom: bytes, data_at: int, size: int) -> bytes:
    """Return the code that asks one getter and keeps its answer.

    Args:
        at: where in the code this step begins.
        whom: address of the contract asked.
        data_at: where in the code the call's data lies.
        size: bytes of that data.
    """
    ask = (
        # CODECOPY(to memory 0, from data_at, size)
        push(size)
        + push(data_at)
        + bytes([op.PUSH0, op.CODECOPY])
        # STATICCALL(gas, whom, data from memory 0, size, answer to memory 0, none of it)
        + bytes([op.PUSH0, op.PUSH0])
        + push(size)
        + bytes([op.PUSH0, op.PUSH20])
        + whom
        + bytes([op.GAS, op.STATICCALL])  # leaves 1 if it succeeded, else 0
    )
    fail = bytes([op.PUSH0, op.PUSH0, op.REVERT])
    jump_bytes = len(push(0)) + 1
    go_on = push(at + len(ask) + jump_bytes + len(fail)) + bytes([op.JUMPI])
    keep = (
        # MSTORE(at free, the answer's size)
        bytes([op.JUMPDEST, op.RETURNDATASIZE, op.DUP2, op.MSTORE])
        # RETURNDATACOPY(to free + WORD, from 0, the answer's size)
        + bytes([op.RETURNDATASIZE, op.PUSH0, op.DUP3, op.PUSH1, WORD, op.ADD, op.RETURNDATACOPY])
        # free += the answer's size + WORD
        + bytes([op.RETURNDATASIZE, op.ADD, op.PUSH1, WORD, op.ADD])
    )
    return ask + go_on + fail + keep


STEP_BYTES = len(step(0, bytes(20), 0, 0))


def written(calls: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the creation code that makes calls, each an address and its data."""
    data_at = len(BEGIN) + STEP_BYTES * len(calls) + len(END)
    code = BEGIN
    for whom, data in calls:
        assert len(data) <= ANSWERS_AT, "the data would lie over the answers"
        code += step(len(code), whom, data_at, len(data))
        data_at += len(data)
    return code + END + b"".join(data for _, data in calls)


class AskedAtOnce:
    """Calls of getters, to be asked as often as one likes."""

    def __init__(self, site: Site, calls: Sequence[Any]) -> None:
        """Write the code once."""
        self.site = site
        self.types = [get_abi_output_types(call.abi) for call in calls]
        plain = [(call.address, call._encode_transaction_data()) for call in calls]
        self.code = written([(to_bytes(hexstr=w), to_bytes(hexstr=data)) for w, data in plain])

    def answers(self) -> list[Any]:
        """Return what each answers now; several values as a tuple. Fails if one of them does."""
        code = "0x" + self.code.hex()
        asked = {"from": self.site.at["stranger"], "to": "", "data": code, "gas": GAS}
        rest = bytes.fromhex(self.site.tester.call(asked)[2:])
        found = []
        for types in self.types:
            size, rest = int.from_bytes(rest[:WORD]), rest[WORD:]
            values = zip(types, decode(types, rest[:size]), strict=True)
            plain = tuple(to_checksum_address(v) if kind == "address" else v for kind, v in values)
            found.append(plain[0] if len(plain) == 1 else plain)
            rest = rest[size:]
        assert rest == b""
        return found
