"""Days and hours are the store's, money of every currency and size is exact, no rate is ever 1."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.harness.rows_shop import ask, delivery, order, rows_shop, told
from tests.harness.shop import Load, Shop

pytestmark = [pytest.mark.integration, pytest.mark.deep]


@pytest.fixture
def tokyo(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path, "JPY", "Asia/Tokyo") as shop:
        yield shop


def rate(day: str, value: str, currency: str = "JPY") -> tuple[str, None, dict[str, str]]:
    return told("fx_rates", rate_on=day, currency_code=currency, rate_to_base=value)


def hours(shop: Shop) -> list[tuple[date, int, int]]:
    return ask(shop, "select sales_on, sales_hour, orders from kpi_sales_hourly order by all")


# Moments in UTC, and the day and hour of the store.
CLOCKS = {
    "the hour that London skips": (
        "Europe/London",
        [
            "2024-03-31 00:59:59",
            "2024-03-31 01:00:00",
            "2024-03-31 22:59:59",
            "2024-03-31 23:00:00",
        ],
        [("2024-03-31", 0), ("2024-03-31", 2), ("2024-03-31", 23), ("2024-04-01", 0)],
    ),
    "the hour that London has twice": (
        "Europe/London",
        [
            "2024-10-26 23:00:00",
            "2024-10-27 00:30:00",
            "2024-10-27 01:30:00",
            "2024-10-28 00:00:00",
        ],
        [("2024-10-27", 0), ("2024-10-27", 1), ("2024-10-27", 1), ("2024-10-28", 0)],
    ),
    "the hour that New York skips": (
        "America/New_York",
        [
            "2024-03-10 04:59:59",
            "2024-03-10 06:59:59",
            "2024-03-10 07:00:00",
            "2024-03-11 03:59:59",
        ],
        [("2024-03-09", 23), ("2024-03-10", 1), ("2024-03-10", 3), ("2024-03-10", 23)],
    ),
    "the half hour that Lord Howe has twice": (
        "Australia/Lord_Howe",
        [
            "2024-04-06 14:45:00",
            "2024-04-06 15:15:00",
            "2024-04-07 13:29:59",
            "2024-04-07 13:30:00",
        ],
        [("2024-04-07", 1), ("2024-04-07", 1), ("2024-04-07", 23), ("2024-04-08", 0)],
    ),
    "midnight in Tokyo": (
        "Asia/Tokyo",
        ["2024-04-30 14:59:59.999999", "2024-04-30 15:00:00"],
        [("2024-04-30", 23), ("2024-05-01", 0)],
    ),
}


@pytest.mark.parametrize("case", CLOCKS)
def test_an_order_counts_in_the_day_and_hour_of_its_store(case: str, tmp_path: Path) -> None:
    timezone, moments, expected = CLOCKS[case]
    with rows_shop(tmp_path, "GBP", timezone) as shop:
        orders = [order(str(n), at, "10") for n, at in enumerate(moments)]
        assert shop.run(delivery("2024-11-01", *(row for rows in orders for row in rows)))
        counted = ask(
            shop, "select ordered_on, ordered_hour from staging.main.int_orders order by order_id"
        )
        assert counted == [(date.fromisoformat(day), hour) for day, hour in expected]
        assert sum(orders for _, _, orders in hours(shop)) == len(moments)
        assert shop.warehouse.failing_tests() == {}


def test_a_day_begins_with_the_first_of_two_midnights(tmp_path: Path) -> None:
    """Havana goes from one o'clock back to midnight: October took what changed in November."""
    product = {"product_id": "P1", "unit_cost": "1", "category": "A"}
    changed = {"unit_cost": "2", "category": "B", "updated_at": "2026-11-01 04:30:00"}
    october = delivery(
        "2026-10-31",
        told("products", **product, updated_at="2026-10-01 10:00:00"),
        told(
            "inventory_movements", movement_id="m", product_id="P1", warehouse_id="w",
            kind="receipt", quantity="5", moved_at="2026-10-31 09:00:00",
        ),
        *order("1", "2026-10-31 15:00:00", "10"),
    )  # fmt: skip
    november = delivery("2026-11-03", *order("2", "2026-11-03 15:00:00", "10"))
    late = delivery("2026-11-02", told("products", **(product | changed)))
    with rows_shop(tmp_path, timezone="America/Havana") as shop:
        shop.run(Load({**october.files, **november.files, **late.files}))
        months = "select sales_month, category from kpi_product_performance order by all"
        assert ask(shop, months) == [(date(2026, 10, 1), "A"), (date(2026, 11, 1), "B")]
        stock = (
            "select unit_cost, closing_value_amount from fact_inventory_daily"
            " where stock_on = '2026-10-31'"
        )
        assert ask(shop, stock) == [(Decimal(1), Decimal(5))]


