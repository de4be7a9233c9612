"""A shop whose data lie in a SQLite database, and a home that pulls them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ecom_assets.home import Home
from ecom_assets.stores import FeedOptions, Store, Stores, save_stores

VARIABLE = "MY_SHOP_DB"
FEEDS = ("customers", "orders", "order_items", "products")
TABLES = """
    create table customers (customer_id integer primary key, email, full_name, phone, birth_on,
        country, region, city, postal_code, segment, marketing_opt_in, created_at, updated_at);
    create table orders (order_id integer primary key, customer_id, ordered_at, status, channel,
        coupon_code, ship_country, ship_region, ship_city, shipping, discount, is_test, updated_at);
    create table order_items (order_id, line_number, product_id, quantity, unit_price, discount,
        tax, updated_at);
    create table products (product_id, name, category, brand, unit_price, unit_cost, is_active);
    insert into customers (customer_id, full_name, country, marketing_opt_in, updated_at) values
        (1, 'Ann', 'GB', 1, '2026-01-01 10:00:00'), (2, 'Bob', 'FR', 0, '2026-01-01 11:00:00');
    insert into orders (order_id, customer_id, ordered_at, status, updated_at) values
        (100, 1, '2026-01-02 10:00:00', 'paid', '2026-01-02 10:00:00'),
        (101, 2, '2026-01-03 10:00:00', 'paid', '2026-01-03 10:00:00');
    insert into order_items (order_id, line_number, product_id, quantity, unit_price, updated_at)
        values (100, 1, 'PEN', 2, '1.50', '2026-01-02 10:00:00'),
        (101, 1, 'INK', 1, '7.25', '2026-01-03 10:00:00');
    insert into products (product_id, name, unit_price)
        values ('PEN', 'Pen', 1.5), ('INK', 'Ink', 7.25);
"""


class DatabaseShop:
    """A store ``shop`` that pulls four tables, and a store ``files`` that only gets files."""

    def __init__(self, root: Path, **options: bool) -> None:
        self.home = Home(root / "home")
        self.path = root / "shop.db"
        self.url = f"sqlite:///{self.path}"
        feeds = {f"database_{name}": FeedOptions(url_env=VARIABLE, **options) for name in FEEDS}
        clock = {"currency": "GBP", "timezone": "Europe/London"}
        self.stores = Stores(
            stores={
                "shop": Store.model_validate({**clock, "feeds": feeds}),
                "files": Store.model_validate({**clock, "feeds": {"online_retail": {}}}),
            }
        )
        save_stores(self.home, self.stores)
        self.run(TABLES)

    def run(self, script: str) -> None:
        """Executes SQL in the shop's database."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executescript(script)

    def files(self, feed: str) -> list[Path]:
        """Returns what has been pulled of a feed into the inbox."""
        return sorted(self.home.feed_inbox("shop", f"database_{feed}").glob("*"))
