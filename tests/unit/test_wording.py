"""Wording: counts and lists as people write them."""

import pytest

from ecom_assets.wording import counted, some_of, with_our_advice


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


def test_what_duckdb_advises_is_said_as_what_can_be_set() -> None:
    """It named statements of its own, of which no user of ours types one."""
    told = "Out of Memory Error: could not allocate block (953.5 MiB/953.6 MiB used)"
    advice = "\n\nPossible solutions:\n* Reducing the number of threads (SET threads=X)\n"
    assert with_our_advice(told) == told
    assert with_our_advice(told + advice) == (
        f"{told}. Set ECOM_MEMORY_LIMIT to more than that, or ECOM_THREADS to less"
    )
