"""Forecasts from the facts: which series there are, what they learn from, seasonal naive itself."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any

import polars as pl

from tests.integration.recomputed import sales
from tests.integration.recomputed.facts import DAY, IS_PRODUCT, Facts, Key, Table

HORIZON, SEASON = 28, 7
Series = dict[date, Decimal]


def days(facts: Facts) -> Table:
    """Returns forecast_sales_daily by store, level, category and day, but for what is fitted."""
    found: Table = {}
    for (store, level, category), series in _kept(facts).items():
        last = facts.last_on[store]
        sold = [on for on, amount in series.items() if amount]
        if not sold:
            continue
        first = max(min(sold), last - timedelta(days=729))
        values = [
            float(series.get(first + n * DAY, Decimal(0))) for n in range((last - first).days + 1)
        ]
        if len(values) >= 2 * SEASON:
            row = {"training_days": len(values)} | _errors(values)
            for ahead in range(1, HORIZON + 1):
                found[store, level, category, last + ahead * DAY] = row
    return found


def _errors(values: Sequence[float]) -> dict[str, Any]:
    """The errors of seasonal naive over the last two windows, or the last one."""
    windows = min(2, (len(values) - HORIZON) // HORIZON)
    if windows < 1 or len(set(values)) == 1:
        return {"naive_smape": None, "naive_mase": None}
    smape: list[float] = []
    mase: list[float | None] = []
    for back in range(windows, 0, -1):
        split = len(values) - back * HORIZON
        past, came = values[:split], values[split : split + HORIZON]
        foreseen = [past[split - SEASON + n % SEASON] for n in range(HORIZON)]
        both = list(zip(came, foreseen, strict=True))
        smape.append(fmean(200 * abs(y - f) / (abs(y) + abs(f)) if y or f else 0 for y, f in both))
        scale = fmean(abs(past[n] - past[n - SEASON]) for n in range(SEASON, split))
        mase.append(fmean(abs(y - f) for y, f in both) / scale if scale else None)
    known = [value for value in mase if value is not None]
    return {
        "naive_smape": fmean(smape),
        "naive_mase": min(fmean(known), 99_999.0) if len(known) == windows else None,
    }


def _kept(facts: Facts) -> dict[Key, Series]:
    """Each store's series, and those of the 40 categories that sold most in a year."""
    found: dict[Key, Series] = defaultdict(dict)
    for (store, on), row in sales.days(facts).items():
        if facts.first_on[store] <= on <= facts.last_on[store]:
            found[store, "store", "all"][on] = row["net_amount"]
    of_store: dict[str, list[tuple[Decimal, str, Series]]] = defaultdict(list)
    for (store, category), series in _categories(facts).items():
        year = facts.last_on[store] - timedelta(days=365)
        lately = [amount for on, amount in series.items() if on > year]
        if lately:
            of_store[store].append((sum(lately, Decimal(0)), category, series))
    for store, told in of_store.items():
        for _, category, series in sorted(told, key=lambda t: (-t[0], t[1]))[:40]:
            found[store, "category", category] = series
    return found


def _categories(facts: Facts) -> dict[tuple[str, str], Series]:
    known = facts.products.select("product_key", "category")
    found: dict[tuple[str, str], Series] = defaultdict(lambda: defaultdict(Decimal))
    for rows, on, money, sign in (
        (facts.sales, "ordered_on", "net_amount", 1),
        (facts.returns, "refunded_on", "amount", -1),
    ):
        told = rows.filter(IS_PRODUCT).join(known, on="product_key", how="left")
        told = told.with_columns(pl.col("category").fill_null("unknown"))
        for store, category, day, amount in told.select(
            "store_id", "category", on, money
        ).iter_rows():
            if facts.first_on[store] <= day <= facts.last_on[store]:
                found[store, category][day] += sign * amount
    return found
