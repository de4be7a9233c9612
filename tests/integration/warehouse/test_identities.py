"""No check that cannot fail: each dbt test goes red when what it holds is broken, and only then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.warehouse.project import load_project
from tests.harness import marketing
from tests.harness.files import SAMPLE_WEEK
from tests.harness.rows_shop import rows_shop
from tests.harness.shop import Load, Shop, store
from tests.integration.warehouse import broken_stock
from tests.property.change_log import DAYS, File, Row

pytestmark = pytest.mark.integration

FIRST_ORDER = "select min(order_id) from fact_sales where net_amount > 0"
ONE_LINE = "(order_id, line_number) = (select min((order_id, line_number)) from fact_sales)"
ONE_DAY = "sales_on = (select max(sales_on) from kpi_sales_daily where orders > 0)"
WAITING = (
    "insert into pending_rows by name "
    "select 'shop' as store_id, 'raw_orders' as dataset, 'A' as row_id"
)
# Two products of that week that were never sold.
PAIR = (
    "insert into kpi_basket_pairs by name select store_id, sales_month, orders as month_orders, "
    "5 as least_orders, 5 as pair_orders, 5 as product_orders, 5 as other_product_orders, "
    "'A' as product_id, 'B' as other_product_id from kpi_sales_monthly"
)

# The sample week has neither payments nor parcels; test_payments.py breaks some that there are.
ONE_PAYMENT = (
    "insert into fact_payments by name select 'shop' as store_id, 'p' as payment_id, "
    "date '2011-08-01' as paid_on, 'captured' as status, 9 as amount, false as is_test"
)
# A month that took in less than it gave back, and a month after it with as many orders.
A_LOSS_BEFORE = (
    "update kpi_sales_monthly set is_complete = true, orders_growth_on_month_rate = 0; "
    "insert into kpi_sales_monthly by name select * replace (-100 as net_amount, "
    "cast(sales_month - interval 1 month as date) as sales_month, "
    "null as orders_growth_on_month_rate) from kpi_sales_monthly"
)
ONE_SIGNAL = (
    "insert into fact_fraud_signals by name select 'velocity' as rule, 'shop' as store_id, "
    "'o' as order_id, date '2011-08-01' as signal_on, date '2011-08-01' as ordered_on, 60 as score"
)
ONE_PARCEL = (
    "insert into fact_shipments by name select 'shop' as store_id, 's' as shipment_id, "
    "date '2011-08-01' as ordered_on, false as is_test"
)

BROKEN = {
    "assert_every_delivered_row_has_one_fate": [
        f"delete from staging.main.stg_orders where order_id in ({FIRST_ORDER})",
        "update staging.main.stg_refunds set source_row = source_row + 1000000",
        "delete from staging.main.stg_inventory_movements",
        "update staging.main.stg_order_items set quantity = quantity + 1 "
        f"where order_id in ({FIRST_ORDER})",
        "update staging.main.stg_order_items set gross_amount = gross_amount + 0.0001 "
        f"where order_id in ({FIRST_ORDER})",
        "update staging.main.stg_order_items set discount_amount = 0.01",
        "update staging.main.stg_order_items set tax_amount = 0.01",
        "update staging.main.stg_orders set shipping_amount = 1",
        "update staging.main.stg_orders set order_discount_amount = 1",
        "update staging.main.stg_refunds set amount = -amount",
        "update staging.main.stg_inventory_movements set quantity = -quantity",
        "delete from staging.main.stg_customers where change_number = 1",
        "update staging.main.stg_products set source_file = 'another.csv'",
        "insert into staging.main.stg_payments by name "
        "select 'shop' as store_id, 'p' as payment_id",
        "insert into staging.main.stg_shipments by name "
        "select 'shop' as store_id, 's' as shipment_id",
    ],
    "assert_fact_sales_conserves_money": [
        f"delete from fact_sales where {ONE_LINE}",
        f"insert into fact_sales from fact_sales where {ONE_LINE}",
        f"update fact_sales set net_amount = net_amount + 0.0001 where {ONE_LINE}",
        f"update fact_sales set gross_amount = gross_amount + 0.0001 where {ONE_LINE}",
        f"update fact_sales set tax_amount = tax_amount + 0.01 where {ONE_LINE}",
        f"update fact_sales set shipping_amount = 0.01 where {ONE_LINE}",
        f"update fact_sales set quantity = quantity + 1 where {ONE_LINE}",
        f"update fact_sales set ordered_on = ordered_on + 1 where {ONE_LINE}",
    ],
    "assert_fact_returns_conserves_money": [
        "update fact_returns set amount = amount + 0.01",
        "update fact_returns set tax_amount = 0.01",
        "update fact_returns set quantity = quantity + 1",
        "update fact_returns set refunded_on = refunded_on + 1",
        "delete from fact_returns where refund_id = (select min(refund_id) from fact_returns)",
    ],
    "assert_cancelled_orders_net_to_zero": [
        "update staging.main.stg_orders set cancelled_on = ordered_on "
        f"where order_id in ({FIRST_ORDER})",
    ],
    "assert_pending_rows_are_young": [
        f"{WAITING}, 'rate_missing' as reason, 0 as pending_days",
        f"{WAITING}, 'order_missing' as reason, 4 as pending_days",
    ],
    "warn_orders_have_lines": [f"{WAITING}, 'lines_missing' as reason, 4 as pending_days"],
    "warn_orders_are_not_of_days_to_come": [
        "update staging.main.stg_orders set ordered_on = first_delivered_on + 2 "
        f"where order_id in ({FIRST_ORDER})",
    ],
    "assert_movements_conserve_stock": [
        "update fact_inventory_movements set quantity = quantity - 1",
        "delete from fact_inventory_movements",
    ],
    "assert_days_sum_to_facts": [
        f"update kpi_sales_daily set gross_amount = gross_amount + 0.01 where {ONE_DAY}",
        f"update kpi_sales_daily set total_amount = total_amount + 0.01 where {ONE_DAY}",
        "update kpi_sales_daily set returns_amount = returns_amount + 0.01, "
        f"discount_amount = discount_amount - 0.01 where {ONE_DAY}",
        f"update kpi_sales_daily set fee_amount = fee_amount + 0.01 where {ONE_DAY}",
        f"update kpi_sales_daily set new_orders = new_orders + 1 where {ONE_DAY}",
        f"update kpi_sales_daily set net_base_amount = net_base_amount + 0.01 where {ONE_DAY}",
        f"delete from kpi_sales_daily where {ONE_DAY}",
    ],
    "assert_both_net_views_agree_over_all_time": [
        f"update kpi_sales_daily set {column} = {column} + 0.01 where {ONE_DAY}"
        for column in ("net_by_order_date_amount", "net_by_order_date_base_amount")
    ],
    "assert_hours_sum_to_days": [f"delete from kpi_sales_hourly where {ONE_DAY}"],
    "assert_months_sum_to_days": ["update kpi_sales_monthly set orders = orders + 1"],
    "assert_countries_sum_to_days": [
        "insert into kpi_geo_sales from kpi_geo_sales where country_code = 'GB'",
        "update kpi_geo_sales set net_amount = net_amount + 0.01 where country_code = 'GB'",
    ],
    "assert_products_sum_to_days": [
        "delete from kpi_product_performance where gross_rank = 1",
    ],
    "assert_categories_sum_to_days": [
        "delete from kpi_category_performance",
        *(
            f"update kpi_category_performance set {column} = {column} + 0.01"
            for column in ("units", "free_units", "gross_amount", "returns_amount")
        ),
        "update kpi_category_performance set cost_amount = 0.01",
    ],
    "assert_cohort_values_sum_to_facts": [
        "delete from kpi_cohort_value",
        "delete from kpi_cohort_value where age_days = 30",
        "update kpi_cohort_value set cohort_size = cohort_size + 1",
        "update kpi_cohort_value set cohort_size = cohort_size + 1 where age_days = 60",
        "update kpi_cohort_value set is_complete = true where age_days = 30",
        "update kpi_cohort_value set net_amount = 1 where age_days = 30",
        "update kpi_cohort_value set cohort_month = cohort_month - 31",
    ],
    "assert_basket_pairs_are_of_counted_orders": [PAIR],
    "assert_products_and_categories_are_of_the_facts": [
        "update kpi_product_performance set discount_amount = discount_amount + 0.01, "
        "net_amount = net_amount - 0.01",
        "update kpi_category_performance set units = units - 1",
        "update kpi_product_performance set category = 'elsewhere'",
        "delete from kpi_product_performance where gross_rank = 2",
    ],
    "assert_customers_are_of_their_orders": [
        "update kpi_customers_monthly set active_customers = active_customers + 1, "
        "new_customers = new_customers + 1",
        "update kpi_customers_monthly set customers_to_date = customers_to_date + 1",
        "update kpi_geo_sales set customers = customers + 1 where country_code = 'GB'",
        "delete from kpi_customer_rfm",
    ],
    "assert_cohorts_and_scores_are_of_all_customers": [
        "update kpi_customer_rfm set frequency = frequency + 1",
        "update kpi_customer_rfm set recency_score = 6 - recency_score",
        "update kpi_customer_rfm set segment = 'lost'",
        "update kpi_cohort_retention set cohort_size = cohort_size + 1",
        "update kpi_cohort_retention set active_customers = active_customers - 1",
    ],
    "assert_quality_is_of_all_deliveries": [
        "update kpi_data_quality set delivered_rows = delivered_rows + 1",
        "delete from kpi_data_quality where delivered_on = "
        "(select min(delivered_on) from kpi_data_quality)",
    ],
    "assert_figures_are_of_their_parts": [
        "update kpi_sales_daily set aov = null",
        "update kpi_sales_daily set aov = aov + 0.0001",
        "update kpi_customers_monthly set repeat_rate = 1",
        "update kpi_sales_monthly set net_growth_on_month_rate = 0",
        f"{A_LOSS_BEFORE}; update kpi_sales_monthly set net_growth_on_month_rate = -1.5 "
        "where orders_growth_on_month_rate = 0",
    ],
    "assert_days_of_facts_are_in_dim_date": [
        "delete from dim_date where date_on = (select max(ordered_on) from fact_sales)",
        "update dim_date set store_id = 'other'",
    ],
    "assert_money_is_of_its_store_and_day": [
        "update fact_sales set fx_rate = 1.1, net_base_amount = net_amount * 1.1",
        "update fact_sales set net_base_amount = net_base_amount + 0.01",
        "update kpi_geo_sales set currency_code = 'EUR'",
    ],
    "assert_dimensions_equal_their_versions": [
        "update dim_products set name = 'x', unit_price = 1",
        "delete from dim_customers where customer_key = "
        "(select min(customer_key) from dim_customers where customer_key <> '0')",
        "update staging.main.int_customer_versions set applies_from = valid_from",
        "update dim_date set is_weekend = not is_weekend",
    ],
    "assert_fact_sales_has_no_orphans": [
        f"update fact_sales set {key} = 'nowhere' where {ONE_LINE}"
        for key in ("customer_key", "product_key", "geography_key")
    ]
    + [
        # another's, another moment's, nobody's
        f"update fact_sales set {key} = (select max({key}) from fact_sales)"
        for key in ("customer_key", "product_key")
    ]
    + [
        f"update fact_sales set customer_key = '0' where {ONE_LINE}",
        f"update fact_sales set unit_cost = coalesce(unit_cost, 0) + 1 where {ONE_LINE}",
        f"update fact_sales set cost_amount = coalesce(cost_amount, 0) + 1 where {ONE_LINE}",
    ],
    "assert_fact_returns_has_no_orphans": [
        f"update fact_returns set {key} = 'nowhere'"
        for key in ("customer_key", "product_key", "geography_key")
    ],
    "assert_fact_inventory_movements_has_no_orphans": [
        "update fact_inventory_movements set product_key = 'nowhere'",
    ],
    "assert_fact_payments_conserves_money": [ONE_PAYMENT],
    "assert_payment_mix_sums_to_payments": [ONE_PAYMENT],
    "assert_fact_payments_has_no_orphans": [
        f"{ONE_PAYMENT}, 'nowhere' as customer_key, '0' as payment_method_key",
        f"{ONE_PAYMENT}, '0' as customer_key, 'nowhere' as payment_method_key",
    ],
    "assert_fraud_days_sum_to_signals": [
        ONE_SIGNAL,
        f"{ONE_SIGNAL}, 'refund_abuse' as rule".replace("'velocity' as rule, ", ""),
        *(
            f"update kpi_fraud_daily set {column} = {column} + 1 where orders > 0"
            for column in (
                "orders",
                "flagged_orders",
                "account_change_orders",
                "fraud_score",
                "flagged_amount",
                "refund_abuse_base_amount",
            )
        ),
        "delete from kpi_fraud_daily where orders > 0",
    ],
    "assert_fact_shipments_holds_every_parcel": [ONE_PARCEL],
    "assert_fulfilment_sums_to_shipments": [ONE_PARCEL],
    "assert_fact_shipments_has_no_orphans": [f"{ONE_PARCEL}, 'nowhere' as geography_key"],
    "warn_payment_amounts_fit": [f"{ONE_PAYMENT}, 1 as fx_rate"],
    "warn_amounts_fit": ["update fact_sales set net_base_amount = null"],
    "warn_refunds_are_of_what_was_sold": [
        "update fact_returns set order_id = (select min(order_id) from fact_sales)",
    ],
    "assert_dim_customers_history_is_whole": [
        "update dim_customers set valid_to = valid_from, is_current = false",
        "insert into dim_customers from dim_customers where customer_key <> '0'",
        "update dim_customers set is_current = false where customer_key <> '0'",
    ],
    "assert_dim_products_history_is_whole": [
        "update dim_products set valid_to = valid_to + interval 1 day where valid_to is not null",
        "update dim_products set is_current = false where product_key <> '0'",
    ],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    root: Path = tmp_path_factory.mktemp("identities")
    with Shop(root, store("online_retail")) as shop:
        assert shop.run(Load(SAMPLE_WEEK))
        assert shop.warehouse.failing_tests() == {}
        yield shop


def failing_after(shop: Shop, sql: str) -> set[str]:
    """Breaks a table, returns which tests notice, and takes the damage back."""
    connection = shop.warehouse.connection
    connection.execute(f"use warehouse; begin transaction; {sql}")
    try:
        return set(shop.warehouse.failing_tests())
    finally:
        connection.execute("rollback; use memory")


@pytest.mark.parametrize(
    ("name", "sql"), [(name, sql) for name, broken in BROKEN.items() for sql in broken]
)
def test_what_is_broken_turns_its_test_red(shop: Shop, name: str, sql: str) -> None:
    assert name in failing_after(shop, sql)


def test_a_month_after_a_loss_is_right_without_growth(shop: Shop) -> None:
    assert "assert_figures_are_of_their_parts" not in failing_after(shop, A_LOSS_BEFORE)


def test_an_order_of_a_day_to_come_is_told_with_its_file_and_row(shop: Shop) -> None:
    """One dated 27 years ahead was accepted without a word, and stretched the calendar."""
    connection = shop.warehouse.connection
    dated = f"set ordered_on = first_delivered_on + %s where order_id in ({FIRST_ORDER})"
    update = f"update staging.main.stg_orders {dated}"
    name = "warn_orders_are_not_of_days_to_come"
    assert name not in failing_after(shop, update % 1)
    connection.execute(f"use warehouse; begin transaction; {update % 9863}")
    try:
        (row,) = shop.warehouse.failing_tests()[name]
    finally:
        connection.execute("rollback; use memory")
    assert (row[0], *row[-2:]) == ("shop", "2011-08-07.csv", 2)


# Shipping and a discount of the order, lines of both signs, refunds by product and by none, of more
# than was sold, before and after the cancellation; an order that came back as a whole.
REVERSED: list[Row] = [
    ("raw_orders", "1", {"order_id": "1", "ordered_at": DAYS[0], "status": "paid"}),
    ("raw_orders", "2", {"order_id": "2", "ordered_at": DAYS[1], "status": "cancelled"}),
    ("raw_orders", "3", {"order_id": "3", "ordered_at": DAYS[1], "status": "voided"}),
    *(
        ("raw_order_items", order, {"order_id": order, "line_number": no, **item})
        for order in ("1", "2", "3")
        for no, item in enumerate(
            (
                {"product_id": "P1", "quantity": "2", "unit_price": "10", "tax_amount": "4"},
                {"product_id": "P2", "quantity": "1", "unit_price": "-4"},
                {"product_id": "P3", "quantity": "1", "unit_price": "9", "tax_amount": "1.80"},
                {"line_kind": "shipping", "quantity": "1", "unit_price": "3"},
            ),
            1,
        )
    ),
    *(
        ("raw_refunds", f"r{no}", {"refund_id": f"r{no}", "line_number": 1, **refund})
        for no, refund in enumerate(
            (
                {"order_id": "1", "quantity": "0", "amount": "0", "is_whole_order": "true"},
                {"order_id": "2", "product_id": "P1", "quantity": "1", "amount": "24"},
                {"order_id": "2", "quantity": "0", "amount": "0.50", "tax_amount": "0.10"},
                {"order_id": "3", "line_kind": "shipping", "quantity": "1", "amount": "1"},
            )
        )
    ),
]
MOMENTS: dict[str, dict[str, Any]] = {
    "raw_orders": {"shipping_amount": "4.99", "order_discount_amount": "3.33"},
    "raw_refunds": {"refunded_at": DAYS[2]},
}


@pytest.fixture(scope="module")
def reversed_orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    rows = tuple((data, no, row | MOMENTS.get(data, {})) for data, no, row in REVERSED)
    delivered = File(DAYS[3], "", rows)
    with rows_shop(tmp_path_factory.mktemp("reversed")) as shop:
        assert shop.run(Load({delivered.name: delivered.content}))
        assert set(shop.warehouse.failing_tests()) <= {"warn_refunds_are_of_what_was_sold"}
        yield shop


@pytest.mark.parametrize("measure", ["quantity", "amount", "tax_amount"])
@pytest.mark.parametrize("origin", ["cancellation", "whole_order"])
def test_what_is_generated_of_a_reversed_order_is_held(
    reversed_orders: Shop, measure: str, origin: str
) -> None:
    """The identity held bounds of the money only: tax and units could be anything."""
    lines = f"select min((refund_id, line_number)) from fact_returns where origin = '{origin}'"
    one = f"(refund_id, line_number) = ({lines} and {measure} <> 0)"
    for change in (f"{measure} + 0.01", f"{measure} - 0.01", f"2 * {measure}"):
        red = failing_after(
            reversed_orders, f"update fact_returns set {measure} = {change} where {one}"
        )
        assert "assert_cancelled_orders_net_to_zero" in red, change
    red = failing_after(reversed_orders, f"delete from fact_returns where {one}")
    assert "assert_cancelled_orders_net_to_zero" in red


def test_every_identity_is_broken_by_some_case() -> None:
    named = {t.name for t in load_project().tests if not t.name.startswith("grain_")}
    broken = {*BROKEN, *broken_stock.BROKEN, *marketing.BROKEN, "warn_stock_below_zero"}
    assert broken == named


DOUBLED = {
    "pending_rows": f"{WAITING}, 'lines_missing' as reason from range(2)",
    "kpi_basket_pairs": f"{PAIR}, range(2)",  # no two products were together often enough
    "fact_fraud_signals": f"{ONE_SIGNAL} from range(2)",
    "fact_payments": f"{ONE_PAYMENT} from range(2)",
    "fact_shipments": f"{ONE_PARCEL} from range(2)",
    "kpi_payment_mix": "insert into kpi_payment_mix by name select 'shop' as store_id, "
    "date '2011-08-01' as paid_month, 'card' as method from range(2)",
    "kpi_fulfilment_monthly": "insert into kpi_fulfilment_monthly by name select 'shop' as "
    "store_id, date '2011-08-01' as order_month, 'dhl' as carrier from range(2)",
} | {
    table: f"insert into {table} by name {row} from range(2)"
    for table, row in marketing.DOUBLED.items()
}


@pytest.mark.parametrize("table", sorted(set(load_project().gold) - set(broken_stock.TABLES)))
def test_a_doubled_row_breaks_the_grain_of_its_table(shop: Shop, table: str) -> None:
    doubled = f"insert into {table} from {table} limit 1"
    if table in DOUBLED:  # nothing of it is in this week
        doubled = DOUBLED[table]
    assert f"grain_{table}_" in failing_after(shop, doubled)
