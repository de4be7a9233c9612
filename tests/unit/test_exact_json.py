"""JSON without floats: what is read is written as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_assets.exact_json import JsonError, Number, parse, write

LETTERS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | LETTERS,
    lambda inside: st.lists(inside) | st.dictionaries(LETTERS, inside),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "text", ["1.10", "-0.0", "1E+3", "12345678901234567890.123456789", "0.1e-400", "7", '"1.10"']
)
def test_a_number_is_written_as_it_was_read(text: str) -> None:
    assert write(parse(text.encode())) == text


def test_whole_numbers_are_numbers_and_others_their_text() -> None:
    assert parse(b"[7, 1.0]") == [7, "1.0"]
    assert type(parse(b"1.0")) is Number


@given(VALUES)
def test_what_is_written_is_read_as_it_was(value: object) -> None:
    assert parse(write(value).encode()) == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "is no JSON"),
        (b"{]", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"NaN", "holds NaN, which JSON does not know"),
        (b'{"a": -Infinity}', "holds -Infinity, which JSON does not know"),
        (b'[{"a": 1, "a": 1}]', "has an object with a member of the same name twice"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
)
def test_what_cannot_be_kept_is_refused(text: bytes, fault: str) -> None:
    with pytest.raises(JsonError, match=f"^{fault}$"):
        parse(text)


def test_a_byte_order_mark_is_no_letter() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
