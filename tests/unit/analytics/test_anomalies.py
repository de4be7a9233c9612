"""Which days are anomalies: recomputed by a loop over pandas, and measured on injected ones."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from benchmarks.anomalies import SHOPS, found, orders_by_day
from ecom_assets.analytics.anomalies import METRICS, THRESHOLD, compute_anomalies
from ecom_assets.analytics.robust_z import robust_z
from ecom_assets.analytics.tables import analytics_tables

START = date(2026, 1, 1)


def frame_of(orders: np.ndarray, store: str = "shop") -> pl.DataFrame:
    """The rows of ``sql/daily_metrics.sql`` for a shop whose orders are all there is."""
    days = [START + timedelta(days=n) for n in range(len(orders))]
    return pl.DataFrame(
        {
            "store_id": store,
            "as_of_on": days[-1],
            "metric_on": days,
            "currency_code": "EUR",
            **{name: orders if name == "orders" else None for name in METRICS},
        },
        schema_overrides=dict.fromkeys(METRICS, pl.Float64) | {"as_of_on": pl.Date},
    )


def z_by_a_loop(values: np.ndarray, day: int) -> tuple[float, float]:
    """One day's expected value and z, day by day, with pandas' medians."""
    root = pd.Series(np.sqrt(values))
    before = {w: {d: root.get(day - 7 * (8 - w) + d) for d in range(7)} for w in range(8)}
    weeks = pd.DataFrame(before).T.astype(float)  # rows weeks, columns days since that weekday
    weekday = weeks.median()
    strayed = weeks - weekday
    level = strayed.median(axis=1)
    slopes = [(level[j] - level[i]) / (j - i) for i in range(8) for j in range(i + 1, 8)]
    slope = pd.Series(slopes).median()
    slope = 0.0 if np.isnan(slope) else slope
    expected = weekday[0] + slope * 4.5
    rest = pd.concat([strayed.loc[w] - slope * (w - 3.5) for w in range(8)])
    spread = max(1.4826 * 1.25 * rest.abs().median(), 0.5)
    return np.sign(expected) * expected**2, (root[day] - expected) / spread


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_day_is_what_a_loop_finds(seed: int) -> None:
    orders = orders_by_day(SHOPS[1], seed)[:150]
    tested = robust_z(orders, "count")
    for day in range(28, 150):
        expected, z = z_by_a_loop(orders, day)
        assert tested.expected[day] == pytest.approx(expected), day
        assert tested.z[day] == pytest.approx(z), day
    assert np.isnan(tested.z[:28]).all()


def test_days_that_are_missing_are_no_days_of_the_baseline() -> None:
    orders = orders_by_day(SHOPS[1], 4)[:120]
    orders[[40, 41, 70, 90]] = np.nan
    tested = robust_z(orders, "count")
    for day in (75, 100, 119):
        assert (tested.expected[day], tested.z[day]) == pytest.approx(z_by_a_loop(orders, day))
    assert np.isnan(tested.z[40])
    assert list(tested.baseline_days[[0, 10, 56, 75]]) == [0, 10, 54, 53]


def test_a_day_is_not_part_of_its_own_baseline_nor_are_later_ones() -> None:
    orders = orders_by_day(SHOPS[2], 5)[:200]
    before = robust_z(orders, "count")
    orders[120:] *= 50
    after = robust_z(orders, "count")
    assert (after.expected[28:121] == before.expected[28:121]).all()
    assert (after.baseline_days == before.baseline_days).all()
    assert after.z[120] > 10 * max(abs(before.z[120]), 1)


def test_a_trend_and_a_week_are_no_anomaly() -> None:
    day = np.arange(300)
    orders = np.round((100 + day) * np.array([1, 1, 1, 1, 1.5, 0.2, 0.0])[day % 7])
    assert np.nanmax(np.abs(robust_z(orders, "count").z)) < THRESHOLD


def test_even_days_need_more_than_one_order_to_be_odd() -> None:
    for kind, values in (("count", 4.0), ("amount", 100.0), ("share", 0.0)):
        series = np.full(100, values)
        series[80] += {"count": 1, "amount": 2, "share": 0.005}[kind]
        series[90] = {"count": 40, "amount": 500, "share": 0.4}[kind]
        z = robust_z(series, kind).z  # type: ignore[arg-type]
        assert abs(z[80]) < THRESHOLD < z[90], kind


@pytest.mark.parametrize(
    ("shop", "factor", "recall", "false_alarms"),
    [
        (SHOPS[0], 0.2, 0.6, 0.004),
        (SHOPS[0], 4.0, 0.9, 0.004),
        (SHOPS[1], 0.4, 0.8, 0.008),
        (SHOPS[1], 2.5, 0.95, 0.008),
        (SHOPS[2], 0.4, 0.95, 0.008),
        (SHOPS[2], 1.7, 0.8, 0.008),
        (SHOPS[3], 2.5, 0.7, 0.008),
    ],
)
def test_injected_anomalies_are_found_and_few_other_days_cry(
    shop: object, factor: float, recall: float, false_alarms: float
) -> None:
    assert shop in SHOPS
    result = found(shop, factor, range(20))  # type: ignore[arg-type]
    assert result.recall >= recall
    assert result.false_alarms <= false_alarms


def test_the_table_tells_of_every_metric_that_has_a_value() -> None:
    daily = pl.concat([frame_of(orders_by_day(SHOPS[1], 6)[:100]), frame_of(np.zeros(20), "zz")])
    daily = daily.with_columns(pl.when(pl.col("store_id") == "shop").then(0.25).alias("aov"))
    computed = compute_anomalies(daily)
    table = computed.frame
    assert set(table.columns) == set(analytics_tables()["anomalies_daily"].types)
    counts = table.group_by("store_id", "metric").len().sort("store_id", "metric").rows()
    assert counts == [("shop", "aov", 100), ("shop", "orders", 100), ("zz", "orders", 20)]
    assert set(table.filter(pl.col("metric") == "aov")["currency_code"]) == {"EUR"}
    assert set(table.filter(pl.col("metric") == "orders")["currency_code"]) == {None}
    assert table.filter(pl.col("store_id") == "zz")["is_anomaly"].null_count() == 20
    tested = table.filter(pl.col("is_anomaly").is_not_null())
    assert tested["is_anomaly"].to_list() == (tested["robust_z"].abs() > THRESHOLD).to_list()
    assert computed.told["zz"] == {"orders": "0 of 0"}


def test_an_odd_day_says_in_which_direction() -> None:
    orders = orders_by_day(SHOPS[2], 8)[:120]
    orders[[100, 110]] = [5000, 0]
    table = compute_anomalies(frame_of(orders)).frame.filter(pl.col("metric") == "orders")
    assert table["direction"].to_list()[100] == "high"
    assert table["direction"].to_list()[110] == "low"


def test_no_days_are_an_empty_table() -> None:
    table = compute_anomalies(frame_of(np.zeros(1)).clear()).frame
    assert table.height == 0
    assert set(table.columns) == set(analytics_tables()["anomalies_daily"].types)
