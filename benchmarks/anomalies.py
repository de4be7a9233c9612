"""Anomalies put into simulated days: how many are found, and how many days cry without cause.

Each shop has a week, a year's season, a trend and random orders of its own. Run it with
``uv run python -m benchmarks.anomalies``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecom_assets.analytics.anomalies import THRESHOLD
from ecom_assets.analytics.robust_z import DAYS, robust_z

LENGTH = 500  # days
EACH = 8  # days of a shop that are changed
SEEDS = range(40)


@dataclass(frozen=True)
class Shop:
    """Shops of a kind: their mean orders a day, and how much these vary beyond chance."""

    name: str
    orders: float
    overdispersion: float


@dataclass(frozen=True)
class Found:
    """What came of it: the share of changed days that are anomalies, and of the others."""

    recall: float
    false_alarms: float


SHOPS = (
    Shop("small", 20, 0.02),
    Shop("middle", 100, 0.01),
    Shop("large", 500, 0.01),
    Shop("large and restless", 500, 0.05),
)
FACTORS = (0.2, 0.4, 0.6, 1.7, 2.5, 4.0)


def orders_by_day(shop: Shop, seed: int) -> NDArray[np.float64]:
    """Returns the orders of each day of a shop."""
    chance = np.random.default_rng(seed)
    day = np.arange(LENGTH)
    week = chance.permutation([0.6, 0.8, 0.9, 1.0, 1.0, 1.2, 1.5])[day % 7]
    season = 1 + 0.25 * np.sin(2 * np.pi * (day / 365 + chance.random()))
    mean = shop.orders * week * season * np.exp(chance.uniform(-0.4, 0.8) * day / 365)
    shape = 1 / shop.overdispersion
    return chance.negative_binomial(shape, shape / (shape + mean)).astype(float)


def found(shop: Shop, factor: float, seeds: Sequence[int] = SEEDS) -> Found:
    """Returns what is found where some days of each shop have so many times their orders."""
    hits = alarms = changed = others = 0
    for seed in seeds:
        orders = orders_by_day(shop, seed)
        days = np.random.default_rng([seed, 1]).choice(np.arange(DAYS, LENGTH), EACH, replace=False)
        orders[days] = np.round(orders[days] * factor)
        z = robust_z(orders, "count").z
        is_changed = np.isin(np.arange(LENGTH), days)
        is_odd, is_tested = np.abs(z) > THRESHOLD, ~np.isnan(z)
        hits += int((is_odd & is_changed).sum())
        changed += EACH
        alarms += int((is_odd & ~is_changed).sum())
        others += int((is_tested & ~is_changed).sum())
    return Found(hits / changed, alarms / others)


def main() -> None:
    """Prints recall and false alarms of every kind of shop and change."""
    print(f"threshold {THRESHOLD}, {len(SEEDS)} shops of {LENGTH} days each, {EACH} days changed")
    print(f"{'shop':<20}{'orders a day':>13}{'changed by':>12}{'recall':>9}{'false alarms':>14}")
    for shop in SHOPS:
        for factor in FACTORS:
            result = found(shop, factor)
            print(
                f"{shop.name:<20}{shop.orders:>13.0f}{f'x {factor}':>12}{result.recall:>8.0%} "
                f"{result.false_alarms:>12.2%}"
            )


if __name__ == "__main__":
    main()
