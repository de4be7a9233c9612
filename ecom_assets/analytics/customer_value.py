"""``kpi_customer_value``: what customers have brought in and what is expected of them.

Each store has models of its own. A hold-out shows what its predictions are worth: a model of the
days before it is asked for the orders in it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from ecom_assets.analytics import bg_nbd, gamma_gamma
from ecom_assets.analytics.bg_nbd import BgNbd, Histories
from ecom_assets.analytics.computed import Computed
from ecom_assets.analytics.gamma_gamma import GammaGamma

# Four parameters of how often customers come back, three of what they spend.
LEAST_CUSTOMERS = 100
LEAST_REPEATERS = 30
LONGEST_HOLDOUT_DAYS = 180

TOO_FEW = f"fewer than {LEAST_CUSTOMERS} customers, or than {LEAST_REPEATERS} who came back"
NO_TOP = "the orders fit no BG/NBD model"
NO_SPEND = "what customers spend fits no Gamma-Gamma model"

PREDICTIONS = {
    "p_alive": pl.Float64,
    "expected_orders_90_days": pl.Float64,
    "expected_orders_365_days": pl.Float64,
    "expected_order_value_amount": pl.Float64,
    "predicted_value_amount": pl.Float64,
    "prediction_note": pl.String,
}
HOLDOUT = {
    "holdout_from_on": pl.Date,
    "holdout_orders": pl.Int64,
    "holdout_expected_orders": pl.Float64,
}


@dataclass(frozen=True)
class Holdout:
    """What a model of the days before a day expected from it on, and what came.

    Attributes:
        from_on: The first day held out.
        rows: ``customer_id``, ``holdout_orders``, ``holdout_expected_orders``.
    """

    from_on: date
    rows: pl.DataFrame


def compute_customer_value(customers: pl.DataFrame, order_days: pl.DataFrame) -> Computed:
    """Returns the table, and of each store the models and the hold-out.

    Args:
        customers: The rows of ``sql/customers.sql``.
        order_days: Those of ``sql/customer_order_days.sql``.
    """
    found: list[pl.DataFrame] = []
    told: dict[str, dict[str, object]] = {}
    for (store,), of_store in customers.group_by("store_id", maintain_order=True):
        as_of = of_store["as_of_on"][0]
        days = order_days.filter(pl.col("store_id") == store)
        rows = of_store.join(histories_to(days, as_of), on="customer_id", how="left")
        predicted, models = _predicted(rows)
        held = holdout(days, as_of)
        found.append(_with_holdout(predicted, held))
        told[str(store)] = {"customers": rows.height, **models, **_told(held)}
    if not found:
        return Computed(_with_holdout(_without(_no_histories(customers), ""), None), told)
    return Computed(pl.concat(found), told)


def histories_to(order_days: pl.DataFrame, last: date) -> pl.DataFrame:
    """Returns each customer's history up to a day, as BG/NBD and Gamma-Gamma want it.

    Args:
        order_days: ``customer_id``, ``ordered_on`` and ``net_amount``; a row per day with an order.
        last: The last day that is looked at.

    Returns:
        ``customer_id``, ``frequency``, ``recency_days``, ``age_days``, ``mean_repeat_amount``.
    """
    first = pl.col("ordered_on").min()
    repeats = pl.col("ordered_on") > first
    return (
        order_days.filter(pl.col("ordered_on") <= last)
        .sort("customer_id", "ordered_on")  # a sum of doubles depends on their order
        .group_by("customer_id", maintain_order=True)
        .agg(
            repeats.sum().cast(pl.Int64).alias("frequency"),
            (pl.col("ordered_on").max() - first).dt.total_days().alias("recency_days"),
            (pl.lit(last) - first).dt.total_days().alias("age_days"),
            pl.col("net_amount")
            .filter(repeats)
            .cast(pl.Float64)
            .mean()
            .alias("mean_repeat_amount"),
        )
    )


def grouped(histories: pl.DataFrame) -> Histories:
    """Returns histories with customers of the same one counted together."""
    cells = (
        histories.group_by("frequency", "recency_days", "age_days")
        .len("customers")
        .sort("frequency", "recency_days", "age_days")
    )
    columns = ("frequency", "recency_days", "age_days", "customers")
    return Histories(*(cells[name].cast(pl.Float64).to_numpy() for name in columns))


def fitted_orders(histories: pl.DataFrame) -> BgNbd | str:
    """Returns the store's model of how often customers come back, or why there is none."""
    repeaters = histories.filter(pl.col("frequency") > 0).height
    if histories.height < LEAST_CUSTOMERS or repeaters < LEAST_REPEATERS:
        return TOO_FEW
    model = bg_nbd.fit(grouped(histories))
    return model if model.converged else NO_TOP


