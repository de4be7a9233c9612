"""What recomputations start from and share: the facts, months, counting orders, exact ratios.

Everything in this folder is written from the metric dictionary and not from the SQL. Tables come as
rows by their grain with the columns of the published ones; money stays exact, ratios are of whole
numbers, rounded as the published ones are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

Key = tuple[Any, ...]
Rows = Mapping[Key, dict[str, Any]]
Table = dict[Key, dict[str, Any]]

GROUP = ["store_id", "month"]
IS_PRICED = (pl.col("quantity") > 0) & (pl.col("unit_price") > 0)
IS_PRODUCT = pl.col("line_kind") == "product"
DAY = timedelta(1)
FOURTH = Decimal("0.0001")


@dataclass(frozen=True)
class Facts:
    """What the recomputation starts from; facts of tests are left out."""

    orders: pl.DataFrame
    sales: pl.DataFrame
    returns: pl.DataFrame
    products: pl.DataFrame
    geography: pl.DataFrame
    payments: pl.DataFrame
    fraud_signals: pl.DataFrame
    methods: pl.DataFrame
    shipments: pl.DataFrame
    sessions: pl.DataFrame
    spend: pl.DataFrame
    movements: pl.DataFrame
    counts: pl.DataFrame
    deliveries: pl.DataFrame
    zones: Mapping[str, ZoneInfo]
    first_on: Mapping[str, date]
    last_on: Mapping[str, date]

    def month_ends(self, store: str) -> Iterator[tuple[date, date, bool]]:
        """Yields the months of a store's data: first day, day as of which, whether finished."""
        first = self.first_on[store].replace(day=1)
        while first <= self.last_on[store]:
            end = next_month(first) - DAY
            yield first, min(end, self.last_on[store]), end <= self.last_on[store]
            first = next_month(first)

    def evening(self, store: str, day: date) -> datetime:
        """Returns the instant, UTC, at which a store's day is over."""
        midnight = datetime.combine(day + DAY, time(), self.zones[store])
        return midnight.astimezone(UTC).replace(tzinfo=None)


def read_facts(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    deliveries: str = "staging.raw.deliveries",
    orders: str = "staging.main.stg_orders",
) -> Facts:
    """Returns the facts of the database that is in use, by way of Parquet files in a folder."""

    def table(name: str, what: str = "*", where: str = "true") -> pl.DataFrame:
        target = folder / f"{len(list(folder.iterdir()))}.parquet"
        connection.execute(
            f"copy (select {what} from {name} where {where}) to '{target}' (format parquet)"
        )
        return pl.read_parquet(target)

    horizon = table("store_horizon", where="last_on is not null")
    zones = table("dim_stores", "store_id, timezone", "timezone is not null")
    return Facts(
        orders=table(orders, "store_id, order_id, ordered_on", "not is_test and not is_adjustment"),
        sales=table("fact_sales", where="not is_test"),
        returns=table("fact_returns", where="not is_test"),
        products=table("dim_products"),
        geography=table("dim_geography", "geography_key, country_name"),
        payments=table("fact_payments", where="not is_test"),
        fraud_signals=table("fact_fraud_signals"),
        methods=table("dim_payment_methods", "payment_method_key, method_code"),
        shipments=table("fact_shipments", where="not is_test"),
        sessions=table("fact_sessions"),
        spend=table("fact_campaign_daily"),
        movements=table("fact_inventory_movements"),
        counts=table(
            "fact_inventory_daily",
            "store_id, product_id, warehouse_key, stock_on, counted_quantity, fx_rate",
        ),
        deliveries=table(deliveries),
        zones={store: ZoneInfo(zone) for store, zone in zones.iter_rows()},
        first_on=dict(horizon.select("store_id", "first_on").iter_rows()),
        last_on=dict(horizon.select("store_id", "last_on").iter_rows()),
    )


def published(connection: duckdb.DuckDBPyConnection, table: str, *grain: str) -> Rows:
    """Returns the rows of a table by their grain."""
    answer = connection.execute(f"select * from {table}")
    names = [column[0] for column in answer.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {tuple(row.pop(name) for name in grain): row for row in rows}


def ratio(above: Any, below: Any, decimals: int = 6) -> Decimal | None:
    """Returns a quotient rounded half away from zero, None without a denominator."""
    if above is None or not below:
        return None
    (a, b), (c, d) = above.as_integer_ratio(), below.as_integer_ratio()
    whole, parts = a * d * 10**decimals, b * c
    size = (2 * abs(whole) + abs(parts)) // (2 * abs(parts))
    return Decimal(size if (whole >= 0) == (parts > 0) else -size).scaleb(-decimals)


def converted(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """Returns money at a rate, rounded half away from zero to four decimals."""
    if amount is None or rate is None:
        return None
    return (amount * rate).quantize(FOURTH, ROUND_HALF_UP)


def known_sum(values: Any) -> Decimal | None:
    """Returns the sum of what is known, None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def next_month(first: date) -> date:
    """Returns the first day of the month after."""
    return (first + timedelta(31)).replace(day=1)


def month(day: str) -> pl.Expr:
    """Returns the first day of a day's month."""
    return pl.col(day).dt.truncate("1mo").alias("month")


def counting_orders(sales: pl.DataFrame) -> pl.DataFrame:
    """Returns the orders that count: ids, customer, ordered_at, ordered_on, hour and place.

    Documents that adjust, such as for bad debt, are known by the A that their numbers begin with.
    """
    is_document = pl.col("order_id").str.starts_with("A")
    return (
        sales.filter(IS_PRICED & pl.col("is_valid") & ~is_document)
        .select(
            "store_id",
            "order_id",
            "customer_id",
            "ordered_at",
            "ordered_on",
            "ordered_hour",
            "geography_key",
        )
        .unique()
    )
