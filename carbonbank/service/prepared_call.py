"""A call that another party signs with its own key, as the bank hands it out."""

from dataclasses import asdict, dataclass

from eth_utils.address import is_checksum_address

from carbonbank.domain.commands import Command
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCall:
    """An EIP-1559 transaction without its signature, and what it does, in words and as a call.

    `data` is hex; fees are wei per gas, they and the chain id are decimal text. A contract wallet
    takes `to` and `data` alone.
    """

    does: str
    call: str
    chain_id: str
    sender: str
    nonce: int
    to: str
    data: str
    value: int
    gas: int
    max_fee_per_gas: str
    max_priority_fee_per_gas: str


def prepared(bank: Bank, command: Command, sender: str, does: str) -> PreparedCall:
    """Return a command as its sender signs it.

    Raises:
        FieldInvalid: the sender is no address.
        RuleError: the contract would refuse it now.
    """
    if not is_checksum_address(sender):
        raise FieldInvalid(field="sender", value=sender, expected="an EIP-55 address")
    call = bank.chain.unsigned(command, sender)
    told = asdict(call) | {
        "data": "0x" + call.data.hex(),
        # As text: chain ids and fees may be larger than JSON's integers.
        "chain_id": str(call.chain_id),
        "max_fee_per_gas": str(call.max_fee_per_gas),
        "max_priority_fee_per_gas": str(call.max_priority_fee_per_gas),
    }
    in_full = bank.chain.call_in_words(call.to, call.data)
    return PreparedCall(does=does, call=in_full, value=0, **told)