def test_money_without_a_rate_waits_and_is_never_taken_at_one(tokyo: Shop) -> None:
    """Sales, refund and payment of the day; all of the other day is there."""
    day = [
        *order("1", "2024-05-01 03:00", "100"),
        *order("2", "2024-05-02 03:00", "1000"),
        told(
            "refunds", refund_id="r", line_number=1, order_id="1", product_id="P1",
            quantity="1", amount="40", refunded_at="2024-05-02 03:00",
        ),
        told("payments", payment_id="p", order_id="2", amount="1000", status="captured"),
    ]  # fmt: skip
    assert tokyo.run(delivery("2024-05-02", rate("2024-05-01", "0.005"), *day))
    assert ask(tokyo, "select order_id, net_amount, fx_rate, net_base_amount from fact_sales") == [
        ("1", 100, Decimal("0.005"), Decimal("0.5"))
    ]
    assert ask(tokyo, "select count(*) from fact_returns") == [(0,)]
    assert ask(tokyo, "select dataset, reason, amount from pending_rows order by all") == [
        ("raw_order_items", "rate_missing", 1000),
        ("raw_payments", "rate_missing", 1000),
        ("raw_refunds", "rate_missing", 40),
    ]
    assert tokyo.warehouse.failing_tests().keys() == {"assert_pending_rows_are_young"}
    assert tokyo.run(delivery("2024-05-03", rate("2024-05-02", "0.006")))
    assert ask(tokyo, "select count(*) from pending_rows") == [(0,)]
    assert ask(tokyo, "select sum(net_base_amount) from fact_sales") == [(Decimal("6.5"),)]
    assert ask(tokyo, "select sum(base_amount) from fact_returns") == [(Decimal("0.24"),)]
    assert tokyo.warehouse.failing_tests() == {}


def test_a_corrected_rate_moves_its_day_and_no_other(tokyo: Shop) -> None:
    rates = [rate(f"2024-05-0{n}", "0.005") for n in (1, 2, 3)]
    orders = [order(str(n), f"2024-05-0{n} 03:00", "1000") for n in (1, 2, 3)]
    assert tokyo.run(delivery("2024-05-03", *rates, *(row for rows in orders for row in rows)))
    days = "select sales_on, net_amount, net_base_amount from kpi_sales_daily order by 1"
    assert [row[2] for row in ask(tokyo, days)] == [5, 5, 5]
    assert tokyo.run(delivery("2024-06-20", rate("2024-05-02", "0.007")))
    assert [row[1:] for row in ask(tokyo, days)[:3]] == [(1000, 5), (1000, 7), (1000, 5)]
    assert tokyo.warehouse.failing_tests() == {}


@pytest.mark.parametrize(
    ("currency", "value", "amount", "shares"),
    [
        ("JPY", "0.0052", "999999999999", ["4", "3", "3"]),
        ("EUR", "0.86543219", "999999999999.99", ["3.34", "3.33", "3.33"]),
        ("BHD", "2.09876543", "999999999999.999", ["3.334", "3.333", "3.333"]),
    ],
)
def test_a_million_millions_are_counted_to_the_last_coin(
    tmp_path: Path, currency: str, value: str, amount: str, shares: list[str]
) -> None:
    """Sold, paid and given back; a discount of 10 beside it is shared in whole coins."""
    given_back = told(
        "refunds", refund_id="r", line_number=1, order_id="1", product_id="P1",
        quantity="1", amount=amount, refunded_at="2024-05-01 12:00",
    )  # fmt: skip
    paid = told("payments", payment_id="p", order_id="1", amount=amount, status="captured")
    small = order("2", "2024-05-01 12:00", "20", "20", "20", order_discount_amount="10")
    big = order("1", "2024-05-01 12:00", amount)
    with rows_shop(tmp_path, currency, "Europe/London") as shop:
        rates = rate("2024-05-01", value, currency)
        assert shop.run(delivery("2024-05-01", rates, *big, *small, paid, given_back))
        assert shop.warehouse.failing_tests() == {}
        whole, rated = (
            Decimal(amount),
            (Decimal(amount) * Decimal(value)).quantize(Decimal("0.0001")),
        )
        sold = "select net_amount, net_base_amount from fact_sales where order_id = '1'"
        assert ask(shop, sold) == [(whole, rated)]
        assert ask(shop, "select amount, base_amount from fact_returns") == [(whole, rated)]
        assert ask(shop, "select amount, base_amount from fact_payments") == [(whole, rated)]
        net = "select net_amount from kpi_sales_daily"
        assert ask(shop, net) == [(50,)]
        shared = "select discount_amount from fact_sales where order_id = '2' order by line_number"
        assert [row[0] for row in ask(shop, shared)] == [Decimal(share) for share in shares]


def test_a_load_again_of_the_same_files_changes_nothing(tokyo: Shop) -> None:
    first = delivery("2024-05-02", rate("2024-05-01", "0.005"), *order("1", "2024-05-01", "100"))
    assert tokyo.run(first)
    before = tokyo.warehouse.digests()
    assert tokyo.run(Load(first.files))
    assert tokyo.warehouse.digests() == before
