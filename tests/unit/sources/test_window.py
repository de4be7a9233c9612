"""Where a window begins, and what a feed.yaml may say about it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ecom_assets.errors import SourceError, explain
from ecom_assets.feeds import Feed, Pull
from ecom_assets.sources.window import WHOLE, Watermark, Window, window
from tests.harness.pulled import FEED

AT_10 = datetime.fromisoformat("2026-01-01 10:00")
AT_12 = datetime.fromisoformat("2026-01-01 12:00")


def pull(**said: Any) -> Pull:
    return Pull(table="t", watermark="w", **said)


def test_where_nothing_has_landed_all_rows_are_read() -> None:
    assert window(pull(), None, None) == WHOLE


def test_a_window_begins_before_the_newest_watermark_by_the_overlap() -> None:
    assert window(pull(overlap="90 minutes"), AT_10, AT_12).start == AT_10 - timedelta(minutes=90)
    assert window(pull(overlap=2.5), Decimal(100), AT_12).start == Decimal("97.5")


def test_a_window_begins_no_later_than_the_last_pull() -> None:
    assert window(pull(), AT_12, AT_10) == Window(AT_10, AT_10)
    assert window(pull(), AT_10, AT_12) == Window(AT_10, AT_10)


def test_without_an_overlap_a_window_begins_with_the_newest_watermark() -> None:
    assert window(pull(), AT_10, None) == Window(AT_10, AT_10)
    assert window(pull(), Decimal(100), AT_12) == Window(Decimal(100), Decimal(100))


def test_the_newest_watermark_is_kept_beside_the_start_of_the_window() -> None:
    """By it a table that was set back is known."""
    assert window(pull(overlap="1 day"), AT_10, None).newest == AT_10
    assert window(pull(overlap=10), Decimal(100), None).newest == Decimal(100)


@pytest.mark.parametrize(
    ("overlap", "landed", "kind"),
    [
        (2.5, AT_10, "a time, and an overlap of 2.5"),
        ("1 day", Decimal(1), "a number, and an overlap of 1 day"),
    ],
)
def test_an_overlap_of_another_kind_than_the_watermark_is_refused(
    overlap: str | float, landed: Watermark, kind: str
) -> None:
    wanted = f"^watermark 'w' is {kind} is none: change `overlap` in feed.yaml$"
    with pytest.raises(SourceError, match=wanted):
        window(pull(overlap=overlap), landed, AT_12)


def test_an_overlap_longer_than_time_itself_reads_everything() -> None:
    by_day = replace(window(pull(overlap="999999 days"), AT_10, None), by_day=True)
    assert (str(by_day.start), by_day.literal) == ("0001-01-01 00:00:00", "'0001-01-01'")
    assert by_day.earliest == by_day.start


def test_times_as_text_are_compared_by_their_day_a_day_earlier() -> None:
    by_day = Window(AT_10, AT_10, by_day=True)
    assert (by_day.literal, by_day.earliest) == ("'2025-12-31'", AT_10 - timedelta(days=3))
    assert Window(AT_10, AT_10).literal == "'2026-01-01 10:00:00'"


def test_a_whole_number_stays_one_so_that_an_index_can_serve() -> None:
    assert window(pull(overlap=10), Decimal("500000.000000000"), None).literal == "499990"


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"overlap": "a while"}, "'a while' is no span like `15 minutes`"),
        ({"overlap": -1}, "a negative overlap would leave rows out"),
        ({"deletes": True}, "deletes needs a key"),
        ({"watermark": None, "overlap": "1 day"}, "overlap needs a watermark"),
        ({"changes": {"publication": "p"}}, "changes needs a key"),
        ({"key": ["k"], "changes": {"publication": "p", "slot": "A b"}}, "changes.slot"),
        ({"table": "a.b.c"}, "table"),
        ({"url": "x"}, "url"),
    ],
)
def test_a_pull_that_contradicts_itself_is_refused(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Pull.model_validate({"table": "t", "watermark": "w", **said})


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"table": "t"}, "say either table .of a database. or rest"),
        ({"rest": None}, "say either table .of a database. or rest"),
        ({"deletes": True}, "an answer does not tell which rows are gone"),
        ({"key": []}, "rest needs a key: a row may come on two pages"),
        ({"rest": {"path": "p", "start_param": "s"}, "watermark": None}, "start_param needs a"),
        ({"rest": {"path": "https://host/p"}}, "path"),
        ({"rest": {"path": "p?token=1"}}, "path"),
        ({"rest": {"path": "p", "paginator": {"type": "offset"}}}, "limit"),
        ({"rest": {"path": "p", "paginator": {"type": "guess"}}}, "paginator"),
    ],
)
def test_an_endpoint_that_contradicts_itself_is_refused(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Pull.model_validate({"rest": {"path": "p"}, "watermark": "w", "key": ["k"], **said})


def test_an_option_that_would_leave_rows_out_is_unknown_and_the_known_ones_are_told() -> None:
    paginator = {"type": "page_number", "maximum_page": 5}
    with pytest.raises(ValidationError) as caught:
        Pull.model_validate({"rest": {"path": "p", "paginator": paginator}, "key": ["k"]})
    assert explain(caught.value, Pull) == (
        "rest.paginator.page_number.maximum_page: unknown key; known: type, base_page, "
        "page_param, total_path, has_more_path"
    )


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"format": "csv"}, "what is pulled is written as Parquet"),
        (
            {"pattern": r"things-.*\.parquet", "example": "things-1.parquet"},
            "pattern must match the names of pulled files",
        ),
    ],
)
def test_a_feed_takes_what_is_pulled(said: dict[str, str], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Feed.model_validate({**FEED, "pull": {"table": "t"}, **said})
