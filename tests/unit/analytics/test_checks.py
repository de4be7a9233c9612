"""Each check over the analytics can be red, and is so for its own reason."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from asset_checks.analytics import CHECKS, judged
from benchmarks.anomalies import SHOPS, orders_by_day
from ecom_assets.analytics.anomalies import compute_anomalies
from ecom_assets.analytics.customer_value import compute_customer_value
from ecom_assets.analytics.forecast import compute_forecast
from ecom_assets.analytics.stored import draft_tables
from ecom_assets.home import Home
from tests.unit.analytics.purchases import START, customers_of, simulated_order_days
from tests.unit.analytics.test_anomalies import frame_of

# the last data day; the customers' last order is earlier
HORIZON = date(2026, 4, 30)
AS_OF = START + timedelta(days=399)
BROKEN = {
    "grain_kpi_customer_value": (
        "insert into draft_of_kpi_customer_value from draft_of_kpi_customer_value limit 1"
    ),
    "customer_value_counts_every_order": (
        "delete from draft_of_kpi_customer_value where customer_id = 'c00007'"
    ),
    "customer_value_is_within_bounds": "update draft_of_kpi_customer_value set p_alive = 1.000001",
    "customer_value_holds_out": (
        "update draft_of_kpi_customer_value set holdout_expected_orders = 2.5 * holdout_orders"
    ),
    "grain_anomalies_daily": (
        "insert into draft_of_anomalies_daily from draft_of_anomalies_daily limit 1"
    ),
    "anomalies_hold_every_day": (
        "delete from draft_of_anomalies_daily where metric = 'orders' and metric_on = '2026-02-03'"
    ),
    "anomalies_follow_from_z": (
        "update draft_of_anomalies_daily set is_anomaly = not is_anomaly where robust_z is not null"
    ),
    "anomalies_are_rare": (
        "update draft_of_anomalies_daily set is_anomaly = true where robust_z is not null"
    ),
    "grain_forecast_sales_daily": (
        "insert into draft_of_forecast_sales_daily from draft_of_forecast_sales_daily limit 1"
    ),
    "forecast_holds_every_store": (
        "delete from draft_of_forecast_sales_daily where forecast_on = as_of_on + 28"
    ),
    "forecast_intervals_are_ordered": (
        "update draft_of_forecast_sales_daily set hi_80_amount = hi_95_amount + 1"
    ),
    "forecast_beats_seasonal_naive": (
        "update draft_of_forecast_sales_daily set model = 'ets', backtest_relative = 0.96"
    ),
    "forecast_is_of_the_size_of_sales": (
        "update draft_of_forecast_sales_daily set net_amount = 5 * net_amount"
    ),
}
MORE_OUT_OF_BOUNDS = (
    "recency_days = age_days + 1",
    "frequency = orders",
    "expected_orders_90_days = expected_orders_365_days + 1",
    "predicted_value_amount = -1",
    "prediction_note = 'none'",
    "predicted_value_amount = null",
    "mean_repeat_amount = null",
)


@pytest.fixture(scope="module")
def orders() -> pl.DataFrame:
    """Days with an order of a store's customers."""
    return simulated_order_days(600, 400, seed=1)


@pytest.fixture(scope="module")
def daily() -> pl.DataFrame:
    """Orders and net sales of its days."""
    counted = frame_of(orders_by_day(SHOPS[1], 1)[:120])
    return counted.with_columns(pl.col("orders").alias("net_sales"))


@pytest.fixture(scope="module")
def made(orders: pl.DataFrame, daily: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """What is computed of them."""
    sold = daily.select(
        "store_id",
        "currency_code",
        pl.lit(HORIZON).alias("as_of_on"),
        pl.lit("store").alias("level"),
        pl.lit("all").alias("category"),
        pl.col("metric_on").alias("event_on"),
        pl.col("net_sales").alias("net_amount"),
    )
    value = compute_customer_value(customers_of(orders, AS_OF), orders)
    return {
        "anomalies_daily": compute_anomalies(daily).frame,
        "forecast_sales_daily": compute_forecast(sold).frame,
        "kpi_customer_value": value.frame,
    }


@pytest.fixture
def connection(
    tmp_path: Path, orders: pl.DataFrame, daily: pl.DataFrame, made: dict[str, pl.DataFrame]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The drafts of a store, and the finished tables that checks hold them against."""
    orders.write_parquet(tmp_path / "orders.parquet")
    daily.write_parquet(tmp_path / "daily.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            attach ':memory:' as staging;
            attach ':memory:' as warehouse;
            create table staging.main.int_customer_orders as
            from read_parquet('{tmp_path}/orders.parquet');
            create table warehouse.main.store_horizon as
            select 'shop' as store_id, date '{START}' as first_on, date '{HORIZON}' as last_on;
            create table warehouse.main.kpi_sales_daily as
            select store_id, metric_on as sales_on, cast(orders as bigint) as orders,
                cast(net_sales as decimal(38,4)) as net_amount
            from read_parquet('{tmp_path}/daily.parquet');
            """
        )
        draft_tables(connection, Home(tmp_path), made)
        yield connection


def red(connection: duckdb.DuckDBPyConnection) -> set[str]:
    tables = {check.table for check in CHECKS}
    found = judged(connection, tables)
    for _, verdict in found:
        assert verdict.passed == (not verdict.rows)
        assert verdict.passed or str(verdict.found) in verdict.message
        assert not verdict.blocking
    return {verdict.name for _, verdict in found if not verdict.passed}


def test_what_is_computed_is_green(connection: duckdb.DuckDBPyConnection) -> None:
    assert red(connection) == set()


def test_every_check_has_a_case_that_turns_it_red() -> None:
    assert BROKEN.keys() == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", BROKEN)
def test_a_check_turns_red(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(BROKEN[name])
    assert name in red(connection)


@pytest.mark.parametrize(
    "fault",
    [
        "direction = 'high'",
        "baseline_days = 27",
        "expected = value + 1, robust_z = 1",
        "value = value + 0.01",
    ],
)
def test_every_claim_about_anomalies_is_held(
    connection: duckdb.DuckDBPyConnection, fault: str
) -> None:
    connection.execute(
        f"update draft_of_anomalies_daily set {fault} where metric = 'net_sales' "
        "and metric_on = '2026-04-10'"
    )
    assert red(connection) & {"anomalies_follow_from_z", "anomalies_hold_every_day"}


@pytest.mark.parametrize("fault", MORE_OUT_OF_BOUNDS)
def test_every_bound_of_customer_value_is_held(
    connection: duckdb.DuckDBPyConnection, fault: str
) -> None:
    one = "(select min(customer_id) from draft_of_kpi_customer_value where frequency > 0)"
    connection.execute(f"update draft_of_kpi_customer_value set {fault} where customer_id = {one}")
    assert "customer_value_is_within_bounds" in red(connection)


def test_a_draft_has_the_types_of_the_table(connection: duckdb.DuckDBPyConnection) -> None:
    kinds = dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where table_name = 'draft_of_kpi_customer_value'"
        ).fetchall()
    )
    assert kinds["predicted_value_amount"] == "DECIMAL(38,4)"
    assert kinds["p_alive"] == "DECIMAL(18,6)"
