"""Feeds of a home: found beside the shipped ones, as they are now, not as they once were."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from ecom_assets.contracts import load_contracts
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import load_feed, load_feeds, shipped_feeds
from ecom_assets.home import Home
from ecom_assets.ingest.plan import reading_fingerprint
from ecom_assets.stores import Store, load_stores

TILL = """
feed: till
description: What a till prints.
owner: team:sales
pattern: '.*\\.csv'
example: till.csv
delivered_on: {from: landed}
columns:
  - {name: id, header: Id}
"""
STORES = "stores: {shop: {currency: GBP, timezone: Europe/London, feeds: {till: {}}}}"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    write(Home(tmp_path), "feed.yaml", TILL)
    write(Home(tmp_path), "orders.sql", "select file_no, source_row, id as order_id from lines")
    return Home(tmp_path)


def write(home: Home, file: str, text: str, feed: str = "till") -> None:
    (home.feeds / feed).mkdir(parents=True, exist_ok=True)
    (home.feeds / feed / file).write_text(text)


def test_a_feed_of_a_home_is_one_of_its_feeds_alone(home: Home, tmp_path: Path) -> None:
    assert set(load_feeds(home)) == {"till", *shipped_feeds()}
    assert load_feed("till", home).sql.keys() == {"raw_orders"}
    assert set(load_feeds(Home(tmp_path / "another"))) == {*shipped_feeds()}


def test_a_feed_that_was_changed_is_read_as_it_is_now_and_its_files_anew(home: Home) -> None:
    store = Store(currency="GBP", timezone="UTC")
    feed = load_feed("till", home)
    before = reading_fingerprint(feed, load_contracts(), store)
    assert load_feed("till", home) is feed  # parsed once
    write(home, "orders.sql", "select file_no, source_row, 'x' as order_id from lines")
    assert reading_fingerprint(load_feed("till", home), load_contracts(), store) != before


def test_a_feed_that_was_taken_away_is_missed_by_the_store_that_names_it(home: Home) -> None:
    home.stores_file.write_text(STORES)
    assert load_stores(home).stores["shop"].feeds.keys() == {"till"}
    shutil.rmtree(home.feeds / "till")
    with pytest.raises(ConfigurationError, match=r"stores\.shop\.feeds: there is no feed 'till'\."):
        load_stores(home)


def test_a_feed_without_its_feed_yaml_is_told_so(home: Home) -> None:
    (home.feeds / "till" / "feed.yaml").unlink()
    with pytest.raises(ConfigurationError, match=r"no feed 'till'; .*till has no feed\.yaml"):
        load_feed("till", home)


def test_a_wrong_feed_stops_the_stores_that_name_it_and_no_others(home: Home) -> None:
    """A draft that nobody uses yet must not keep a home from loading."""
    write(home, "feed.yaml", TILL.replace("owner", "honour"))
    home.stores_file.write_text(STORES.replace("till", "online_retail"))
    load_stores(home)
    home.stores_file.write_text(STORES)
    with pytest.raises(ConfigurationError, match=r"feeds/till/feed.yaml: owner: Field required; h"):
        load_stores(home)


def test_a_home_may_have_its_own_version_of_a_shipped_feed(home: Home) -> None:
    """Refusing it would stop a home whose feed has a name that a later release ships."""
    shipped = Path(str(files("ecom_assets.feeds"))) / "jaffle_shop_orders"
    shutil.copytree(shipped, home.feeds / "jaffle_shop_orders")
    own = home.feeds / "jaffle_shop_orders" / "feed.yaml"
    own.write_text(own.read_text().replace("max_rejected_pct", "x") + "max_rejected_pct: 1\n")
    assert load_feed("jaffle_shop_orders", home).max_rejected_pct == 1
    shutil.rmtree(own.parent)
    assert load_feed("jaffle_shop_orders", home) is shipped_feeds()["jaffle_shop_orders"]


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("feed.yaml", "", "is empty or no list of `key: value`"),
        ("kinds.csv", "code,kind\n", "is no seed: a header and rows"),
        ("kinds.csv", "code,kind\na,b,c\n", "Samples of deliveries belong into sample/"),
        ("delivered.csv", "a,b\n1,2\n", "a load has a table of this name"),
        ("raw_orders.csv", "a,b\n1,2\n", "a load has a table of this name"),
        ("feed.yaml", TILL.replace("till", "My till"), "feed: String should match pattern"),
        ("order.sql", "select 1", "till/order.sql fills no dataset: name it after one of"),
    ],
)
def test_a_wrong_file_is_named(home: Home, file: str, text: str, fault: str) -> None:
    write(home, file, text)
    with pytest.raises(ConfigurationError, match=fault):
        load_feed("till", home)


def test_a_name_leads_to_no_folder_elsewhere(home: Home) -> None:
    with pytest.raises(ConfigurationError, match=r"no feed '\.\./feeds/till'"):
        load_feed("../feeds/till", home)


def test_a_file_that_is_no_text_is_told_with_its_line(home: Home) -> None:
    (home.feeds / "till" / "orders.sql").write_bytes("-- one\n-- Stück".encode("cp1252"))
    with pytest.raises(ConfigurationError, match=r"orders\.sql is no UTF-8 text \(line 2\)"):
        load_feed("till", home)


def test_an_unknown_feed_is_told_with_its_like(home: Home) -> None:
    with pytest.raises(ConfigurationError, match=r"no feed 'online_retial'\. Did you mean online_"):
        load_feed("online_retial", home)
