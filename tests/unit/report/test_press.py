"""The certificate: every fact in its text, equal bytes for equal facts, no markup from outside."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from carbonbank.report.press import TypstPress

FACTS = {
    "beneficiary": "City of Rabat",
    "purpose": "Commuting in 2021",
    "amount_g": 1234567,
    "serial": "CB-rsk-twizy-202103-0f2fca08-1-1234567",
    "batch_id": "0f2fca08eb04bf8dba882a47289102d2d8ed52885c4dd2f06cb45e27a0f86dc8",
    "methodology_class": "DEMO AMS-III.C/16",
    "methodology_id": "fa1d1cbffc9bfaedf9af3334867401f0e5705f0f7eb1e875ad2d6d6a2c7cceae",
    "fleet": "rsk-twizy",
    "month": "2021-03",
    "retirement_id": 7,
    "holder": "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
    "tx_hash": "0x" + "ab" * 32,
    "block_number": 31,
    "chain_id": 2**70 + 1,
    "contract": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    "demo": True,
    "url": None,
}


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def squeezed(text):
    return re.sub(r"\s", "", text)


def test_every_fact_stands_in_the_text():
    text = text_of(TypstPress().certificate(FACTS))
    told = {k: v for k, v in FACTS.items() if k not in {"amount_g", "demo", "url"}}
    for name, fact in told.items():
        assert squeezed(str(fact)) in squeezed(text), name
    assert "1,234,567 g" in text
    assert "1.234567 t" in text
    assert len(PdfReader(BytesIO(TypstPress().certificate(FACTS))).pages) == 1


def test_demo_is_said_where_it_is_demo_and_only_there():
    real = FACTS | {"demo": False, "methodology_class": "AMS-III.C/16"}
    assert "worth nothing outside" in text_of(TypstPress().certificate(FACTS))
    assert "DEMO" not in text_of(TypstPress().certificate(real))


def test_equal_facts_give_equal_bytes_and_any_other_fact_other_bytes():
    first = TypstPress().certificate(FACTS)
    assert TypstPress().certificate(dict(reversed(FACTS.items()))) == first
    for name in ("amount_g", "batch_id", "beneficiary", "retirement_id"):
        other = FACTS | {name: FACTS[name] * 2}
        assert TypstPress().certificate(other) != first


def test_the_public_page_is_named_and_linked():
    url = "http://127.0.0.1:8000/batches/" + FACTS["batch_id"]
    pdf = TypstPress().certificate(FACTS | {"url": url})
    assert url in squeezed(text_of(pdf))
    annotations = PdfReader(BytesIO(pdf)).pages[0]["/Annots"]
    assert [a.get_object()["/A"]["/URI"] for a in annotations] == [url]


@pytest.mark.parametrize(
    "beneficiary",
    ['#panic("x") *b* _i_ $x$', "<script>&amp;", '"; #read("/etc/passwd")', "\\ {}", "مدينة"],
)
def test_what_people_write_is_text_and_never_markup(beneficiary):
    text = text_of(TypstPress().certificate(FACTS | {"beneficiary": beneficiary}))
    expected = squeezed(beneficiary)
    # Arabic is laid out from right to left: readers give its letters in either order.
    assert expected in squeezed(text) or sorted(expected) == sorted(
        letter for letter in squeezed(text) if letter in expected
    )
