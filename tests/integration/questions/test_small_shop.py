"""What the questions answer of a shop that is reckoned by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ecom_assets.questions.catalogue import shipped_questions
from tests.integration.questions.small_shop import D_DAY, I_DAY, small_shop

pytestmark = pytest.mark.integration

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@pytest.fixture(scope="module")
def shop() -> Iterator[duckdb.DuckDBPyConnection]:
    with small_shop() as connection:
        yield connection


def answer(shop: duckdb.DuckDBPyConnection, name: str, columns: str, **chosen: str) -> Any:
    """Returns some columns of an answer, numbers as floats."""
    question = shipped_questions()[name]
    found = shop.execute(question.sql, question.values(chosen, None, None))
    names = [column[0] for column in found.description or []]
    places = [names.index(column) for column in columns.split()]
    return [tuple(_plain(row[place]) for place in places) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def test_places(shop: duckdb.DuckDBPyConnection) -> None:
    assert answer(shop, "places", "region orders customers net_amount share_rate") == [
        ("Wien", 1, 1, 50, 0.5),
        (None, 2, 1, 30, 0.3),
        ("Berlin", 3, 1, 20, 0.2),
    ]


def test_countries_of_february(shop: duckdb.DuckDBPyConnection) -> None:
    """In Berlin: I less all that was given back in February."""
    found = answer(
        shop, "places", "country_name region orders net_amount", by="country", first_on="2026-02-01"
    )
    assert found == [
        ("Austria", None, 1, 50),
        (None, None, 2, 30),
        ("Germany", None, 1, 5 - 9 - 3 - 1),
    ]


def test_channels(shop: duckdb.DuckDBPyConnection) -> None:
    assert answer(shop, "channels", "channel orders net_amount share_rate aov") == [
        ("app", 1, 50, 0.5, 50),
        (None, 2, 27, 0.27, 13.5),
        ("web", 3, 23, 0.23, 7.6667),
    ]


def test_channels_of_february(shop: duckdb.DuckDBPyConnection) -> None:
    """What was given back of A in February lowers the net of February, and not its orders'."""
    found = answer(shop, "channels", "channel orders net_amount aov", first_on="2026-02-01")
    assert found == [("app", 1, 50, 50), (None, 2, 27, 13.5), ("web", 1, 5 - 9 - 1, 4)]