def fitted_spend(histories: pl.DataFrame) -> GammaGamma | str:
    """Returns the store's model of what customers spend, or why there is none.

    A customer whose repeat orders came to nothing or less, after returns, tells it nothing.
    """
    spenders = histories.filter((pl.col("frequency") > 0) & (pl.col("mean_repeat_amount") > 0))
    if spenders.height < LEAST_REPEATERS:
        return NO_SPEND
    frequency, spend = (
        spenders[name].cast(pl.Float64).to_numpy() for name in ("frequency", "mean_repeat_amount")
    )
    model = gamma_gamma.fit(frequency, spend)
    return model if model.converged else NO_SPEND


def holdout(order_days: pl.DataFrame, as_of: date) -> Holdout | None:
    """Compares what a model of the days before the hold-out expects of it with what came."""
    if order_days.is_empty():
        return None
    days = (as_of - order_days["ordered_on"].min()).days + 1  # type: ignore[operator]
    length = min(LONGEST_HOLDOUT_DAYS, days // 3)
    from_on = as_of - timedelta(days=length - 1)
    before = histories_to(order_days, from_on - timedelta(days=1))
    model = fitted_orders(before)
    if length < 1 or isinstance(model, str):
        return None
    came = (
        order_days.filter(pl.col("ordered_on").is_between(from_on, as_of))
        .group_by("customer_id")
        .len("holdout_orders")
    )
    expected = model.expected_purchases(_each(before), length)
    rows = before.select("customer_id").with_columns(pl.Series("holdout_expected_orders", expected))
    rows = rows.join(came, on="customer_id", how="left").with_columns(
        pl.col("holdout_orders").fill_null(0).cast(pl.Int64)
    )
    return Holdout(from_on, rows)


def _predicted(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, object]]:
    orders = fitted_orders(rows)
    if isinstance(orders, str):
        return _without(rows, orders), {"no prediction": orders}
    spend = fitted_spend(rows)
    if isinstance(spend, str):
        return _without(rows, spend), {"no prediction": spend}
    each = _each(rows)
    mean = rows["mean_repeat_amount"].cast(pl.Float64).fill_null(0).clip(0).to_numpy()
    value = spend.expected_spend(each.frequency, mean)
    year = orders.expected_purchases(each, 365)
    added = {
        "p_alive": orders.p_alive(each),
        "expected_orders_90_days": orders.expected_purchases(each, 90),
        "expected_orders_365_days": year,
        "expected_order_value_amount": value,
        "predicted_value_amount": year * value,
    }
    named = rows.with_columns(
        *(pl.Series(name, values) for name, values in added.items()),
        pl.lit(None, pl.String).alias("prediction_note"),
    )
    return named, {"bg_nbd": _shown(orders), "gamma_gamma": _shown(spend)}


def _shown(model: BgNbd | GammaGamma) -> dict[str, float]:
    return {name: round(value, 4) for name, value in vars(model).items() if name != "converged"}


def _each(rows: pl.DataFrame) -> Histories:
    columns = ("frequency", "recency_days", "age_days")
    frequency, recency, age = (rows[name].cast(pl.Float64).to_numpy() for name in columns)
    return Histories(frequency, recency, age, np.ones(rows.height))


def _without(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    kept = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in PREDICTIONS.items())
    return kept.with_columns(pl.lit(reason).alias("prediction_note"))


def _no_histories(customers: pl.DataFrame) -> pl.DataFrame:
    days = ("frequency", "recency_days", "age_days")
    return customers.with_columns(
        *(pl.lit(None, pl.Int64).alias(name) for name in days),
        pl.lit(None, pl.Float64).alias("mean_repeat_amount"),
    )


def _with_holdout(rows: pl.DataFrame, held: Holdout | None) -> pl.DataFrame:
    if held is None:
        return rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in HOLDOUT.items())
    joined = rows.join(held.rows, on="customer_id", how="left")
    from_on = pl.when(pl.col("holdout_orders").is_not_null()).then(pl.lit(held.from_on))
    return joined.with_columns(from_on.alias("holdout_from_on")).select(*rows.columns, *HOLDOUT)


def _told(held: Holdout | None) -> dict[str, object]:
    if held is None:
        return {}
    came, expected = (
        held.rows[name].sum() for name in ("holdout_orders", "holdout_expected_orders")
    )
    return {
        "holdout_from_on": str(held.from_on),
        "holdout_orders": came,
        "holdout_expected_orders": round(float(expected), 1),
    }
