"""``anomalies_daily``: which days of which metrics are unlike the weeks before them."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from ecom_assets.analytics.computed import Computed
from ecom_assets.analytics.robust_z import Kind, robust_z

# Of a quiet shop's days four in a thousand are beyond it by chance (benchmarks/anomalies.py).
THRESHOLD = 3.5
LARGEST_Z = 99_999.0  # what the column holds; farther is as odd

METRICS: dict[str, Kind] = {
    "net_sales": "amount",
    "orders": "count",
    "new_orders": "count",
    "aov": "amount",
    "returns": "amount",
    "returns_share": "share",
    "sessions": "count",
    "declined_share": "share",
}
MONEY = ("net_sales", "aov", "returns")
KEPT = ("store_id", "metric", "metric_on", "as_of_on", "currency_code", "value")
ADDED = {
    "expected": pl.Float64,
    "robust_z": pl.Float64,
    "threshold": pl.Float64,
    "is_anomaly": pl.Boolean,
    "direction": pl.String,
    "baseline_days": pl.Int64,
}


def compute_anomalies(daily: pl.DataFrame) -> Computed:
    """Returns the table, and of each store how many days were tested and odd, by metric.

    Args:
        daily: The rows of ``sql/daily_metrics.sql``, a row for every calendar day of a store.
    """
    found = list(_tested_series(daily))
    if not found:
        empty = _of_metric(daily, "orders").with_columns(
            pl.lit(None, kind).alias(name) for name, kind in ADDED.items()
        )
        return Computed(empty, {})
    table = pl.concat(found).filter(pl.col("value").is_not_null())
    counts = (
        table.group_by("store_id", "metric", maintain_order=True)
        .agg(
            pl.col("is_anomaly").is_not_null().sum().alias("tested"),
            pl.col("is_anomaly").sum().alias("anomalies"),
        )
        .rows()
    )
    told: dict[str, dict[str, object]] = {}
    for store, metric, tested, odd in counts:
        told.setdefault(store, {})[metric] = f"{odd} of {tested}"
    return Computed(table, told)


def _tested_series(daily: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for _, days in daily.group_by("store_id", maintain_order=True):
        for metric, kind in METRICS.items():
            yield _tested(_of_metric(days.sort("metric_on"), metric), kind)


def _of_metric(days: pl.DataFrame, metric: str) -> pl.DataFrame:
    currency = pl.col("currency_code") if metric in MONEY else pl.lit(None, pl.String)
    return days.with_columns(
        pl.lit(metric).alias("metric"),
        currency.alias("currency_code"),
        pl.col(metric).alias("value"),
    ).select(KEPT)


def _tested(series: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    tested = robust_z(series["value"].fill_null(np.nan).to_numpy(), kind)
    far = pl.col("robust_z").abs() > THRESHOLD
    return series.with_columns(
        pl.Series("expected", tested.expected).fill_nan(None),
        pl.Series("robust_z", tested.z).fill_nan(None).clip(-LARGEST_Z, LARGEST_Z),
        pl.lit(THRESHOLD).alias("threshold"),
        pl.Series("baseline_days", tested.baseline_days, pl.Int64),
    ).with_columns(
        far.alias("is_anomaly"),
        pl.when(far & (pl.col("robust_z") > 0))
        .then(pl.lit("high"))
        .when(far)
        .then(pl.lit("low"))
        .alias("direction"),
    )
