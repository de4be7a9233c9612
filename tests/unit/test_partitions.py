"""The months a run may name."""

import dagster as dg
import pytest

from ecom_assets.partitions import RANGE_END, RANGE_START, months, range_tags, refuse_odd_months


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2011-09-01", "2011-08-01", f"{RANGE_START} 2011-09-01 comes after {RANGE_END} 2011-08"),
        ("2011-08-15", "2011-08-15", "wants a month like 2010-12-01, not '2011-08-15'"),
        ("2011-08-01", "2011-08", f"{RANGE_END} wants a month like 2010-12-01, not '2011-08'"),
        ("2011-13-01", "2999-01-01", f"{RANGE_START} wants a month"),
        ("", "2011-08-01", f"{RANGE_START} wants a month"),
        ("1994-12-01", "2011-08-01", "1994-12-01: months go from 1995-01-01 to the present, 2"),
        ("2011-08-01", "2999-01-01", f"{RANGE_END} 2999-01-01: months go from"),
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
    "tags",
    [
        {},
        range_tags("2011-08", "2011-08"),
        range_tags("1995-01", months.get_last_partition_key()[:7]),
    ],
)
def test_months_that_there_are_and_runs_of_one_partition_are_let_pass(tags: dict[str, str]) -> None:
    refuse_odd_months(tags)
