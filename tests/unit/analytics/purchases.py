"""Simulated customers whose purchases follow BG/NBD and Gamma-Gamma, for tests."""

from datetime import date, timedelta

import numpy as np
import polars as pl

START = date(2025, 1, 1)


def simulated_order_days(customers: int, days: int, seed: int, store: str = "shop") -> pl.DataFrame:
    """Returns order days of customers who came in the first four fifths of so many days."""
    chance = np.random.default_rng(seed)
    rows: list[tuple[str, str, date, float]] = []
    for number in range(customers):
        rate, leaves = chance.gamma(0.8, 1 / 60), chance.beta(0.9, 3)
        mean = 6.0 * 40 / chance.gamma(4, 1)
        day, bought, seen = float(chance.integers(0, days * 4 // 5)), 0, set[int]()
        while day < days:
            if int(day) not in seen:
                spent = round(chance.gamma(6.0, mean / 6.0), 2)
                rows.append((store, f"c{number:05}", START + timedelta(days=int(day)), spent))
                seen.add(int(day))
            bought += 1
            if bought > 1 and chance.random() < leaves:  # nobody leaves before they came back
                break
            day += chance.exponential(1 / rate)
    names = ("store_id", "customer_id", "ordered_on", "net_amount")
    frame = pl.DataFrame(rows, schema=names, orient="row").sort("customer_id", "ordered_on")
    return frame.with_columns(pl.col("net_amount").cast(pl.Decimal(38, 4)))


def customers_of(order_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Returns the rows of ``sql/customers.sql`` for such order days, each of one order."""
    on = pl.col("ordered_on")
    return order_days.group_by("store_id", "customer_id", maintain_order=True).agg(
        pl.lit(as_of).alias("as_of_on"),
        pl.lit("EUR").alias("currency_code"),
        on.min().dt.month_start().alias("cohort_month"),
        pl.lit("web").alias("acquisition_channel"),
        on.min().alias("first_ordered_on"),
        on.max().alias("last_ordered_on"),
        on.len().cast(pl.Int64).alias("orders"),
        pl.col("net_amount").sum().alias("observed_net_amount"),
        pl.lit(None, pl.Decimal(38, 4)).alias("observed_margin_amount"),
    )
