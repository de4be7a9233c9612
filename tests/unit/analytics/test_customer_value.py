"""What ``kpi_customer_value`` says of each customer, recomputed by loops."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest

from ecom_assets.analytics.customer_value import (
    NO_SPEND,
    TOO_FEW,
    compute_customer_value,
    histories_to,
    holdout,
)
from ecom_assets.analytics.tables import analytics_tables
from tests.unit.analytics.purchases import START, customers_of, simulated_order_days

AS_OF = START + timedelta(days=399)


@pytest.fixture(scope="module")
def order_days() -> pl.DataFrame:
    return simulated_order_days(800, 400, seed=1)


@pytest.fixture(scope="module")
def table(order_days: pl.DataFrame) -> pl.DataFrame:
    return compute_customer_value(customers_of(order_days, AS_OF), order_days).frame


def test_the_table_has_the_columns_that_are_declared(table: pl.DataFrame) -> None:
    assert set(table.columns) == set(analytics_tables()["kpi_customer_value"].types)


def test_histories_are_what_a_loop_over_customers_finds(order_days: pl.DataFrame) -> None:
    last = date(2025, 10, 1)
    found = {row["customer_id"]: row for row in histories_to(order_days, last).to_dicts()}
    seen: set[str] = set()
    for (customer,), rows in order_days.group_by("customer_id"):
        days = sorted(
            (r["ordered_on"], r["net_amount"]) for r in rows.to_dicts() if r["ordered_on"] <= last
        )
        if not days:
            continue
        seen.add(str(customer))
        row = found[str(customer)]
        assert row["frequency"] == len(days) - 1
        assert row["recency_days"] == sum((b[0] - a[0]).days for a, b in pairwise(days))
        assert row["age_days"] == (last - days[0][0]).days
        repeats = [float(amount) for _, amount in days[1:]]
        mean = sum(repeats) / len(repeats) if repeats else None
        assert row["mean_repeat_amount"] == (pytest.approx(mean) if repeats else None)
    assert seen == found.keys()


def test_more_and_later_orders_are_worth_more(table: pl.DataFrame) -> None:
    assert table["p_alive"].is_between(0, 1).all()
    value = table["expected_orders_365_days"] * table["expected_order_value_amount"]
    assert table["predicted_value_amount"].to_list() == pytest.approx(value.to_list())
    often = table.filter((pl.col("frequency") >= 4) & (pl.col("p_alive") > 0.9))
    rest = table.filter(pl.col("frequency") == 0)
    assert often["expected_orders_365_days"].min() > rest["expected_orders_365_days"].mean()  # type: ignore[operator]


def test_the_hold_out_looks_only_at_what_was_known_before_it(order_days: pl.DataFrame) -> None:
    held = holdout(order_days, AS_OF)
    assert held
    assert (AS_OF - held.from_on).days + 1 == 400 // 3
    without = order_days.filter(pl.col("ordered_on") < held.from_on)
    known = set(without["customer_id"])
    assert set(held.rows["customer_id"]) == known
    came = order_days.filter(
        (pl.col("ordered_on") >= held.from_on) & pl.col("customer_id").is_in(known)
    )
    assert held.rows["holdout_orders"].sum() == came.height
    again = holdout(pl.concat([without, came.filter(pl.col("ordered_on") == AS_OF)]), AS_OF)
    assert again
    expected = held.rows["holdout_expected_orders"]
    assert again.rows["holdout_expected_orders"].to_list() == expected.to_list()
    assert expected.sum() == pytest.approx(came.height, rel=0.25)


def test_customers_of_the_hold_out_have_no_figures_of_it(
    table: pl.DataFrame, order_days: pl.DataFrame
) -> None:
    held = holdout(order_days, AS_OF)
    assert held
    late = table.filter(pl.col("first_ordered_on") >= held.from_on)
    assert late.height
    assert late["holdout_orders"].null_count() == late.height
    assert late["holdout_from_on"].null_count() == late.height


def test_a_small_store_keeps_what_was_observed_and_says_why_no_more() -> None:
    days = simulated_order_days(99, 300, seed=2, store="small")
    table = compute_customer_value(customers_of(days, AS_OF), days).frame
    assert set(table["prediction_note"]) == {TOO_FEW}
    assert table["predicted_value_amount"].null_count() == 99
    assert table["observed_net_amount"].sum() == days["net_amount"].sum()
    assert table["frequency"].sum() == days.height - 99


def test_a_store_whose_orders_all_come_back_has_no_value(order_days: pl.DataFrame) -> None:
    nothing = order_days.with_columns(pl.lit(0).cast(pl.Decimal(38, 4)).alias("net_amount"))
    table = compute_customer_value(customers_of(nothing, AS_OF), nothing).frame
    assert set(table["prediction_note"]) == {NO_SPEND}


def test_each_store_has_models_of_its_own(order_days: pl.DataFrame, table: pl.DataFrame) -> None:
    other = simulated_order_days(500, 300, seed=9, store="zz_other")
    customers = pl.concat([customers_of(order_days, AS_OF), customers_of(other, AS_OF)])
    both = compute_customer_value(customers, pl.concat([order_days, other]))
    assert both.frame.filter(pl.col("store_id") == "shop").equals(table)
    assert both.told["shop"]["bg_nbd"] != both.told["zz_other"]["bg_nbd"]


def test_the_order_of_rows_changes_nothing(order_days: pl.DataFrame, table: pl.DataFrame) -> None:
    mixed = order_days.sample(fraction=1, shuffle=True, seed=4)
    again = compute_customer_value(customers_of(order_days, AS_OF), mixed).frame
    assert again.sort("customer_id").equals(table.sort("customer_id"))


def test_no_customers_are_an_empty_table(order_days: pl.DataFrame) -> None:
    none = order_days.clear()
    table = compute_customer_value(customers_of(none, AS_OF), none).frame
    assert table.height == 0
    assert set(table.columns) == set(analytics_tables()["kpi_customer_value"].types)
