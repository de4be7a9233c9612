"""The months a run may name."""

import dagster as dg
import pytest

from ecom_assets.partitions import RANGE_END, RANGE_START, range_tags, refuse_odd_months


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2011-09-01", "2011-08-01", "the range of months is reversed: .*2011-09-01, .*2011-08-01"),
        ("2011-08-15", "2011-08-15", f"{RANGE_START} is 2011-08-15, which is no month: give the"),
        ("2011-08-01", "2011-08", f"{RANGE_END} is 2011-08, which is no month"),
        ("1994-12-01", "2011-08-01", "1994-12-01, which is no month: .* from 1995-01-01 to"),
        ("2011-08-01", "2999-01-01", f"{RANGE_END} is 2999-01-01, which is no month"),
        ("", "2011-08-01", f"{RANGE_START} is , which is no month"),
    ],
)
def test_odd_months_of_a_run_are_refused_in_a_sentence(
    first: str, last: str, sentence: str
) -> None:
    """A reversed range ended in an IndexError inside Dagster, after the lake had been read; days
    amid a month and months to come were let pass.
    """
    with pytest.raises(dg.Failure) as caught:
        refuse_odd_months({RANGE_START: first, RANGE_END: last})
    assert caught.match(sentence)


@pytest.mark.parametrize(
    "tags", [{}, range_tags("2011-08", "2011-08"), range_tags("1995-01", "2011-12")]
)
def test_months_that_there_are_and_runs_of_one_partition_are_let_pass(tags: dict[str, str]) -> None:
    refuse_odd_months(tags)
