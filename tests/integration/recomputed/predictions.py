"""What is expected of customers, by the formulas of the papers as they are printed there.

The parameters are those that the product fits to histories recomputed from the facts: published
parameters and likelihoods hold the fit (``tests/unit/analytics/test_buy_till_you_die.py``).

Sources: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, the conditional
expectation; the same (2008), Computing P(alive) Using the BG/NBD Model; Fader and Hardie (2013),
The Gamma-Gamma Model of Monetary Value, the conditional expectation as a weighted mean.
"""

from collections import defaultdict
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ecom_assets.analytics.bg_nbd import BgNbd
from ecom_assets.analytics.customer_value import fitted_orders, fitted_spend
from ecom_assets.analytics.gamma_gamma import GammaGamma
from tests.integration.recomputed.customer_value import customers
from tests.integration.recomputed.facts import Facts, Table

Array = NDArray[np.float64]
MOST_TERMS = 20_000
HISTORY = {
    "customer_id": pl.String,
    "frequency": pl.Int64,
    "recency_days": pl.Int64,
    "age_days": pl.Int64,
    "mean_repeat_amount": pl.Float64,
}


def predictions(facts: Facts) -> Table:
    """Returns what kpi_customer_value predicts, by the stores that have models and customer."""
    histories: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (store, customer), row in sorted(customers(facts).items()):
        histories[store].append({"customer_id": customer, **row})
    found: Table = {}
    for store, rows in histories.items():
        told = pl.DataFrame([{name: row[name] for name in HISTORY} for row in rows], HISTORY)
        orders, spend = fitted_orders(told), fitted_spend(told)
        if isinstance(orders, str) or isinstance(spend, str):
            continue
        for row, figures in zip(rows, _figures(orders, spend, told), strict=True):
            found[store, row["customer_id"]] = figures
    return found


def _figures(orders: BgNbd, spend: GammaGamma, told: pl.DataFrame) -> list[dict[str, float]]:
    x, recency, age, mean = (told[name].cast(pl.Float64).to_numpy() for name in [*HISTORY][1:])
    worth = expected_spend(spend, x, np.nan_to_num(mean).clip(0))  # returns may exceed sales
    year = expected_orders(orders, x, recency, age, 365)
    columns = {
        "p_alive": p_alive(orders, x, recency, age),
        "expected_orders_90_days": expected_orders(orders, x, recency, age, 90),
        "expected_orders_365_days": year,
        "expected_order_value_amount": worth,
        "predicted_value_amount": year * worth,
    }
    names = columns.keys()
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def p_alive(m: BgNbd, x: Array, recency: Array, age: Array) -> Array:
    """1 / (1 + a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x)); 1 of who never came back."""
    odds = m.a / (m.b + x - 1) * ((m.alpha + age) / (m.alpha + recency)) ** (m.r + x)
    return np.where(x > 0, 1 / (1 + odds), 1.0)


def expected_orders(m: BgNbd, x: Array, recency: Array, age: Array, days: float) -> Array:
    """E[Y(t) | x, t_x, T], with t the days to come."""
    whole = m.alpha + age + days
    hypergeometric = _gauss(m.r + x, m.b + x, m.a + m.b + x - 1, days / whole)
    bracket = 1 - ((m.alpha + age) / whole) ** (m.r + x) * hypergeometric
    return (m.a + m.b + x - 1) / (m.a - 1) * bracket * p_alive(m, x, recency, age)


def expected_spend(m: GammaGamma, x: Array, mean: Array) -> Array:
    """The mean of all and the customer's own, weighed by how many purchases tell of theirs."""
    of_all = (m.q - 1) / (m.p * x + m.q - 1)
    return of_all * m.p * m.v / (m.q - 1) + (1 - of_all) * mean


def _gauss(a: Array, b: Array, c: Array, z: Array) -> Array:
    """2F1(a, b; c; z) of positive numbers, its series added up until nothing more is added."""
    term, total = np.ones_like(z), np.ones_like(z)
    for n in range(MOST_TERMS):
        term = term * (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        if (term < 1e-17 * total).all():
            return total
        total += term
    raise ArithmeticError(f"the series has not ended after {MOST_TERMS} terms")
