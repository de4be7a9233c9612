"""The table of deliveries is kept from build to build; it must be as if made anew."""

from pathlib import Path
from typing import Any

import pytest

from ecom_assets.stores import FeedOptions, Store, Stores
from ecom_assets.warehouse import deliveries
from ecom_assets.warehouse.sources import raw_connection
from tests.integration.ingest.lake import DAY, FEED, HEADER, Lake, line

AUGUST, SEPTEMBER = "2011-08-08.csv", "2011-09-01.csv"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def _table(lake: Lake) -> list[tuple[Any, ...]]:
    with raw_connection(lake.home, lake.stores) as connection:
        return connection.execute("from staging.raw.deliveries order by all").fetchall()


def _as_anew(lake: Lake) -> list[tuple[Any, ...]]:
    """Returns the table as it is now, once it was seen to be what a new one would be."""
    kept = _table(lake)
    with raw_connection(lake.home, lake.stores) as connection:
        connection.execute("drop table staging.state.delivered_months")
        connection.execute("drop table staging.raw.deliveries")
    assert _table(lake) == kept
    return kept


def _options(**said: Any) -> Stores:
    feeds = {FEED: FeedOptions(**said)}
    return Stores(stores={"shop": Store(currency="GBP", timezone="Europe/London", feeds=feeds)})


def test_a_file_replaced_and_a_month_more_are_seen(lake: Lake) -> None:
    lake.load(line())
    assert [row[2] for row in _table(lake)] == [DAY]
    lake.load(line(), line(invoice="2"))
    lake.load(line(), name=AUGUST)
    lake.load(line(), name=SEPTEMBER)
    assert [(row[2], row[7]) for row in _as_anew(lake)] == [(DAY, 2), (AUGUST, 1), (SEPTEMBER, 1)]


def test_another_limit_of_the_store_is_seen(lake: Lake) -> None:
    lake.load(line())
    assert [row[14] for row in _table(lake)] == [False]
    lake.stores = _options(required=True, max_rejected_pct=1)
    assert [(row[14], row[15]) for row in _as_anew(lake)] == [(True, 1)]


def test_a_feed_that_is_taken_out_is_gone_and_comes_back(lake: Lake) -> None:
    lake.load(line())
    before = _table(lake)
    named = lake.stores
    lake.stores = Stores(
        stores={"shop": Store(currency="GBP", timezone="Europe/London", feeds={"cdnow": {}})}
    )
    assert _as_anew(lake) == []
    lake.stores = named
    assert _as_anew(lake) == before


def test_nothing_is_written_where_nothing_changed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.deliver({DAY: HEADER + line() + "\n"})
    lake.take_in()
    before = _table(lake)

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(deliveries, "insert_rows", refuse)
    assert _table(lake) == before
