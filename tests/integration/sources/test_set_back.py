"""Rows that come back, or are set back, with an old time: what the shop has now counts in the end.

They stayed gone, or as they were in between: versions are ordered by their time, and theirs is old.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecom_assets.ingest.intake import take_in
from ecom_assets.sources.round import pull_round
from ecom_assets.warehouse.sources import raw_connection
from tests.integration.sources.shop import VARIABLE, DatabaseShop

FIRST = datetime(2026, 3, 29, 1, tzinfo=UTC)
VERSIONS = "order by updated_at, delivered_on, source_file"


class PulledShop(DatabaseShop):
    """A shop of which every hour is pulled what changed."""

    pulls = 0

    def changed(self, *scripts: str) -> None:
        """Changes it, and pulls after each script."""
        for script in scripts:
            self.run(script)
            results = pull_round(
                self.home, self.stores, now=FIRST + self.pulls * timedelta(hours=1)
            )
            assert not [result for result in results if result.fault]
            take_in(self.home, self.stores, None, "run")
            self.pulls += 1

    def versions(self, columns: str, rows: str) -> list[tuple[object, ...]]:
        """Returns what the raw rows tell of each version, in the order in which they count."""
        with raw_connection(self.home, self.stores) as connection:
            return connection.sql(f"select {columns} from staging.raw.{rows} {VERSIONS}").fetchall()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PulledShop:
    made = PulledShop(tmp_path)
    monkeypatch.setenv(VARIABLE, made.url)
    made.changed("")
    return made


def at(hour: int) -> datetime:
    return datetime(2026, 3, 29, hour)  # noqa: DTZ001  (UTC without zone, as in the lake)


def test_a_row_put_back_as_it_was_is_there_again(shop: PulledShop) -> None:
    shop.changed(
        "create table kept as select * from orders where order_id = 100;"
        "create table known as select * from customers where customer_id = 1;"
        "delete from orders where order_id = 100; delete from customers where customer_id = 1",
        "insert into orders select * from kept; insert into customers select * from known",
    )
    assert shop.versions("status, updated_at", "raw_orders where order_id = '100'") == [
        ("paid", datetime(2026, 1, 2, 10)),  # noqa: DTZ001
        ("voided", at(2)),
        ("paid", at(3)),
    ]
    customer = "raw_customers where customer_id = '1'"
    assert shop.versions("is_deleted", customer) == [(False,), (True,), (False,)]


def test_a_state_that_was_set_back_is_the_last_one(shop: PulledShop) -> None:
    shop.changed(
        "update orders set status = 'cancelled', updated_at = '2026-02-01' where order_id = 101",
        "update orders set status = 'paid', updated_at = '2026-01-03' where order_id = 101",
        f"update orders set status = 'shipped', updated_at = '{at(3)}' where order_id = 101",
    )
    versions = shop.versions("status, updated_at", "raw_orders where order_id = '101'")
    assert versions[1:] == [
        ("cancelled", datetime(2026, 2, 1)),  # noqa: DTZ001
        ("paid", at(3)),
        ("shipped", at(3)),
    ]


def test_a_time_in_the_future_hides_nothing_that_comes_after_it(shop: PulledShop) -> None:
    shop.changed(
        f"update orders set status = 'cancelled', updated_at = '{at(20)}' where order_id = 101",
        f"update orders set status = 'shipped', updated_at = '{at(3)}' where order_id = 101",
        "delete from orders where order_id = 101",
    )
    versions = shop.versions("status, updated_at", "raw_orders where order_id = '101'")
    assert versions[1:] == [
        ("cancelled", at(2)),
        ("shipped", at(3)),
        ("voided", at(4)),
    ]


def test_a_product_that_tells_its_time_comes_back_too(shop: PulledShop) -> None:
    shop.changed(
        "alter table products add column updated_at; update products set updated_at = '2026-01-01'",
        "create table kept as select * from products; delete from products",
        "insert into products select * from kept",
    )
    product = "raw_products where product_id = 'PEN'"
    assert shop.versions("is_deleted", product)[-2:] == [(True,), (False,)]
