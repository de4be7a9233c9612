"""The forecast: its backtest and choice by plain loops, its limits, and M4."""

import math
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from statsforecast.models import AutoETS, DynamicOptimizedTheta, SeasonalNaive

from benchmarks.forecast_m4 import FREQUENCIES, PUBLISHED, means, measured, series_of
from ecom_assets.analytics.forecast import (
    COLUMNS,
    LARGEST_CATEGORIES,
    compute_forecast,
    daily_values,
)
from ecom_assets.analytics.forecast import (
    series_of as series_of_stores,
)
from ecom_assets.analytics.forecast_models import NAIVE, forecast_series, score
from ecom_assets.analytics.tables import analytics_tables

START = date(2025, 1, 1)
WEEK = np.array([0.6, 0.8, 0.9, 1.0, 1.0, 1.2, 1.5])


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Models that are tried and not chosen warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def sales(days: int, seed: int, trend: float = 0.0) -> np.ndarray:
    """Net sales of a shop with a week, a trend and chance."""
    chance = np.random.default_rng(seed)
    day = np.arange(days)
    return 1000 * WEEK[day % 7] * np.exp(trend * day) * chance.gamma(30, 1 / 30, days)


def net_sales(**values: np.ndarray) -> pl.DataFrame:
    """The rows of ``sql/daily_net_sales.sql``: the store's own and those of categories."""
    length = max(len(series) for series in values.values())
    frames = [
        pl.DataFrame(
            {
                "store_id": "shop",
                "as_of_on": START + timedelta(days=length - 1),
                "currency_code": "EUR",
                "level": "store" if name == "all" else "category",
                "category": name,
                "event_on": [
                    START + timedelta(days=length - len(series) + n) for n in range(len(series))
                ],
                "net_amount": series,
            }
        )
        for name, series in values.items()
    ]
    return pl.concat(frames)


def smape_by_a_loop(came: np.ndarray, foreseen: np.ndarray) -> float:
    parts = [
        200 * abs(y - f) / (abs(y) + abs(f)) if y or f else 0.0
        for y, f in zip(came, foreseen, strict=True)
    ]
    return sum(parts) / len(parts)


@pytest.mark.parametrize(("seed", "trend"), [(1, 0.0), (2, 0.004), (3, -0.003)])
def test_the_choice_is_what_a_loop_over_windows_finds(seed: int, trend: float) -> None:
    values = sales(200, seed, trend)
    made = forecast_series(values, 7, 28)
    assert made
    models = {
        NAIVE: SeasonalNaive(7),
        "ets": AutoETS(7, model="AZA"),
        "theta": DynamicOptimizedTheta(7),
    }
    relative: dict[str, float] = {}
    errors: dict[str, tuple[float, float]] = {}
    for name, model in models.items():
        smape = mae = 0.0
        for split in (200 - 56, 200 - 28):
            foreseen = model.forecast(y=values[:split], h=28)["mean"]
            came = values[split : split + 28]
            smape += smape_by_a_loop(came, foreseen) / 2
            mae += sum(abs(came - foreseen)) / 28 / 2
        errors[name] = (smape, mae)
        assert made.scores[name].smape == pytest.approx(smape)
        assert made.scores[name].error == pytest.approx(mae)
    for name, (smape, mae) in errors.items():
        relative[name] = (smape / errors[NAIVE][0] + mae / errors[NAIVE][1]) / 2
    best = min(relative, key=lambda name: relative[name])
    assert made.model == (best if relative[best] < 0.95 else NAIVE)
    assert made.point == pytest.approx(models[made.model].forecast(y=values, h=28)["mean"])


def test_mase_is_by_the_error_of_seasonal_naive_within_the_past() -> None:
    past = np.array([1.0, 5, 2, 7, 4, 6])
    found = score(past, np.array([3.0, 0.0]), np.array([5.0, 0.0]), season=2)
    inside = (abs(2 - 1) + abs(7 - 5) + abs(4 - 2) + abs(6 - 7)) / 4
    assert found.mase == pytest.approx(1.0 / inside)
    assert found.smape == pytest.approx((200 * 2 / 8 + 0) / 2)


def test_intervals_hold_the_forecast_and_about_as_many_days_as_they_say() -> None:
    """Levels that are swapped, or others than those of the columns' names, fail: of 336 days."""
    shops = {f"c{seed:02}": sales(400, seed) for seed in range(12)}
    known = {name: values[:-28] for name, values in shops.items()}
    table = compute_forecast(net_sales(**known)).frame.sort("category", "forecast_on")
    low_95, low_80, point, high_80, high_95 = (
        table[name].to_numpy().astype(float)
        for name in (
            "lo_95_amount", "lo_80_amount", "net_amount", "hi_80_amount", "hi_95_amount",
        )
    )  # fmt: skip
    for lower, upper in pairwise((low_95, low_80, point, high_80, high_95)):
        assert (lower < upper).all()
    came = np.concatenate([values[-28:] for values in shops.values()])
    assert 0.75 <= ((came >= low_80) & (came <= high_80)).mean() <= 0.87
    assert 0.9 <= ((came >= low_95) & (came <= high_95)).mean() <= 0.98


