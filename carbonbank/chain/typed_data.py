"""EIP-712: what is signed for these contracts, bound to one chain and one contract."""

from dataclasses import dataclass
from typing import Any

from carbonbank.domain.claim import word
from carbonbank.domain.hashing import keccak256

DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
FORWARDER_NAME = "CarbonBankForwarder"
# OpenZeppelin's ERC2771Forwarder 5.x; unlike the request it hashes the account's nonce.
FORWARD_TYPE = (
    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,"
    "uint48 deadline,bytes data)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Where a signature counts (EIP-712, domainSeparator)."""

    name: str
    version: str
    chain_id: int
    contract: str

    def digest(self, struct_hash: bytes) -> bytes:
        """Return the 32 bytes to sign for a struct: keccak256(0x1901, separator, hashStruct)."""
        return keccak256(b"\x19\x01" + self.separator + struct_hash)

    @property
    def separator(self) -> bytes:
        """Return hashStruct of the domain itself."""
        name, version = keccak256(self.name.encode()), keccak256(self.version.encode())
        return struct_hash(DOMAIN_TYPE, name, version, self.chain_id, self.contract)


def struct_hash(type_text: str, *values: int | bytes | str) -> bytes:
    """Return hashStruct of values that are one word each; dynamic ones come hashed."""
    return keccak256(keccak256(type_text.encode()) + b"".join(map(word, values)))


def _fields(type_text: str) -> list[dict[str, str]]:
    inside = type_text.partition("(")[2].removesuffix(")")
    parts = (one.split(" ") for one in inside.split(","))
    return [{"name": name, "type": kind} for kind, name in parts]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardRequest:
    """What an account asks the relayer to do in its name, until `deadline` (Unix seconds)."""

    account: str
    to: str
    gas: int
    nonce: int
    deadline: int
    data: bytes

    def struct_hash(self) -> bytes:
        """Return EIP-712 hashStruct(request)."""
        return struct_hash(
            FORWARD_TYPE,
            self.account,
            self.to,
            0,
            self.gas,
            self.nonce,
            self.deadline,
            keccak256(self.data),
        )

    def typed_data(self, domain: Domain) -> dict[str, Any]:
        """Return the request as wallets show and sign it (eth_signTypedData_v4)."""
        return {
            "types": {
                "EIP712Domain": _fields(DOMAIN_TYPE),
                "ForwardRequest": _fields(FORWARD_TYPE),
            },
            "primaryType": "ForwardRequest",
            "domain": {
                "name": domain.name,
                "version": domain.version,
                "chainId": str(domain.chain_id),
                "verifyingContract": domain.contract,
            },
            "message": {
                "from": self.account,
                "to": self.to,
                "value": "0",
                "gas": str(self.gas),
                "nonce": str(self.nonce),
                "deadline": str(self.deadline),
                "data": "0x" + self.data.hex(),
            },
        }

    def signed(self, signature: bytes) -> tuple[str, str, int, int, int, bytes, bytes]:
        """Return the forwarder's ForwardRequestData."""
        return (self.account, self.to, 0, self.gas, self.deadline, self.data, signature)
