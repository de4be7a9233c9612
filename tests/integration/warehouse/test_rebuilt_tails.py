"""What is rewritten after a change equals a clean load, in small cases that name the change."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.harness.rows_shop import delivery, rows_shop
from tests.harness.shop import Load, Shop, store
from tests.property.equality import assert_equal_to_a_clean_load

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SHOP = store("rows")
# Delivered in May first, an order of April is beyond the month that a later horizon opens anew.
OPENED = "select min(rebuild_on) from staging.main.rebuild_from"
SIGNALS = "select list(order_id order by signal_at) from warehouse.fact_fraud_signals"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path) as shop:
        yield shop


def load(day: str, *rows: tuple[str, dict[str, Any]]) -> Load:
    return delivery(day, *((dataset, None, row) for dataset, row in rows))


def placed(number: str, at: str, **told: str) -> list[tuple[str, dict[str, Any]]]:
    """An order of customer `a` with its one line."""
    head = {"order_id": number, "ordered_at": at, "customer_id": "a", "status": "paid"}
    line = {"order_id": number, "line_number": 1, "product_id": "P1", "quantity": "1"}
    return [
        ("raw_orders", head | told),
        ("raw_order_items", line | {"unit_price": "10"}),
    ]


def declined(number: str, at: str) -> tuple[str, dict[str, Any]]:
    payment = {"payment_id": f"p{at}", "order_id": number, "amount": "1", "status": "declined"}
    return "raw_payments", payment | {"paid_at": at}


def moved(number: str, at: str) -> tuple[str, dict[str, Any]]:
    return placed(number, at, updated_at="2024-06-10 00:00:00")[0]


@pytest.mark.parametrize("at", ["2024-03-01 12:00:00", "2024-06-01 12:00:00"])
def test_an_order_that_moves_leaves_its_old_month_and_enters_the_new_one(
    shop: Shop, at: str
) -> None:
    """On the first day of a month too; with it the customer's first order is another one."""
    first = load(
        "2024-05-10", *placed("1", "2024-04-01 12:00:00"), *placed("2", "2024-05-01 12:00:00")
    )
    assert_equal_to_a_clean_load(shop, [first, load("2024-06-10", moved("1", at))], SHOP)


def test_a_later_order_of_a_known_customer_is_no_first_one(shop: Shop) -> None:
    first = load("2024-05-01", *placed("1", "2024-04-01 12:00:00"))
    second = load("2024-05-10", *placed("2", "2024-05-01 12:00:00"))
    assert_equal_to_a_clean_load(shop, [first, second], SHOP)
    assert shop.warehouse.scalar(OPENED) == date(2024, 5, 1)
    returning = "select sum(returning_orders) from warehouse.kpi_sales_daily"
    assert shop.warehouse.scalar(returning) == 1


def test_payments_declined_after_midnight_flag_the_order_of_the_month_before(shop: Shop) -> None:
    first = load("2024-05-01", *placed("1", "2024-04-30 22:50:00"))
    second = load("2024-05-02", *(declined("1", f"2024-04-30 23:{n}0:00") for n in range(5)))
    assert_equal_to_a_clean_load(shop, [first, second], SHOP)
    assert shop.warehouse.scalar(OPENED) == date(2024, 5, 1)
    flagged = "select list(day_on) from warehouse.kpi_fraud_daily where flagged_orders > 0"
    assert shop.warehouse.scalar(flagged) == [date(2024, 4, 30)]
    signals = "select list(signal_on) from warehouse.fact_fraud_signals"
    assert shop.warehouse.scalar(signals) == [date(2024, 5, 1)]


def test_a_late_order_opens_what_was_decided_after_it_again(shop: Shop) -> None:
    """A third order within half an hour comes late, then turns out to be of another day."""
    first = load(
        "2024-05-01", *placed("1", "2024-05-01 10:00:00"), *placed("3", "2024-05-01 10:20:00")
    )
    second = load("2024-05-02", *placed("2", "2024-05-01 10:10:00"))
    third = load("2024-06-10", moved("2", "2024-05-03 10:10:00"))
    assert shop.run(first)
    assert shop.warehouse.scalar(SIGNALS) is None
    assert shop.run(second)
    assert shop.warehouse.scalar(SIGNALS) == ["3"]
    assert_equal_to_a_clean_load(shop, [first, second, third], SHOP)
    assert shop.warehouse.scalar(SIGNALS) is None
