"""Wording: counts and lists as people write them."""

import pytest

from ecom_assets.wording import counted, some_of


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "file", "0 files"),
        (1, "file", "1 file"),
        (2, "delivery", "2 deliveries"),
        (1234, "new file", "1,234 new files"),
    ],
)
def test_a_noun_follows_its_number(number: int, noun: str, text: str) -> None:
    """One file was told as "1 files"."""
    assert counted(number, noun) == text


def test_of_a_long_list_the_first_are_named_and_the_rest_counted() -> None:
    assert some_of(["a", "b", "c"]) == "a, b, c"
    assert some_of([*"abcde"]) == "a, b, c and 2 more"
