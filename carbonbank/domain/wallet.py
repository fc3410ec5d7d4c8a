"""The message by which a wallet of one's own is linked to an account (EIP-712)."""

from dataclasses import dataclass
from typing import Any

from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.claim import word
from carbonbank.domain.hashing import keccak256

DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
LINK_TYPE = "WalletLink(string account,address wallet,uint256 nonce,uint64 expiry)"
NAME, VERSION = "CarbonBank", "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletMessage:
    """What the wallet signs: valid on one chain, for one account, once, until a Unix second."""

    account: str
    wallet: str
    nonce: int
    expiry: int

    def digest(self, at: ChainIdentity) -> bytes:
        """Return the 32 bytes that are signed."""
        separator = _struct(DOMAIN_TYPE, _text(NAME), _text(VERSION), at.chain_id, at.bank)
        link = _struct(LINK_TYPE, _text(self.account), self.wallet, self.nonce, self.expiry)
        return keccak256(b"\x19\x01" + separator + link)

    def typed_data(self, at: ChainIdentity) -> dict[str, Any]:
        """Return it as wallets show and sign it (eth_signTypedData_v4)."""
        return {
            "types": {"EIP712Domain": _fields(DOMAIN_TYPE), "WalletLink": _fields(LINK_TYPE)},
            "primaryType": "WalletLink",
            "domain": {
                "name": NAME,
                "version": VERSION,
                "chainId": str(at.chain_id),
                "verifyingContract": at.bank,
            },
            "message": {
                "account": self.account,
                "wallet": self.wallet,
                "nonce": str(self.nonce),
                "expiry": str(self.expiry),
            },
        }


def _fields(type_text: str) -> list[dict[str, str]]:
    inside = type_text.partition("(")[2].removesuffix(")")
    parts = (one.split(" ") for one in inside.split(","))
    return [{"name": name, "type": kind} for kind, name in parts]


def _text(value: str) -> bytes:
    return keccak256(value.encode())


def _struct(type_text: str, *values: int | bytes | str) -> bytes:
    return keccak256(_text(type_text) + b"".join(map(word, values)))
