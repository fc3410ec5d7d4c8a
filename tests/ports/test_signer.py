"""The Signer port: the same promises by the encrypted keystore and by the fake."""

from pathlib import Path

import pytest
from eth_account import Account
from eth_keys import keys
from eth_keys.constants import SECPK1_N

from carbonbank.chain.keystore import Keystore
from carbonbank.errors import KeyMissing
from carbonbank.ports import Signer
from tests.fakes.signer import FakeSigner


@pytest.fixture(params=["fake", "keystore"])
def signer(request: pytest.FixtureRequest, tmp_path: Path) -> Signer:
    if request.param == "fake":
        return FakeSigner()
    return Keystore.create(tmp_path / "keys.json", "correct horse", cost=2**4)


def test_a_reference_always_names_the_same_address(signer: Signer) -> None:
    first = signer.address("role/issuer")
    assert signer.address("account/driver-1") != first
    assert signer.address("role/issuer") == first


def test_a_signature_recovers_to_the_address_and_has_a_low_s(signer: Signer) -> None:
    for count in range(8):
        digest = bytes([count]) * 32
        raw = signer.sign_digest("account/driver-1", digest)
        assert len(raw) == 65
        assert raw[64] in (27, 28)
        # EIP-2: OpenZeppelin refuses the upper half, which would let anyone change a signature.
        assert int.from_bytes(raw[32:64], "big") <= SECPK1_N // 2
        signature = keys.Signature(raw[:64] + bytes([raw[64] - 27]))
        public = signature.recover_public_key_from_msg_hash(digest)
        assert public.to_checksum_address() == signer.address("account/driver-1")


def test_a_signed_transaction_names_its_sender(signer: Signer) -> None:
    raw = signer.sign_transaction(
        "role/relayer",
        {
            "type": 2,
            "chainId": 31337,
            "nonce": 7,
            "to": "0x" + "11" * 20,
            "value": 0,
            "data": b"",
            "gas": 21000,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
        },
    )
    assert Account.recover_transaction(raw) == signer.address("role/relayer")


@pytest.mark.parametrize("key", ["", "issuer", "role/", "/issuer"])
def test_what_is_no_reference_names_no_key(signer: Signer, key: str) -> None:
    with pytest.raises(KeyMissing):
        signer.address(key)
