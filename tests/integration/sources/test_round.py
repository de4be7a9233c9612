"""Pulling all feeds of all stores: what lands, what fails alone, what is told and what never is."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from asset_checks.raw import sources_reached
from ecom_assets.errors import ConfigurationError
from ecom_assets.ingest.intake import take_in
from ecom_assets.ingest.journal import read_journal
from ecom_assets.publish.gate import Verdict
from ecom_assets.sources.failed_pulls import read_failed
from ecom_assets.sources.round import pull_round
from ecom_assets.status import describe_home
from ecom_assets.stores import FeedOptions, save_stores
from ecom_assets.warehouse.sources import raw_connection
from tests.integration.sources.shop import VARIABLE, DatabaseShop

NOW = datetime(2026, 3, 29, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 29, 2, tzinfo=UTC)
SECRET_URL = "postgresql://clerk:s3cr3t%2Bword@127.0.0.1:9/ledger"  # noqa: S105
SECRETS = ("s3cr3t", "clerk", "ledger", "127.0.0.1")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatabaseShop:
    made = DatabaseShop(tmp_path)
    monkeypatch.setenv(VARIABLE, made.url)
    return made


def told(shop: DatabaseShop, now: datetime = NOW) -> list[str]:
    return [str(result) for result in pull_round(shop.home, shop.stores, now=now)]


def verdict(shop: DatabaseShop) -> Verdict:
    with raw_connection(shop.home, shop.stores) as connection:
        return sources_reached(connection)


def without(shop: DatabaseShop, feed: str, **options: object) -> None:
    """Lets a feed of the store be pulled from a database that nobody has named."""
    feeds = shop.stores.stores["shop"].feeds
    feeds[feed] = FeedOptions.model_validate({"url_env": "ANOTHER_DB", **options})


def test_every_table_is_pulled_and_lands_like_any_file(shop: DatabaseShop) -> None:
    assert told(shop) == [
        "shop/database_customers: pulled 2 rows",
        "shop/database_orders: pulled 2 rows",
        "shop/database_order_items: pulled 2 rows",
        "shop/database_products: pulled 2 rows",
    ]
    intake = take_in(shop.home, shop.stores, None, "run")
    assert [(file.rows, file.quarantined) for m in intake.loaded for file in m.files] == [
        (2, 0)
    ] * 4
    assert {entry.name for entry in read_journal(shop.home.journal)} == {
        "20260329T010000000000Z.parquet"
    }


def test_what_has_landed_is_the_state_also_when_the_inbox_was_cleared(shop: DatabaseShop) -> None:
    told(shop)
    take_in(shop.home, shop.stores, None, "run")
    shutil.rmtree(shop.home.inbox)
    shop.run("update orders set status = 'shipped', updated_at = '2026-01-04' where order_id = 100")
    assert told(shop, LATER)[1] == "shop/database_orders: pulled 1 rows"
    assert told(shop, LATER)[1] == "shop/database_orders: nothing new"


def test_a_rebuild_asks_no_database(shop: DatabaseShop) -> None:
    told(shop)
    take_in(shop.home, shop.stores, None, "run")
    shutil.rmtree(shop.home.lake)
    shop.path.unlink()
    intake = take_in(shop.home, shop.stores, None, "again")
    assert sum(file.rows for m in intake.loaded for file in m.files) == 8


def test_a_run_over_other_months_loads_what_it_has_just_pulled(shop: DatabaseShop) -> None:
    """Which month that is, nobody could know when the run was asked for."""
    told(shop)
    intake = take_in(shop.home, shop.stores, ("2011-08", "2011-08"), "run")
    assert len(intake.loaded) == 4


def test_a_database_that_cannot_be_reached_stops_no_other(shop: DatabaseShop) -> None:
    without(shop, "database_orders")
    found = told(shop)
    assert found[-1].startswith(
        "shop/database_orders was not pulled: ANOTHER_DB is not set: export"
    )
    assert [line for line in found if "pulled 2 rows" in line] == found[:-1]
    assert shop.files("orders") == []


def test_a_table_that_is_missing_stops_no_other(shop: DatabaseShop) -> None:
    shop.run("drop table orders")
    found = told(shop)
    assert found[1].endswith("has no table orders: see `pull` in feed.yaml")
    assert sum("pulled 2 rows" in line for line in found) == 3


def test_a_failure_is_told_until_the_next_pull_succeeds(
    shop: DatabaseShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(shop, "database_orders")
    told(shop)
    assert (verdict(shop).passed, verdict(shop).blocking) == (False, False)
    assert verdict(shop).rows[0]["feed"] == "database_orders"
    save_stores(shop.home, shop.stores)
    told_by_status = [line for line in describe_home(shop.home) if line.startswith("not pulled")]
    assert ["ANOTHER_DB is not set" in line for line in told_by_status] == [True]
    monkeypatch.setenv("ANOTHER_DB", shop.url)
    told(shop, LATER)
    assert verdict(shop).passed


def test_a_required_feed_that_cannot_be_pulled_blocks(shop: DatabaseShop) -> None:
    without(shop, "database_orders", required=True)
    told(shop)
    assert verdict(shop).blocking


def test_a_feed_that_is_pulled_no_more_is_not_complained_about(shop: DatabaseShop) -> None:
    without(shop, "database_orders")
    told(shop)
    shop.stores.stores["shop"].feeds["database_orders"] = FeedOptions()
    assert read_failed(shop.home, shop.stores) == ()


def test_one_feed_can_be_pulled_alone(shop: DatabaseShop) -> None:
    found = pull_round(shop.home, shop.stores, only=("shop", "database_products"), now=NOW)
    assert [result.feed for result in found] == ["database_products"]
    with pytest.raises(ConfigurationError, match="files/any feed is pulled from no"):
        pull_round(shop.home, shop.stores, only=("files", None))


def test_a_damaged_note_of_failures_is_of_no_account(shop: DatabaseShop) -> None:
    shop.home.state.mkdir(parents=True, exist_ok=True)
    shop.home.failed_pulls.write_text("{")
    assert read_failed(shop.home, shop.stores) == ()


def test_no_part_of_the_url_is_in_the_home_or_in_what_is_told(
    shop: DatabaseShop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told(shop)
    monkeypatch.setenv(VARIABLE, SECRET_URL)
    found = told(shop, LATER)
    assert all("MY_SHOP_DB names cannot be reached: is the server running" in t for t in found)
    seen = [*found, *describe_home(shop.home), repr(verdict(shop)), caplog.text]
    seen += [p.read_bytes().decode("latin-1") for p in shop.home.root.rglob("*") if p.is_file()]
    assert not [secret for secret in SECRETS if any(secret in text for text in seen)]
