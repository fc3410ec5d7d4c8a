"""Salts, serials and vehicle commitments."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonbank.domain.salt import record_hash, salt_of
from carbonbank.domain.serial import SerialRange, parse_serial, serial_range
from carbonbank.domain.vin import normal_vin, vin_commitment
from carbonbank.errors import SerialMalformed, VinMalformed

# RFC 4231, test case 2.
RFC4231_KEY, RFC4231_TEXT = b"Jefe", b"what do ya want for nothing?"
RFC4231_MAC = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_a_salt_is_an_hmac_sha256():
    assert salt_of(RFC4231_KEY, RFC4231_TEXT.hex()).hex() == RFC4231_MAC


def test_a_record_hash_starts_with_its_salt():
    salt = bytes(range(32))
    expected = hashlib.new("sha256")
    expected.update(salt)
    expected.update(b'{"distance_m":1}')
    assert record_hash(salt, b'{"distance_m":1}') == expected.digest()


def test_a_serial_by_hand():
    serial = serial_range("twizy-ma", 2021 * 12 + 2, 0xAB << 248, first_g=1, last_g=250)
    assert str(serial) == "CB-twizy-ma-202103-ab000000-1-250"
    assert parse_serial(str(serial)) == serial


@given(
    st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\Z"),
    st.integers(1970 * 12, 9999 * 12 + 11),
    st.integers(0, 2**256 - 1),
    st.integers(1, 2**48),
    st.integers(0, 2**48),
)
def test_every_serial_is_read_back(fleet, month, batch_id, first_g, more_g):
    serial = serial_range(fleet, month, batch_id, first_g=first_g, last_g=first_g + more_g)
    assert parse_serial(str(serial)) == serial
    assert isinstance(parse_serial(str(serial)), SerialRange)


@pytest.mark.parametrize(
    "serial",
    [
        "",
        "CB-a-202113-00000000-1-2",
        "CB-a-202100-00000000-1-2",
        "CB-a-202112-00000000-3-2",
        "CB-a-202112-00000000-0-2",
        "CB-a-202112-0000000G-1-2",
        "CB--202112-00000000-1-2",
        "CB-a-202112-00000000-1-2\n",
        "CB-a-202112-00000000-01-2",
        "CB-a-202112-00000000-1-٢",
    ],
)
def test_other_forms_are_no_serial(serial):
    with pytest.raises(SerialMalformed):
        parse_serial(serial)


@pytest.mark.parametrize(
    ("text", "vin"),
    [
        (" wvwzzz1jz-xw000001 ", "WVWZZZ1JZXW000001"),
        ("VF1ACVYB0 12345678", "VF1ACVYB012345678"),
        ("frame:renault:4cv-1062", "FRAME:RENAULT:4CV1062"),
    ],
)
def test_a_vin_has_one_form(text, vin):
    assert normal_vin(text) == vin
    key = b"k" * 32
    independent = hmac.new(key, vin.encode(), hashlib.sha256).digest()
    assert vin_commitment(key, text) == independent
    assert vin_commitment(b"l" * 32, text) != independent


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("WVWZZZ1JZXW00000", "16 characters"),
        ("WVWZZZ1JZXW0000011", "18 characters"),
        ("IVWZZZ1JZXO00000Q", "I, O, Q"),
        ("WVWZZZ1JZXW00000É", "É"),
        ("FRAME:R:12", "frame number"),
        ("", "0 characters"),
    ],
)
def test_other_texts_are_no_vin_and_are_not_repeated(text, reason):
    with pytest.raises(VinMalformed) as caught:
        normal_vin(text)
    assert reason in str(caught.value)
    assert not text or text not in str(caught.value)
