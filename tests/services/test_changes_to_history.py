"""From the changes of a real PostgreSQL to the published history, by commands."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecom_assets.home import Home
from ecom_assets.publish.query import ask
from ecom_assets.settings import settings, use_home
from ecom_assets.stores import FeedOptions, Store, Stores, save_stores
from tests.services.database_servers import PASSWORD, QUOTED, LogicalPostgres, serving

pytestmark = pytest.mark.services

ECOM = Path(sys.executable).parent / "ecom"
VARIABLE = "MY_SHOP_DB"
FEEDS = ("customers", "orders", "order_items", "products")
TABLES = """
    create table customers (customer_id int primary key, full_name text, country text, city text,
        updated_at timestamptz);
    create table orders (order_id int primary key, customer_id int, ordered_at timestamptz,
        status text, updated_at timestamptz);
    create table order_items (order_id int, line_number int, product_id text, quantity int,
        unit_price numeric(10, 2), primary key (order_id, line_number));
    create table products (product_id text primary key, name text, unit_price numeric(10, 2));
    insert into customers values (1, 'Ann', 'GB', 'York', '2026-01-01'),
        (2, 'Bob', 'FR', 'Lyon', '2026-01-01');
    insert into orders values (100, 1, '2026-01-02', 'paid', '2026-01-02'),
        (101, 2, '2026-01-03', 'paid', '2026-01-03');
    insert into order_items values (100, 1, 'PEN', 2, 1.50), (101, 1, 'INK', 1, 7.25);
    insert into products values ('PEN', 'Pen', 1.50), ('INK', 'Ink', 7.25);
    create publication ecom for table customers, orders, order_items, products
"""
CHANGES = (
    "update customers set city = 'Leeds' where customer_id = 1",
    "update customers set city = 'Hull' where customer_id = 1",
    "delete from customers where customer_id = 2",
    "insert into customers values (2, 'Bob', 'FR', 'Nice', '2026-01-01')",
    "update order_items set quantity = 3 where order_id = 100",
    "update order_items set quantity = 4 where order_id = 100",
    "delete from orders where order_id = 101",
    "begin; update orders set status = 'cancelled' where order_id = 100; "
    "update orders set status = 'shipped' where order_id = 100; commit",
    "update products set name = 'Quill' where product_id = 'PEN'",
)
SECRETS = (PASSWORD, QUOTED, "clerk", "127.0.0.1")


@dataclass(frozen=True)
class Shop:
    """A home, and the server that it pulls."""

    home: Home
    server: LogicalPostgres

    def ecom(self, *arguments: str) -> str:
        """Gives a command that must succeed; returns what it tells."""
        command = [ECOM, *arguments, "--home", str(self.home.root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Asks what is published."""
        return list(ask(self.home, sql).rows)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    home = Home(tmp_path / "home")
    options = FeedOptions.model_validate({"url_env": VARIABLE, "changes": {"publication": "ecom"}})
    feeds = {f"database_{name}": options for name in FEEDS}
    store = Store(currency="GBP", timezone="Europe/London", feeds=feeds)
    save_stores(home, Stores(stores={"shop": store}))
    with serving(LogicalPostgres) as server:
        server.run(TABLES)
        monkeypatch.setenv(VARIABLE, server.url)
        use_home(home.root)
        yield Shop(home, server)  # type: ignore[arg-type]
    settings.cache_clear()


def test_every_change_of_a_customer_in_one_pull_is_a_version(shop: Shop) -> None:
    told = shop.ecom("run")
    assert "shop/database_customers: pulled 2 rows" in told
    shop.server.run(*CHANGES)
    told += shop.ecom("run")
    assert "shop/database_customers: pulled 4 rows, 1 of them gone" in told
    assert "shop/database_products: pulled 1 rows" in told
    versions = """
        select customer_id, city, is_deleted, is_current from dim_customers
        where customer_id in ('1', '2') order by customer_id, valid_from
    """
    assert shop.rows(versions) == [
        ("1", "York", False, False),
        ("1", "Leeds", False, False),
        ("1", "Hull", False, True),
        ("2", "Lyon", False, False),
        ("2", "Lyon", True, False),
        ("2", "Nice", False, True),
    ]
    orders = "select order_id, net_amount from fact_sales where is_valid order by 1"
    assert [(order, float(net)) for order, net in shop.rows(orders)] == [("100", 6.0)]
    names = "select name from dim_products where product_id = 'PEN' order by valid_from"
    assert [name for (name,) in shop.rows(names)] == ["Pen", "Quill"]
    again = shop.ecom("pull")
    assert "shop/database_customers: nothing new" in again
    snapshot = shop.ecom("pull", "--snapshot", "--feed", "database_customers")
    assert snapshot.strip() == "shop/database_customers: pulled 0 rows"
    told += again + snapshot + shop.ecom("run") + shop.ecom("status")
    written = [p.read_bytes().decode("latin-1") for p in shop.home.root.rglob("*") if p.is_file()]
    assert not [secret for secret in SECRETS if any(secret in text for text in (told, *written))]