def test_discounts(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "sales_month coupon_code orders gross_amount discount_amount discount_rate"
    assert answer(shop, "discounts", columns) == [
        (JANUARY, "SPRING", 1, 20, 2, 0.1),
        (JANUARY, None, 2, 60, 0, 0),
        (FEBRUARY, None, 4, 90, 6, 0.066667),
    ]


def test_refunds(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "product_id reason refunded_amount sold_amount refund_rate refunded_units_rate"
    assert answer(shop, "refunds", columns) == [
        ("POT", "cancelled", 50, 100, 0.5, 0.5),
        ("MUG", "damaged", 9, 68, 0.132353, 0.125),
        ("MUG", None, 3, 68, 0.044118, 0.125),
    ]


def test_segments(shop: duckdb.DuckDBPyConnection) -> None:
    assert answer(shop, "segments", "segment tier customers buyers net_amount share_rate") == [
        (None, None, 2, 2, 50, 0.5),
        ("anonymous", None, 0, 0, 30, 0.3),
        ("consumer", "gold", 2, 1, 20, 0.2),
        ("business", "bronze", 1, 0, 0, 0),
    ]


def test_repeat_orders(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "sales_month pairs_of_orders mean_days_between median_days_between"
    assert answer(shop, "repeat_orders", columns) == [(JANUARY, 1, 0, 0), (FEBRUARY, 2, 23, 23)]


def test_lifetime_value(shop: duckdb.DuckDBPyConnection) -> None:
    """c1's margin: 10 + 6 + 6 - 5 of A, B and I, less 5, 3 and 1 given back."""
    columns = "cohort_month channel age_days customers net_amount margin_per_customer_amount"
    assert answer(shop, "lifetime_value", columns) == [
        (JANUARY, "search", 54, 1, 20, 8),
        (FEBRUARY, "no campaign", 16, 2, 50, 15),
    ]


def test_predicted_lifetime_value(shop: duckdb.DuckDBPyConnection) -> None:
    """Nothing is predicted of c5, who is in the second cohort, as of the last data day."""
    columns = "cohort_month channel predicted_value_amount predicted_per_customer_amount"
    assert answer(shop, "lifetime_value", columns) == [
        (JANUARY, "search", 12, 12),
        (FEBRUARY, "no campaign", 31, 30.5),
    ]
    shop.execute("begin; delete from kpi_customer_value")
    found = answer(shop, "lifetime_value", "customers predicted_value_amount")
    shop.execute("rollback")
    assert found == [(1, None), (2, None)]


def test_new_and_returning(shop: duckdb.DuckDBPyConnection) -> None:
    """A and B are of one instant: A is the first by its number. c2's first is D, for C is off."""
    columns = "sales_month kind orders net_by_order_date_amount net_per_order_amount"
    assert answer(shop, "new_and_returning", columns) == [
        (JANUARY, "new", 1, 9, 9),
        (JANUARY, "not counting", 1, 0, None),
        (JANUARY, "returning", 1, 10, 10),
        (FEBRUARY, "anonymous", 1, 30, 30),
        (FEBRUARY, "new", 2, 50, 25),
        (FEBRUARY, "not counting", 2, -3, None),
        (FEBRUARY, "returning", 1, 4, 4),
    ]


def test_top_customers(shop: duckdb.DuckDBPyConnection) -> None:
    """Customers of orders without products were left out, and made the others a larger part."""
    columns = "place customer_id orders net_amount share_rate cumulative_rate customers_rate"
    assert answer(shop, "top_customers", columns) == [
        (1, "c2", 1, 50, 0.5, 0.5, 0.333333),
        (2, "c1", 3, 20, 0.2, 0.7, 0.666667),
        (3, "c5", 1, 0, 0, 0.7, 1),
    ]


def test_who_leaves_by_the_odds(shop: duckdb.DuckDBPyConnection) -> None:
    """c1 once waited 46 days, of which 8 are over; c5 was computed as of an earlier day."""
    columns = "customer_id signs p_alive days_left net_amount predicted_value_amount"
    assert answer(shop, "leaving", columns) == [("c1", "odds", 0.4, 38, 20, 12)]


def test_nobody_leaves_who_would_be_lost_or_of_whom_nothing_is_known(
    shop: duckdb.DuckDBPyConnection,
) -> None:
    """c2 has no two orders to be measured by."""
    shop.execute("begin; delete from kpi_customer_value where customer_id = 'c1'")
    assert answer(shop, "leaving", "customer_id") == []
    shop.execute("rollback; begin; update kpi_customers_monthly set lapse_days = 7")
    assert answer(shop, "leaving", "customer_id") == []
    shop.execute("rollback")


@pytest.mark.parametrize(
    ("lapse_days", "found"),
    [
        (53, []),
        (54, [("c1", 0, 54, 0, "silence and odds")]),
        (108, [("c1", 0, 54, 54, "silence and odds")]),
        (109, [("c1", 0, 54, 55, "odds")]),
    ],
)
def test_who_is_silent_lies_between_half_of_the_lapse_point_and_all_of_it(
    shop: duckdb.DuckDBPyConnection, lapse_days: int, found: list[Any]
) -> None:
    shop.execute("begin; delete from fact_sales where order_id = 'I'")
    shop.execute(f"update kpi_customers_monthly set lapse_days = {lapse_days}")
    told = answer(shop, "leaving", "customer_id longest_days_between recency_days days_left signs")
    shop.execute("update kpi_customer_value set p_alive = 0.5")
    silent = answer(shop, "leaving", "customer_id signs")
    shop.execute("rollback")
    assert told == found
    assert silent == [("c1", "silence") for row in found if "silence" in row[-1]]


def test_suspicious(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "day_on what origin occurrences out_of score value amount"
    assert answer(shop, "suspicious", columns) == [
        (I_DAY, "anomaly: low", "net_sales", 1, None, -4, 0.5, None),
        (I_DAY, "fraud: orders flagged", "orders", 1, 1, 40, None, 5),
        (I_DAY, "fraud: refunds abused", "refunds", 1, None, None, None, 9),
        (I_DAY, "rows rejected", "orders", 2, 9, None, None, None),
        (D_DAY, "anomaly: high", "orders", 1, None, 8.5, 9, None),
        (D_DAY, "fraud: orders flagged", "orders", 1, 1, 150, None, 50),
        (D_DAY, "rows pending: no order", "refunds", 2, None, None, None, 7),
    ]


def test_price_changes(shop: duckdb.DuckDBPyConnection) -> None:
    """3 mugs from 5 to 31 January, 4 and a free one from 1 to 27 February."""
    columns = "product_id changed_on price_change_rate units_before units_after elasticity"
    assert answer(shop, "price_changes", columns, days="27") == [
        ("MUG", date(2026, 2, 1), 0.2, 3, 4, 1.666667)
    ]
    assert answer(shop, "price_changes", columns, days="28") == []


def test_another_change_of_the_price_in_these_days_hides_both(
    shop: duckdb.DuckDBPyConnection,
) -> None:
    shop.execute("begin; update dim_products set unit_price = 13 where product_key = 'm3'")
    assert answer(shop, "price_changes", "product_id changed_on", days="10") == []
    found = answer(shop, "price_changes", "product_id changed_on", days="9")
    shop.execute("rollback")
    assert found == [("MUG", date(2026, 2, 10)), ("MUG", date(2026, 2, 1))]


def test_acquisition(shop: duckdb.DuckDBPyConnection) -> None:
    """A and B bring in the 16.00 that c1 cost on the first day; later more is given back."""
    columns = "channel spend_amount new_customers cac_amount margin_to_date_amount payback_days"
    assert answer(shop, "acquisition", columns) == [
        ("no campaign", 0, 2, None, 30, None),
        ("search", 16, 1, 16, 8, 0),
        ("social", 5, 0, None, None, None),
    ]


def test_delivery(shop: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "carrier region shipments delivered_shipments mean_days_to_ship median_days_to_ship "
        "mean_days_to_deliver due_shipments on_time_rate"
    )
    assert answer(shop, "delivery", columns) == [("dhl", "Berlin", 3, 2, 1.666667, 2, 4.5, 2, 0.5)]
