"""Feeds: what feed.yaml may say and how a file's name tells its delivery day."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from ecom_assets.contracts import load_contracts
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import Feed, load_feed, shipped_feeds
from ecom_assets.feeds.folder import read_feed
from ecom_assets.home import Home
from tests.unit.ingest.csv_files import FEED

LANDED_ON = date(2011, 8, 20)

FEED_YAML = """
feed: till
description: What a till prints.
owner: team:sales
pattern: '.*\\.csv'
example: till.csv
delivered_on: {from: landed}
columns:
  - {name: id, header: Id}
"""


def feed_with(**changes: object) -> Feed:
    return Feed.model_validate(FEED.model_dump(by_alias=True) | changes)


def test_a_feed_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(ConfigurationError, match=r"no feed 'shopware'.* Known feeds: .*online_ret"):
        load_feed("shopware", Home(Path("nowhere")))


@pytest.mark.parametrize("feed", shipped_feeds().values(), ids=lambda feed: feed.feed)
def test_a_feed_is_named_like_its_folder_and_fills_known_datasets(feed: Feed) -> None:
    assert shipped_feeds()[feed.feed] is feed
    assert feed.sql.keys() <= load_contracts().keys()


def test_a_folder_holds_the_feed_its_sql_and_its_seeds(tmp_path: Path) -> None:
    folder = tmp_path / "till"
    folder.mkdir()
    (folder / "feed.yaml").write_text(FEED_YAML)
    (folder / "orders.sql").write_text("select 1")
    (folder / "kinds.csv").write_text('code,kind\nPOST,shipping\n"A,B",\n')
    feed = read_feed(folder)
    assert feed.sql == {"raw_orders": "select 1"}
    assert feed.seeds == {
        "kinds": ({"code": "POST", "kind": "shipping"}, {"code": "A,B", "kind": ""})
    }
    assert feed.column("id").header == "Id"


def test_a_feed_has_its_folders_name_and_fills_datasets_there_are(tmp_path: Path) -> None:
    """The one was blamed on the feed's SQL, the other was a traceback."""
    (tmp_path / "feed.yaml").write_text(FEED_YAML)
    with pytest.raises(ConfigurationError, match="`feed: till` must be its folder's name"):
        read_feed(tmp_path)
    folder = tmp_path / "till"
    folder.mkdir()
    (folder / "feed.yaml").write_text(FEED_YAML)
    (folder / "order.sql").write_text("select 1")
    with pytest.raises(ConfigurationError, match=r"till/order.sql fills no dataset: .*order_items"):
        read_feed(folder)


@pytest.mark.parametrize("text", ["feed: [", "feed: till"])
def test_a_wrong_feed_yaml_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "feed.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=rf"feeds/{tmp_path.name}/feed.yaml: "):
        read_feed(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"document": "invoice"}, "'invoice' is none of the feed's columns"),
        ({"sheet": "Counts"}, "sheet belongs to format xlsx"),
        ({"document_time": "at"}, "'at' is none of the feed's columns"),
        ({"pattern": "(*.csv"}, r"'\(\*.csv' is no regular expression"),
        ({"columns": [{"name": "a", "header": h} for h in "xy"]}, "a column is declared twice"),
        ({"columns": [{"name": n, "header": "x"} for n in "ab"]}, "a column is declared twice"),
        ({"columns": [{"name": "No 1", "header": "x"}]}, "should match pattern"),
        (
            {"columns": [{"name": "a", "header": "A", "type": "timestamp", "time": "b"}]},
            "column 'a': time belongs to a timestamp, and names a text column",
        ),
        ({"delivered_on": {"from": "name"}}, "needs a pattern with one group"),
        ({"delivered_on": {"from": "name", "pattern": "x"}}, "needs a pattern with one group"),
        ({"delivered_on": {"from": "name", "pattern": "("}}, "is no regular expression"),
        ({"delivered_on": {"from": "column"}}, "needs a column of dates or times"),
        ({"max_rejected_pct": 101}, "less than or equal to 100"),
        ({"pattern": r"till-.*\.csv"}, "example 'any.csv' is no name that the pattern takes"),
        ({"format": "jsonl", "encoding": "latin-1"}, "jsonl is read as utf-8 only, not latin-1"),
        ({"encoding": "cp850"}, "'utf-8', 'utf-16', 'latin-1' or 'cp1252'"),
    ],
)
def test_a_wrong_feed_says_what_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        feed_with(**change)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("sales_20110807_v2.csv", date(2011, 8, 7)),
        ("20110230.csv", None),
        ("sales.csv", None),
    ],
)
def test_the_delivery_day_is_read_from_the_name(name: str, day: date | None) -> None:
    rule = {"from": "name", "pattern": r"(\d{8})", "format": "%Y%m%d"}
    feed = feed_with(delivered_on=rule, example="20110831.csv")
    assert feed.delivery_day(name, LANDED_ON) == day


def test_a_feed_of_undated_names_is_delivered_when_it_lands() -> None:
    assert feed_with().delivery_day("20110807.csv", LANDED_ON) == LANDED_ON
