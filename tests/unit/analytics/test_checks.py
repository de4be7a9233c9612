"""Each check over the analytics can be red, and is so for its own reason."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from asset_checks.analytics import CHECKS, judged
from ecom_assets.analytics.customer_value import compute_customer_value
from ecom_assets.analytics.stored import draft_tables
from ecom_assets.home import Home
from tests.unit.analytics.purchases import START, customers_of, simulated_order_days

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


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The drafts of a store, and the finished tables that checks hold them against."""
    days = simulated_order_days(600, 400, seed=1)
    value = compute_customer_value(customers_of(days, AS_OF), days)
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as staging; attach ':memory:' as warehouse")
        path = tmp_path / "days.parquet"
        days.write_parquet(path)
        connection.execute(
            f"create table staging.main.int_customer_orders as from read_parquet('{path}')"
        )
        connection.execute(
            f"create table warehouse.main.store_horizon as "
            f"select 'shop' as store_id, date '{START}' as first_on, date '{AS_OF}' as last_on"
        )
        draft_tables(connection, Home(tmp_path), {"kpi_customer_value": value.frame})
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
