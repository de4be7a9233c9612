"""No check that cannot fail: each dbt test goes red when what it holds is broken, and only then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecom_assets.warehouse.project import load_project
from tests.harness.files import SAMPLE_WEEK
from tests.harness.shop import Load, Shop, store

pytestmark = pytest.mark.integration

FIRST_ORDER = "select min(order_id) from fact_sales where net_amount > 0"
ONE_LINE = "(order_id, line_number) = (select min((order_id, line_number)) from fact_sales)"
ONE_DAY = "sales_on = (select max(sales_on) from kpi_sales_daily where orders > 0)"
WAITING = (
    "insert into pending_rows by name "
    "select 'shop' as store_id, 'raw_orders' as dataset, 'A' as row_id"
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
    ],
    "assert_fact_sales_conserves_money": [
        f"delete from fact_sales where {ONE_LINE}",
        f"insert into fact_sales from fact_sales where {ONE_LINE}",
        f"update fact_sales set net_amount = net_amount + 0.0001 where {ONE_LINE}",
        f"update fact_sales set tax_amount = tax_amount + 0.01 where {ONE_LINE}",
        f"update fact_sales set shipping_amount = 0.01 where {ONE_LINE}",
        f"update fact_sales set quantity = quantity + 1 where {ONE_LINE}",
        f"update fact_sales set ordered_on = ordered_on + 1 where {ONE_LINE}",
    ],
    "assert_fact_returns_conserves_money": [
        "update fact_returns set amount = amount + 0.01",
        "update fact_returns set tax_amount = 0.01",
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
    "assert_movements_conserve_stock": [
        "update fact_inventory_movements set quantity = quantity - 1",
        "delete from fact_inventory_movements",
    ],
    "assert_days_sum_to_facts": [
        f"update kpi_sales_daily set gross_amount = gross_amount + 0.01 where {ONE_DAY}",
        f"update kpi_sales_daily set total_amount = total_amount + 0.01 where {ONE_DAY}",
        f"update kpi_sales_daily set new_orders = new_orders + 1 where {ONE_DAY}",
        f"update kpi_sales_daily set net_base_amount = net_base_amount + 0.01 where {ONE_DAY}",
        f"delete from kpi_sales_daily where {ONE_DAY}",
    ],
    "assert_both_net_views_agree_over_all_time": [
        "update kpi_sales_daily set net_by_order_date_amount = net_by_order_date_amount + 0.01 "
        f"where {ONE_DAY}",
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
    "assert_fact_sales_has_no_orphans": [
        f"update fact_sales set {key} = 'nowhere' where {ONE_LINE}"
        for key in ("customer_key", "product_key", "geography_key")
    ],
    "assert_fact_returns_has_no_orphans": [
        f"update fact_returns set {key} = 'nowhere'"
        for key in ("customer_key", "product_key", "geography_key")
    ],
    "assert_fact_inventory_movements_has_no_orphans": [
        "update fact_inventory_movements set product_key = 'nowhere'",
    ],
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


def test_every_identity_is_broken_by_some_case() -> None:
    named = {t.name for t in load_project().tests if not t.name.startswith("grain_")}
    assert set(BROKEN) == named


@pytest.mark.parametrize("table", load_project().gold)
def test_a_doubled_row_breaks_the_grain_of_its_table(shop: Shop, table: str) -> None:
    doubled = f"insert into {table} from {table} limit 1"
    if table == "pending_rows":  # nothing waits in this week
        doubled = f"{WAITING}, 'lines_missing' as reason from range(2)"
    assert f"grain_{table}_" in failing_after(shop, doubled)
