"""Categories, cohort values and basket pairs of a small shop, as its history comes and changes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.harness.rows_shop import delivery, rows_shop
from tests.harness.shop import Shop, store
from tests.property.change_log import Row
from tests.property.equality import assert_equal_to_a_clean_load

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SHOP = store("rows")
ODD = {"warn_refunds_are_of_what_was_sold"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path) as shop:
        yield shop


def order(number: int, day: str, customer: str | None, *products: str, **told: Any) -> list[Row]:
    """An order at noon with a line of 10.00 for each product."""
    head = {"order_id": str(number), "customer_id": customer, "ordered_at": f"{day} 12:00:00"}
    lines: list[Row] = [
        (
            "raw_order_items",
            None,
            {"order_id": str(number), "line_number": no, "product_id": product}
            | {"quantity": "1", "unit_price": "10"},
        )
        for no, product in enumerate(products, 1)
    ]
    return [("raw_orders", None, {"status": "paid"} | head | told), *lines]


def product(code: str, category: str, day: str | None = None) -> Row:
    told = {"product_id": code, "category": category, "unit_cost": "4"}
    return ("raw_products", None, told | ({"updated_at": f"{day} 00:00:00"} if day else {}))


def refund(number: int, day: str, amount: str) -> Row:
    told = {"order_id": str(number), "product_id": "P", "refund_id": f"r{number}", "line_number": 1}
    return (
        "raw_refunds",
        None,
        told | {"quantity": "1", "amount": amount, "refunded_at": f"{day} 12:00:00"},
    )


def categories(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.warehouse.connection.execute(
        "select sales_month, category, units, returned_units, gross_share_rate, gross_rank "
        "from warehouse.main.kpi_category_performance order by sales_month, gross_rank"
    ).fetchall()


def values(shop: Shop, cohort: str) -> list[tuple[Any, ...]]:
    return shop.warehouse.connection.execute(
        "select age_days, cohort_size, net_amount from warehouse.main.kpi_cohort_value "
        f"where cohort_month = date '{cohort}' and is_complete order by age_days"
    ).fetchall()


def pairs(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.warehouse.connection.execute(
        "select product_id, other_product_id, pair_orders, product_orders, other_product_orders, "
        "month_orders from warehouse.main.kpi_basket_pairs order by all"
    ).fetchall()


def test_a_change_of_category_leaves_what_was_sold_before(shop: Shop) -> None:
    """Also what comes back later of an order from before the change."""
    loads = [
        delivery(
            "2024-01-31",
            product("P", "Table"),
            product("Q", "Shelf"),
            *order(1, "2024-01-10", "a", "P", "Q", "P"),
            *order(2, "2024-01-11", "a", "X"),
        ),
        delivery(
            "2024-02-29", product("P", "Shelf", "2024-02-01"), *order(3, "2024-02-10", "b", "P")
        ),
        delivery("2024-03-31", refund(1, "2024-03-01", "10")),
    ]
    assert_equal_to_a_clean_load(shop, loads, SHOP)
    assert set(shop.warehouse.failing_tests()) <= ODD
    assert categories(shop) == [
        (date(2024, 1, 1), "Table", 2, 0, Decimal("0.5"), 1),
        (date(2024, 1, 1), "Shelf", 1, 0, Decimal("0.25"), 2),
        (date(2024, 1, 1), "unknown", 1, 0, Decimal("0.25"), 3),
        (date(2024, 2, 1), "Shelf", 1, 0, Decimal(1), 1),
        (date(2024, 3, 1), "Table", 0, 1, None, 1),
    ]


def test_a_cell_matures_with_the_last_data_day(shop: Shop) -> None:
    """January's 30 days end on 1 March: a day before, its value is not known."""
    assert shop.run(delivery("2024-02-29", *order(1, "2024-01-05", "a", "P")))
    assert values(shop, "2024-01-01") == []
    assert shop.run(delivery("2024-03-01", *order(2, "2024-02-03", "a", "P")))
    assert values(shop, "2024-01-01") == [(30, 1, 20)]
    assert shop.warehouse.failing_tests() == {}