def test_the_same_past_gives_the_same_forecast() -> None:
    for seed in range(3):
        first, second = (forecast_series(sales(150, seed, 0.01), 7, 28) for _ in range(2))
        assert first
        assert second
        assert (first.point == second.point).all()
        for level in first.bounds:
            assert (np.array(first.bounds[level]) == np.array(second.bounds[level])).all()


def test_a_short_series_is_repeated_and_one_of_less_than_two_weeks_is_not_forecast() -> None:
    assert forecast_series(sales(13, 1), 7, 28) is None
    values = sales(40, 1)
    made = forecast_series(values, 7, 28)
    assert made
    assert (made.model, made.scores) == (NAIVE, {})
    assert made.point == pytest.approx(np.tile(values[-7:], 4))


def test_a_constant_series_stays_what_it_is() -> None:
    made = forecast_series(np.full(120, 7.0), 7, 28)
    assert made
    assert (made.model, made.scores) == (NAIVE, {})
    assert set(made.point) == {7.0}
    assert set(made.bounds[95][1]) == {7.0}


@pytest.mark.parametrize(
    "values",
    [
        np.where(np.arange(120) == 3, 5.0, 0.0),
        np.where(np.arange(120) % 40 == 0, -1e9, 1e-4),
        np.cumprod(np.full(120, 1.2)),
        -sales(120, 3),
    ],
    ids=["one sale", "huge refunds", "explosion", "only refunds"],
)
def test_odd_series_have_finite_forecasts(values: np.ndarray) -> None:
    made = forecast_series(values, 7, 28)
    assert made
    for numbers in (made.point, *made.bounds[80], *made.bounds[95]):
        assert np.isfinite(numbers).all()
        assert len(numbers) == 28


def test_days_without_sales_are_days_of_nothing_from_the_first_sale_on() -> None:
    days = pl.DataFrame(
        {
            "event_on": [START, START + timedelta(days=2), START + timedelta(days=5)],
            "net_amount": [0.0, 5.0, -1.0],
        }
    )
    assert list(daily_values(days, START + timedelta(days=6))) == [5.0, 0.0, 0.0, -1.0, 0.0]


def test_the_table_has_28_days_of_each_series_and_tells_of_short_ones() -> None:
    computed = compute_forecast(
        net_sales(all=sales(120, 1), toys=sales(120, 2), late=sales(5, 3), all_=sales(50, 4))
    )
    table = computed.frame
    assert set(table.columns) == set(analytics_tables()["forecast_sales_daily"].types)
    counts = table.group_by("level", "category").len().sort("level", "category").rows()
    assert counts == [("category", "all_", 28), ("category", "toys", 28), ("store", "all", 28)]
    assert table["forecast_on"].min() == START + timedelta(days=120)
    assert computed.told["shop"]["too short"] == 1
    short = table.filter(pl.col("category") == "all_")
    assert short["training_days"].unique().to_list() == [50]
    assert short["backtest_relative"].null_count() == 28


def test_of_very_many_categories_the_largest_are_forecast() -> None:
    many = {f"c{n:02}": np.full(20, float(n)) for n in range(LARGEST_CATEGORIES + 5)}
    found = {s.category for s in series_of_stores(net_sales(all=np.ones(20), **many))}
    assert found == {"all", *(f"c{n:02}" for n in range(5, LARGEST_CATEGORIES + 5))}


def test_a_category_called_all_is_not_the_store() -> None:
    rows = net_sales(all=sales(60, 1))
    both = pl.concat([rows, rows.with_columns(pl.lit("category").alias("level"))])
    table = compute_forecast(both).frame
    assert table.select("level", "category", "forecast_on").n_unique() == 56


def test_no_sales_are_an_empty_table() -> None:
    table = compute_forecast(net_sales(all=np.zeros(30)).clear()).frame
    assert (table.height, set(table.columns)) == (0, set(COLUMNS))
    assert compute_forecast(net_sales(all=np.zeros(30))).frame.height == 0


@pytest.mark.external_data
@pytest.mark.deep
@pytest.mark.parametrize("frequency", FREQUENCIES, ids=lambda f: f.name)
def test_the_choice_beats_seasonal_naive_on_every_tenth_series_of_m4(
    test_data: Path, frequency: object
) -> None:
    assert frequency in FREQUENCIES
    result = measured(test_data / "m4", frequency, every=10)  # type: ignore[arg-type]
    for ours, naive in zip(means(result.ours), means(result.naive), strict=True):
        assert ours < naive


@pytest.mark.external_data
@pytest.mark.parametrize("frequency", FREQUENCIES, ids=lambda f: f.name)
def test_seasonal_naive_has_the_published_errors_on_m4(test_data: Path, frequency: object) -> None:
    assert frequency in FREQUENCIES
    season, horizon = frequency.season, frequency.horizon  # type: ignore[attr-defined]
    scores = [
        score(past, came, np.tile(past[-season:], math.ceil(horizon / season))[:horizon], season)
        for past, came in series_of(test_data / "m4", frequency)  # type: ignore[arg-type]
    ]
    assert means(scores) == pytest.approx(PUBLISHED[frequency.name], abs=5e-4)  # type: ignore[attr-defined]
