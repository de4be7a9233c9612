"""``forecast_sales_daily``: net sales of the next 28 days, of stores and of categories."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ecom_assets.analytics.computed import Computed
from ecom_assets.analytics.forecast_models import LEVELS, NAIVE, Forecast, forecast_series
from ecom_assets.progress import Step, report

Array = NDArray[np.float64]

SEASON = 7
HORIZON = 28
LONGEST_DAYS = 730  # what lies longer back tells little and takes long
LARGEST_CATEGORIES = 40  # of a store, by what they sold in a year
YEAR = timedelta(days=365)
MASE_HELD = 99_999.0  # what the columns hold; more is as bad

COLUMNS = {
    "store_id": pl.String,
    "level": pl.String,
    "category": pl.String,
    "forecast_on": pl.Date,
    "as_of_on": pl.Date,
    "currency_code": pl.String,
    "net_amount": pl.Float64,
    **{f"{side}_{level}_amount": pl.Float64 for level in LEVELS for side in ("lo", "hi")},
    "model": pl.String,
    "backtest_smape": pl.Float64,
    "backtest_mase": pl.Float64,
    "naive_smape": pl.Float64,
    "naive_mase": pl.Float64,
    "backtest_relative": pl.Float64,
    "training_days": pl.Int64,
}


@dataclass(frozen=True)
class Series:
    """A series to forecast: what it is of, and its last days, without gaps, up to as_of_on."""

    store_id: str
    level: str
    category: str
    as_of_on: date
    currency_code: str | None
    values: Array


def compute_forecast(net_sales: pl.DataFrame) -> Computed:
    """Returns the table, and of each store how many series each model forecasts.

    Args:
        net_sales: The rows of ``sql/daily_net_sales.sql``.
    """
    all_series = list(series_of(net_sales))
    found: list[pl.DataFrame] = []
    told: dict[str, dict[str, object]] = {}
    for done, series in enumerate(all_series, 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of models that are tried and not chosen
            made = forecast_series(series.values, SEASON, HORIZON)
        counts = told.setdefault(series.store_id, {})
        name = made.model if made else "too short"
        counts[name] = int(str(counts.get(name, 0))) + 1
        if made:
            found.append(_rows(series, made))
        report(Step("forecast", done, len(all_series), f"{series.store_id} {series.category}"))
    return Computed(pl.concat(found) if found else pl.DataFrame(schema=COLUMNS), told)


def series_of(net_sales: pl.DataFrame) -> Iterator[Series]:
    """Yields the series of each store: its own, then its largest categories by name."""
    for (store,), rows in net_sales.group_by("store_id", maintain_order=True):
        named = largest_categories(rows)
        kept = rows.filter((pl.col("level") == "store") | pl.col("category").is_in(named))
        for (level, category), days in kept.group_by("level", "category", maintain_order=True):
            as_of = days["as_of_on"][0]
            yield Series(
                str(store),
                str(level),
                str(category),
                as_of,
                days["currency_code"][0],
                daily_values(days, as_of),
            )


def largest_categories(rows: pl.DataFrame) -> list[str]:
    """Returns the categories of a store with the most net sales in the last year of its data."""
    lately = (pl.col("level") == "category") & (pl.col("event_on") > pl.col("as_of_on") - YEAR)
    sums = rows.filter(lately).group_by("category").agg(pl.col("net_amount").sum())
    return sums.sort(["net_amount", "category"], descending=[True, False])["category"].to_list()[
        :LARGEST_CATEGORIES
    ]


def daily_values(days: pl.DataFrame, as_of: date) -> Array:
    """Returns net sales of each day from the first with any, 730 days back at most, to the last."""
    told = {on: net for on, net in days.select("event_on", "net_amount").rows() if net}
    if not told:
        return np.zeros(0)
    first = max(min(told), as_of - timedelta(days=LONGEST_DAYS - 1))
    length = (as_of - first).days + 1
    return np.array([told.get(first + timedelta(days=n), 0.0) for n in range(length)])


def _rows(series: Series, made: Forecast) -> pl.DataFrame:
    best, naive = made.scores.get(made.model), made.scores.get(NAIVE)
    errors = {
        "backtest_smape": best and best.smape,
        "backtest_mase": best and best.mase,
        "naive_smape": naive and naive.smape,
        "naive_mase": naive and naive.mase,
        "backtest_relative": best.relative_to(naive) if best and naive else None,
    }
    days = [series.as_of_on + timedelta(days=n) for n in range(1, HORIZON + 1)]
    low_80, high_80 = made.bounds[80]
    low_95, high_95 = made.bounds[95]
    fixed = {
        "store_id": series.store_id,
        "level": series.level,
        "category": series.category,
        "as_of_on": series.as_of_on,
        "currency_code": series.currency_code,
        "model": made.model,
        "training_days": len(series.values),
        **{k: None if v is None else min(v, MASE_HELD) for k, v in errors.items()},
    }
    frame = pl.DataFrame(
        {
            "forecast_on": days,
            "net_amount": made.point,
            "lo_80_amount": low_80,
            "hi_80_amount": high_80,
            "lo_95_amount": low_95,
            "hi_95_amount": high_95,
        }
    )
    return frame.with_columns(
        pl.lit(value, COLUMNS[name]).alias(name) for name, value in fixed.items()
    ).select(*COLUMNS)
