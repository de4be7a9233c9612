"""What a change rewrites, in cases that random shops meet too seldom."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.harness.rows_shop import delivery, rows_shop
from tests.harness.shop import Load, Shop, store
from tests.property.equality import assert_equal_to_a_clean_load

pytestmark = pytest.mark.integration

SHOP = store("rows")
ORDER: dict[str, Any] = {"order_id": "1", "ordered_at": "2024-04-10 12:00:00"}
ITEM: dict[str, Any] = {"order_id": "1", "line_number": 1, "product_id": "P1", "unit_price": "10"}
REFUND: dict[str, Any] = {"refund_id": "r", "line_number": 1, "quantity": "1", "amount": "5"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path) as shop:
        yield shop


def load(day: str, *rows: tuple[str, dict[str, Any]]) -> Load:
    return delivery(day, *((dataset, None, row) for dataset, row in rows))


def test_a_version_of_a_customer_changes_refunds_dated_before_an_order_of_nobody(
    shop: Shop,
) -> None:
    """The refund names the customer, its order does not: it kept the version of before."""
    refund = REFUND | {"order_id": "1", "product_id": "P1", "customer_id": "a"}
    first = load(
        "2024-04-10",
        ("raw_customers", {"customer_id": "a", "segment": "new"}),
        ("raw_orders", ORDER),
        ("raw_order_items", ITEM | {"quantity": "1"}),
        ("raw_refunds", refund | {"refunded_at": "2024-01-10 12:00:00"}),
    )
    moved = {"customer_id": "a", "segment": "vip", "updated_at": "2024-02-01 00:00:00"}
    second = load("2024-04-11", ("raw_customers", moved))
    assert_equal_to_a_clean_load(shop, [first, second], SHOP)


def test_a_shop_that_has_delivered_refunds_alone_has_months(shop: Shop) -> None:
    """Its days had no month to add up to, which shut the gate for all stores."""
    refund = REFUND | {"product_id": "P1", "refunded_at": "2024-01-10 12:00:00"}
    assert shop.run(load("2024-01-10", ("raw_refunds", refund)))
    assert shop.warehouse.failing_tests() == {}


def test_a_refund_waits_from_the_day_that_its_line_is_gone(shop: Shop) -> None:
    """A corrected product code shut the gate at once, for the refund had come long ago."""
    refund = REFUND | {"order_id": "1", "product_id": "P1", "refunded_at": "2024-04-12 12:00:00"}
    assert shop.run(
        load(
            "2024-04-12",
            ("raw_orders", ORDER),
            ("raw_order_items", ITEM | {"quantity": "1"}),
            ("raw_refunds", refund),
        )
    )
    corrected = ITEM | {"quantity": "1", "product_id": "P2"}
    assert shop.run(load("2024-06-12", ("raw_orders", ORDER), ("raw_order_items", corrected)))
    assert shop.warehouse.failing_tests() == {}
    found = shop.warehouse.connection.execute(
        "select reason, pending_days from warehouse.pending_rows"
    )
    assert found.fetchall() == [("line_missing", 0)]


@pytest.mark.parametrize("amount", ["99999999999999", "-99999999999999"])
def test_an_amount_too_large_to_count_with_is_rejected_and_stops_nothing(
    shop: Shop, amount: str
) -> None:
    """One such refund ended every build in an overflow that named no row."""
    refund = REFUND | {"refunded_at": "2024-04-12 12:00:00", "amount": amount}
    assert shop.run(
        load(
            "2024-04-12",
            ("raw_orders", ORDER | {"status": "cancelled"}),
            ("raw_order_items", ITEM | {"quantity": "1"}),
            ("raw_refunds", refund | {"order_id": "1"}),
        )
    )
    assert shop.warehouse.failing_tests() == {}
    (rejected,) = shop.warehouse.connection.execute(
        "select reason from staging.raw.quarantined_rows"
    ).fetchall()
    assert "amount" in rejected[0]


MOVED: dict[str, Any] = {"product_id": "P1", "kind": "sale", "quantity": "-1"}
COUNTED: dict[str, Any] = {"product_id": "P1", "warehouse_id": "main"}


@pytest.mark.deep
def test_a_shop_s_first_receipt_tells_what_its_movements_left_before(shop: Shop) -> None:
    sold = MOVED | {"movement_id": "1", "moved_at": "2024-01-10 12:00:00"}
    came = MOVED | {"movement_id": "2", "kind": "receipt", "quantity": "5"}
    first = load("2024-01-10", ("raw_orders", ORDER), ("raw_inventory_movements", sold))
    assert shop.run(first)
    assert shop.warehouse.rows("fact_inventory_daily") == []
    second = load(
        "2024-04-11", ("raw_inventory_movements", came | {"moved_at": "2024-04-10 12:00:00"})
    )
    assert_equal_to_a_clean_load(shop, [first, second], SHOP)
    assert [row[1] for row in shop.warehouse.rows("fact_inventory_daily")] == [
        date(2024, 1, 10),
        date(2024, 4, 10),
    ]


@pytest.mark.deep
def test_a_late_count_corrects_all_stock_after_it(shop: Shop) -> None:
    came = MOVED | {"kind": "receipt", "quantity": "5", "warehouse_id": "main"}
    moved = (
        ("raw_inventory_movements", came | {"movement_id": "1", "moved_at": "2024-01-10 12:00"}),
        ("raw_inventory_movements", came | {"movement_id": "2", "moved_at": "2024-04-10 12:00"}),
    )
    first = load("2024-04-10", ("raw_orders", ORDER), *moved)
    count = COUNTED | {"counted_on": "2024-02-10", "quantity_on_hand": "4"}
    second = load("2024-04-11", ("raw_inventory_counts", count))
    assert_equal_to_a_clean_load(shop, [first, second], SHOP)
    closing = "select list(closing_quantity order by stock_on) from warehouse.fact_inventory_daily"
    assert shop.warehouse.scalar(closing) == [5, 4, 9]


@pytest.mark.deep
def test_the_first_that_is_told_of_a_product_values_its_counts_of_before(shop: Shop) -> None:
    """The first version stands for all time before: what was only counted had no value."""
    count = COUNTED | {"counted_on": "2024-01-10", "quantity_on_hand": "4"}
    first = load("2024-04-10", ("raw_orders", ORDER), ("raw_inventory_counts", count))
    second = load("2024-04-11", ("raw_products", {"product_id": "P1", "unit_cost": "3"}))
    assert_equal_to_a_clean_load(shop, [first, second], SHOP)
    value = "select closing_value_amount from warehouse.fact_inventory_daily"
    assert shop.warehouse.scalar(value) == 12


def test_stock_too_large_to_count_with_has_no_value_and_stops_nothing(shop: Shop) -> None:
    much = MOVED | {"kind": "receipt", "quantity": "9999999999999"}
    moved = [
        ("raw_inventory_movements", much | {"movement_id": str(n), "moved_at": "2024-04-10 12:00"})
        for n in range(20)
    ]
    priced = ("raw_products", {"product_id": "P1", "unit_cost": "3"})
    assert shop.run(load("2024-04-12", ("raw_orders", ORDER), priced, *moved))
    assert list(shop.warehouse.failing_tests()) == ["warn_stock_values_fit"]
    found = shop.warehouse.connection.execute(
        "select on_hand_quantity, value_amount from warehouse.kpi_inventory_status"
    )
    assert found.fetchall() == [(199_999_999_999_980, None)]


def test_a_warehouse_built_before_stores_said_what_stock_below_zero_does_is_built_on(
    shop: Shop,
) -> None:
    assert shop.run(load("2024-04-10", ("raw_orders", ORDER)))
    shop.warehouse.connection.execute("alter table staging.raw.stores drop column stock_below_zero")
    assert shop.run(load("2024-04-11", ("raw_order_items", ITEM | {"quantity": "1"})))
    said = "select stock_below_zero from staging.raw.stores"
    assert shop.warehouse.scalar(said) == "block"
