"""A simulated shop's database holds what its files tell: both make the same warehouse."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.database import DATABASE, write_database
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.tables import TABLES
from ecom_assets.sources.round import pull_round
from ecom_assets.stores import FeedOptions, load_stores, save_stores
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

VARIABLE = "SIMULATED_DB"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
FILES, PULLED = "shop_0", "pulled"
DAYS = (20, 21, 60)

# Neither when a delivery came nor history: a database keeps none.
SAME = MappingProxyType(
    {
        "fact_sales": "order_id, line_number, ordered_at, customer_id, product_id, channel, "
        "order_status, is_valid, is_test, quantity, unit_price, discount_amount, tax_amount, "
        "shipping_amount, net_amount, net_base_amount",
        "fact_returns": "refund_id, line_number, origin, order_id, refunded_at, product_id, "
        "quantity, amount, tax_amount, base_amount",
        "fact_inventory_movements": "movement_id, product_id, kind, quantity, moved_at",
    }
)
SAME_RAW = MappingProxyType(
    {
        "raw_payments": "payment_id, order_id, method, amount, status, card_fingerprint, paid_at",
        "raw_shipments": "shipment_id, order_id, promised_on, shipped_at, delivered_at",
        "raw_inventory_counts": "product_id, warehouse_id, counted_on, quantity_on_hand",
        "raw_campaigns": "campaign_id, name, channel, starts_on, ends_on, budget_amount",
        "raw_campaign_spend": "campaign_id, spend_on, impressions, clicks, spend_amount",
    }
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Both stores: files of all days, and a database pulled after each part of them."""
    home = Home(tmp_path_factory.mktemp("simulated"))
    market = small_shop().plan.market
    for feed in TABLES:
        add_store(home, FILES, feed, market.currency, market.timezone)
    deliver(small_shop(), lambda feed: home.feed_inbox(FILES, feed))
    for table in DATABASE:
        add_store(home, PULLED, f"database_{table.name}", market.currency, market.timezone)
    stores = load_stores(home)
    pulled = stores.stores[PULLED]
    options = {feed: FeedOptions(url_env=VARIABLE) for feed in pulled.feeds}
    pulled = pulled.model_copy(update={"feeds": options})
    stores = stores.model_copy(update={"stores": stores.stores | {PULLED: pulled}})
    save_stores(home, stores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, f"sqlite:///{home.root}/shop.db")
        for days in DAYS:
            write_database(home, small_shop(days=days), VARIABLE)
            assert [result.fault for result in pull_round(home, stores) if result.fault] == []
            take_in(home, stores, None, "test", now=NOW)
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        yield warehouse


@pytest.mark.parametrize(
    ("table", "columns"), [*SAME.items(), *((f"staging.raw.{t}", c) for t, c in SAME_RAW.items())]
)
def test_files_and_database_tell_the_same(warehouse: Warehouse, table: str, columns: str) -> None:
    where = table if "." in table else f"warehouse.main.{table}"
    ask = f"select distinct {columns} from {where} where store_id = ? order by all"
    of_files, of_database = (
        warehouse.connection.execute(ask, [store]).fetchall() for store in (FILES, PULLED)
    )
    assert of_files
    assert of_database == of_files


def test_every_identity_holds(warehouse: Warehouse) -> None:
    assert warehouse.failing_tests() == {}


def test_the_same_customers_are_left(warehouse: Warehouse) -> None:
    ask = (
        "select customer_id, email, country_code, city, tier from warehouse.main.dim_customers "
        "where store_id = ? and is_current and not is_deleted order by all"
    )
    of_files, of_database = (
        warehouse.connection.execute(ask, [store]).fetchall() for store in (FILES, PULLED)
    )
    assert of_files
    assert of_database == of_files


def test_a_database_goes_on_with_its_own_simulation_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    monkeypatch.setenv(VARIABLE, f"sqlite:///{tmp_path}/shop.db")
    write_database(home, small_shop(days=9), VARIABLE)
    assert not any(write_database(home, small_shop(days=9), VARIABLE).values())
    with pytest.raises(ConfigurationError, match="SIMULATED_DB names is already simulated up to"):
        write_database(home, small_shop(days=8), VARIABLE)
    with pytest.raises(ConfigurationError, match="holds shop_0 of seed 3 from 2026-02-20 on"):
        write_database(home, small_shop(number=1, days=9), VARIABLE)


def test_one_that_was_killed_amid_its_first_days_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could never go on: tables without a word of whose they are."""
    home, path = Home(tmp_path / "home"), tmp_path / "shop.db"
    monkeypatch.setenv(VARIABLE, f"sqlite:///{path}")
    written = write_database(home, small_shop(days=9), VARIABLE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update simulation set ended_on = null")
        connection.execute("drop table refunds")
        connection.execute("delete from orders")
    assert write_database(home, small_shop(days=9), VARIABLE) == written


def test_the_tables_of_somebody_else_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table orders (order_id)")
    monkeypatch.setenv(VARIABLE, f"sqlite:///{path}")
    with pytest.raises(ConfigurationError, match="holds a table orders that no simulation made"):
        write_database(Home(tmp_path / "home"), small_shop(days=2), VARIABLE)
