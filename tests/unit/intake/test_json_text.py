"""JSON as strict as a bank needs it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonbank.intake.json_text import Number, parse

plain = st.text(st.characters(exclude_categories=("Cs",)))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_what_python_writes_is_read_the_same(value, ascii_only):
    def back(found):
        match found:
            case Number():
                return int(found)
            case list():
                return [back(one) for one in found]
            case dict():
                return {name: back(one) for name, one in found.items()}
        return found

    assert back(parse(json.dumps(value, ensure_ascii=ascii_only))) == value


def test_no_digit_of_a_number_is_lost():
    digits = "123456789012345678901234567890.123456789012345678901234567890E-7"
    (found,) = parse(f"[{digits}]")
    assert isinstance(found, Number)
    assert found == digits


@pytest.mark.parametrize("text", ["[" * 33 + "]" * 33, '{"a":' * 40 + "1" + "}" * 40, "[" * 10**6])
def test_nesting_is_bounded_before_it_is_followed(text):
    with pytest.raises(ValueError, match="nested deeper than 32"):
        parse(text)


def test_brackets_in_texts_are_no_nesting():
    texts = ["[" * 50, '"' + "{" * 50, "\\" + "[" * 50, '\\"' + "[" * 50]
    assert parse(json.dumps(texts)) == texts
    assert parse("[" * 32 + "]" * 32) is not None


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", '{"a":1,"a":2}', '"\\ud800"', "01", "[1,]", "{'a':1}", ""]
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse(text)
