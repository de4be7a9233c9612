"""Columns that a source no longer has: the files of a table tell, the records of an API cannot."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from asset_checks.raw import columns_kept
from ecom_assets.feeds import shipped_feeds
from ecom_assets.feeds.endpoint import Endpoint
from ecom_assets.feeds.pull import Pull
from ecom_assets.ingest.intake import take_in
from ecom_assets.publish.gate import Verdict
from ecom_assets.sources.round import pull_round
from ecom_assets.warehouse.sources import raw_connection
from tests.integration.sources.shop import VARIABLE, DatabaseShop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatabaseShop:
    """A shop whose items had a discount when they were first pulled, and none afterwards."""
    made = DatabaseShop(tmp_path)
    monkeypatch.setenv(VARIABLE, made.url)
    for day in (29, 30):
        pull_round(made.home, made.stores, now=datetime(2026, 3, day, tzinfo=UTC))
        take_in(made.home, made.stores, None, "run")
        if day == 29:
            made.run("alter table order_items drop column discount")
            made.run("update order_items set updated_at = '2026-01-04 10:00:00'")
    return made


def verdict(shop: DatabaseShop) -> Verdict:
    with raw_connection(shop.home, shop.stores) as connection:
        return columns_kept(connection)


def test_a_column_dropped_from_a_table_is_missed(shop: DatabaseShop) -> None:
    """All discounts of the rows pulled since became zero without a word."""
    assert verdict(shop).rows == (
        {
            "store_id": "shop",
            "feed": "database_order_items",
            "file": "20260330T000000000000Z.parquet",
            "columns": "discount",
        },
    )


def test_a_member_that_no_record_of_an_answer_has_is_not_missed(
    shop: DatabaseShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = shipped_feeds()["database_order_items"]
    rest = Pull(rest=Endpoint(path="items"), key=("order_id", "line_number"))
    monkeypatch.setitem(shipped_feeds(), feed.feed, feed.model_copy(update={"pull": rest}))
    assert verdict(shop).passed
