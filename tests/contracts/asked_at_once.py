"""Many getters in one call: their answers are of one moment, and a test can afford all of them.

The calls are written into creation code that is run and not kept (`eth_call` without `to`): each
copies its data to memory, is made, and appends size and answer to what is returned.
"""

from collections.abc import Sequence
from typing import Any

from eth_abi import decode
from eth_utils import to_checksum_address
from eth_utils.abi import get_abi_output_types

from tests.contracts.ledger_site import GAS, Site

ANSWERS_AT = (
    0x4000  # in memory, above the data of any one call; the stack holds where the next goes
)
BEGIN = f"61{ANSWERS_AT:04x}"
STEP = (
    "61{size:04x}61{start:04x}5f39"  # CODECOPY the data to 0
    "5f5f61{size:04x}5f73{whom}5afa"  # STATICCALL
    "61{good:04x}57fe5b"  # INVALID if it failed
    "3d8152"  # MSTORE the answer's size
    "3d5f826020013e"  # RETURNDATACOPY the answer behind it
    "3d01602001"  # the next goes behind that
)
RETURN = f"61{ANSWERS_AT:04x}900361{ANSWERS_AT:04x}f3"
STEP_BYTES, GOOD_AT = 58, 42  # of a step, and of the JUMPDEST in it


class AskedAtOnce:
    """Calls of getters, to be asked as often as one likes."""

    def __init__(self, site: Site, calls: Sequence[Any]) -> None:
        """Write the code once."""
        self.site = site
        self.types = [get_abi_output_types(call.abi) for call in calls]
        data = [call._encode_transaction_data()[2:] for call in calls]
        code, begin = BEGIN, len(BEGIN) // 2
        start = begin + STEP_BYTES * len(calls) + len(RETURN) // 2
        for number, (call, one) in enumerate(zip(calls, data, strict=True)):
            size, whom = len(one) // 2, call.address[2:].lower()
            good = begin + STEP_BYTES * number + GOOD_AT
            code += STEP.format(size=size, start=start, whom=whom, good=good)
            start += size
        self.code = "0x" + code + RETURN + "".join(data)

    def answers(self) -> list[Any]:
        """Return what each answers now; several values as a tuple."""
        asked = {"from": self.site.at["stranger"], "to": "", "data": self.code, "gas": GAS}
        rest = bytes.fromhex(self.site.tester.call(asked)[2:])
        found = []
        for types in self.types:
            size, rest = int.from_bytes(rest[:32]), rest[32:]
            values = zip(types, decode(types, rest[:size]), strict=True)
            plain = tuple(to_checksum_address(v) if kind == "address" else v for kind, v in values)
            found.append(plain[0] if len(plain) == 1 else plain)
            rest = rest[size:]
        return found
