"""What the recomputed answers start from: the published facts, and what they share."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from tests.integration.recomputed.facts import counting_orders, ratio

Answer = dict[tuple[Any, ...], dict[str, Any]]

IS_GOODS = pl.col("line_kind").is_in(["product", "discount"])
ORDER = ["store_id", "order_id"]
CUSTOMER = ["store_id", "customer_id"]
ZERO = Decimal(0)


class Facts:
    """The published facts without tests, and the counting orders."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: str) -> None:
        self._connection, self._folder = connection, folder
        self.sales = self.table("fact_sales").filter(~pl.col("is_test"))
        self.returns = self.table("fact_returns").filter(~pl.col("is_test"))
        self.orders = counting_orders(self.sales)
        self.horizon = {row["store_id"]: row for row in self.table("store_horizon").to_dicts()}
        stores = self.table("dim_stores").to_dicts()
        self.zones = {s["store_id"]: s["timezone"] for s in stores}

    def table(self, name: str) -> pl.DataFrame:
        target = f"{self._folder}/{name}.parquet"
        self._connection.execute(f"copy {name} to '{target}' (format parquet)")
        return pl.read_parquet(target)

    def brought_in(self) -> dict[tuple[str, str | None], Decimal]:
        """Returns the net sales of each customer, and of nobody, by store and customer."""
        sums: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
        for frame, column, sign in ((self.sales, "net_amount", 1), (self.returns, "amount", -1)):
            for store, customer, amount in totals(frame.filter(IS_GOODS), CUSTOMER, column):
                sums[store, customer] += sign * amount
        return sums

    def histories(self) -> dict[tuple[str, str], list[tuple[Any, str, date]]]:
        """Returns the counting orders of each known customer in their order."""
        found: dict[tuple[str, str], list[tuple[Any, str, date]]] = defaultdict(list)
        for row in self.orders.filter(pl.col("customer_id").is_not_null()).iter_rows(named=True):
            key = row["store_id"], row["customer_id"]
            found[key].append((row["ordered_at"], row["order_id"], row["ordered_on"]))
        return {key: sorted(orders) for key, orders in found.items()}


def totals(frame: pl.DataFrame, key: list[str], column: str) -> Iterable[tuple[Any, ...]]:
    return frame.group_by(key).agg(pl.col(column).sum()).iter_rows()


def shares(amounts: dict[tuple[Any, ...], Decimal], of: int = 1) -> Answer:
    """Returns the share of each amount in those with the same beginning of their keys."""
    whole: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for key, amount in amounts.items():
        whole[key[:of]] += amount
    return {key: ratio(amount, whole[key[:of]]) for key, amount in amounts.items()}  # type: ignore[misc]