def test_a_first_order_that_comes_late_or_goes_moves_its_customer(shop: Shop) -> None:
    """All that the customer brought in moves to the other cohort and is aged anew."""
    first = delivery(
        "2024-06-30",
        *order(1, "2024-03-05", "a", "P"),
        *order(2, "2024-03-10", "b", "P", "P"),
        *order(3, "2024-04-20", "a", "P"),
        *order(4, "2024-05-01", "a", "P"),
    )
    late = delivery("2024-07-01", *order(5, "2024-01-20", "a", "P", "P", "P"))
    cancelled = delivery(
        "2024-07-02",
        *order(5, "2024-01-20", "a", status="cancelled", updated_at="2024-02-10 12:00:00"),
    )
    assert shop.run(first)
    assert values(shop, "2024-03-01") == [(30, 2, 30), (60, 2, 50), (90, 2, 50)]
    assert shop.run(late)
    assert values(shop, "2024-01-01") == [
        (30, 1, 30),
        (60, 1, 40),
        (90, 1, 40),
        (120, 1, 60),
        (150, 1, 60),
    ]
    assert values(shop, "2024-03-01") == [(30, 1, 20), (60, 1, 20), (90, 1, 20)]
    assert shop.run(cancelled)
    assert values(shop, "2024-01-01") == []
    # the cancelled order and its reversal, both before the first that counts, come to nothing
    assert values(shop, "2024-03-01") == [(30, 2, 30), (60, 2, 50), (90, 2, 50)]
    assert set(shop.warehouse.failing_tests()) <= ODD
    with Shop(shop.home.root / "again", SHOP) as again:
        assert_equal_to_a_clean_load(again, [late, first, cancelled], SHOP)


def test_a_day_more_writes_no_cell_that_has_matured_before(shop: Shop) -> None:
    """What a day costs is bounded: cohorts older than thirteen months are not read again."""
    cohort = "warehouse.main.kpi_cohort_value where cohort_month = date '2022-11-01'"
    assert shop.run(
        delivery("2024-01-01", *order(1, "2022-11-05", "a", "P"), *order(2, "2023-12-01", "b", "P"))
    )
    assert len(values(shop, "2022-11-01")) == 12
    mark = cohort.replace(" where", " set net_amount = -1 where")
    shop.warehouse.connection.execute(f"update {mark}")
    assert shop.run(delivery("2024-01-02", *order(3, "2024-01-02", "a", "P")))
    assert shop.warehouse.scalar(f"select count(*) from {cohort} and net_amount = -1") == 12
    assert shop.warehouse.scalar(f"select count(*) from {cohort}") == 12


BASKETS = [
    *(row for n in range(1, 5) for row in order(n, "2024-01-05", "a", "P", "Q", "P")),
    *order(5, "2024-01-06", "b", "P"),
    *order(6, "2024-01-06", None, "Q"),
]


def test_a_pair_comes_and_goes_with_its_fifth_order(shop: Shop) -> None:
    fifth = delivery("2024-02-15", *order(7, "2024-01-31", "b", "Q", "P"))
    gone = delivery(
        "2024-02-16",
        *order(7, "2024-01-31", "b", status="voided", updated_at="2024-02-16 12:00:00"),
    )
    assert shop.run(delivery("2024-01-31", *BASKETS))
    assert pairs(shop) == []
    assert shop.run(fifth)
    assert pairs(shop) == [("P", "Q", 5, 6, 6, 7)]
    assert shop.warehouse.failing_tests() == {}
    assert shop.run(gone)
    assert pairs(shop) == []
    with Shop(shop.home.root / "again", SHOP) as again:
        assert_equal_to_a_clean_load(again, [gone, delivery("2024-01-31", *BASKETS), fifth], SHOP)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with a pair and with values that have matured."""
    with rows_shop(tmp_path_factory.mktemp("known")) as shop:
        paired = order(7, "2024-01-31", "b", "P", "Q")
        assert shop.run(delivery("2024-06-30", product("P", "Table"), *BASKETS, *paired))
        assert shop.warehouse.failing_tests() == {}
        assert len(pairs(shop)) == 1
        yield shop


WRONG = {
    "assert_basket_pairs_are_of_counted_orders": [
        f"update kpi_basket_pairs set {change}"
        for change in (
            "pair_orders = 6",
            "pair_orders = 7",
            "least_orders = 4",
            "least_orders = 6",
            "product_orders = 7",
            "other_product_orders = 7",
            "month_orders = 8",
            "product_id = 'Q', other_product_id = 'P'",
            "other_product_id = 'R'",
            "sales_month = date '2024-02-01'",
        )
    ],
    "assert_cohort_values_sum_to_facts": [
        "update kpi_cohort_value set net_amount = net_amount + 0.0001 where age_days = 60",
        "update kpi_cohort_value set net_amount = null where age_days = 60",
        "update kpi_cohort_value set is_complete = false where age_days = 60",
        "update kpi_cohort_value set matures_on = date '2030-01-01' where age_days = 60",
        "delete from kpi_cohort_value where age_days = 60",
        "update fact_sales set net_amount = net_amount + 1 where order_id = '1'",
    ],
}


@pytest.mark.parametrize(("name", "sql"), [(n, sql) for n, all_ in WRONG.items() for sql in all_])
def test_what_is_wrong_turns_its_check_red(known: Shop, name: str, sql: str) -> None:
    connection = known.warehouse.connection
    connection.execute(f"use warehouse; begin transaction; {sql}")
    try:
        assert name in known.warehouse.failing_tests()
    finally:
        connection.execute("rollback; use memory")
