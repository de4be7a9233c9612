"""The ladder of sales from the facts' lines, in whole ten-thousandths, so that sums are exact."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from tests.integration.recomputed.facts import IS_PRODUCT, Facts, Table

STEPS = (
    "gross", "discount", "returns", "shipping", "tax", "fee", "gift_card", "adjustment",
)  # fmt: skip
BESIDE = ("fee", "gift_card", "adjustment")
COINS, RATE = 10_000, 10**8


def coins(column: str) -> pl.Expr:
    """Returns money as whole ten-thousandths."""
    return (pl.col(column) * COINS).cast(pl.Int64)


def in_reports(amount: pl.Expr) -> pl.Expr:
    """Returns coins at the line's rate, rounded half away from zero; null without a rate."""
    exact = amount * pl.col("rate")
    return ((2 * exact.abs() + RATE) // (2 * RATE)) * exact.sign()


def _of_kind(kind: str, amount: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("line_kind") == kind).then(amount).otherwise(0)


def _sold(sales: pl.DataFrame, base: str) -> list[pl.Expr]:
    def money(column: str) -> pl.Expr:
        return in_reports(coins(column)) if base else coins(column)

    gross, cost = money("gross_amount"), money("cost_amount")
    net = coins("net_base_amount") if base else coins("net_amount")
    parts = {
        "gross": _of_kind("product", gross),
        "discount": _of_kind("product", gross - net) - _of_kind("discount", net),
        "returns": pl.lit(0, pl.Int64),
        "shipping": money("shipping_amount") + _of_kind("shipping", net),
        "tax": money("tax_amount"),
        **{kind: _of_kind(kind, net) for kind in BESIDE},
        "cost": pl.when(IS_PRODUCT).then(cost),
        "margin": pl.when(IS_PRODUCT)
        .then(net - cost)
        .when(pl.col("line_kind") == "discount")
        .then(net),
    }
    return [part.alias(name + base) for name, part in parts.items()]


def _given_back(returns: pl.DataFrame, base: str) -> list[pl.Expr]:
    def money(column: str) -> pl.Expr:
        return in_reports(coins(column)) if base else coins(column)

    amount, cost = coins("base_amount") if base else coins("amount"), money("cost_amount")
    no_product = IS_PRODUCT & pl.col("product_id").is_null()
    parts = {
        "gross": pl.lit(0, pl.Int64),
        "discount": _of_kind("discount", amount),
        "returns": _of_kind("product", amount),
        "shipping": -_of_kind("shipping", amount),
        "tax": -money("tax_amount"),
        **{kind: -_of_kind(kind, amount) for kind in BESIDE},
        "cost": pl.when(IS_PRODUCT).then(-cost),
        "margin": pl.when(no_product | (pl.col("line_kind") == "discount"))
        .then(-amount)
        .when(IS_PRODUCT)
        .then(cost - amount),
    }
    return [part.alias(name + base) for name, part in parts.items()]


def lines(facts: Facts) -> pl.DataFrame:
    """Returns every line that was sold or given back with what it adds to each step.

    Days are ``on`` (of the event) and ``of_order_on``; money is in coins, with ``_base`` in the
    reporting currency.
    """
    rate = (pl.col("fx_rate") * RATE).cast(pl.Int64).alias("rate")
    sales, returns = facts.sales.with_columns(rate), facts.returns.with_columns(rate)
    place = ["store_id", "line_kind", "product_id", "product_key", "geography_key"]
    is_free = pl.col("unit_price") == 0
    sold = sales.select(
        *place,
        on="ordered_on",
        hour="ordered_hour",
        of_order_on="ordered_on",
        units=pl.when(IS_PRODUCT & ~is_free).then(coins("quantity")).otherwise(0),
        free_units=pl.when(IS_PRODUCT & is_free).then(coins("quantity")).otherwise(0),
        returned_units=pl.lit(0, pl.Int64),
        is_sold=IS_PRODUCT,
        rated=pl.col("rate").is_not_null(),
    ).hstack(sales.select(*_sold(sales, ""), *_sold(sales, "_base")))
    back = returns.select(
        *place,
        on="refunded_on",
        hour="refunded_hour",
        of_order_on="ordered_on",
        units=pl.lit(0, pl.Int64),
        free_units=pl.lit(0, pl.Int64),
        returned_units=pl.when(IS_PRODUCT).then(coins("quantity")).otherwise(0),
        is_sold=pl.lit(value=False),
        rated=pl.col("rate").is_not_null(),
    ).hstack(returns.select(*_given_back(returns, ""), *_given_back(returns, "_base")))
    return pl.concat([sold, back], how="vertical_relaxed")


def summed(table: pl.DataFrame, by: Sequence[str]) -> Table:
    """Returns the ladder of groups of lines, with units, by the columns of the group."""
    names = [name + base for name in (*STEPS, "cost", "margin") for base in ("", "_base")]
    units = ["units", "free_units", "returned_units"]
    sums = table.group_by(by).agg(
        pl.col(*names, *units).sum(),
        costs=pl.col("cost").count(),
        costs_base=pl.col("cost_base").count(),
        rated=pl.col("rated").any(),
        product_lines=pl.col("is_sold").sum(),
        costed_lines=(pl.col("is_sold") & pl.col("cost").is_not_null()).sum(),
    )
    return {tuple(row[k] for k in by): _group(row) for row in sums.iter_rows(named=True)}


def _group(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: money(row[name]) for name in ("units", "free_units", "returned_units")
    }
    found |= {name: row[name] for name in ("product_lines", "costed_lines")}
    for base in ("", "_base"):
        known = not base or row["rated"]
        of = {name: row[name + base] for name in STEPS}
        of["net"] = of["gross"] - of["discount"] - of["returns"]
        of["total"] = of["net"] + sum(of[name] for name in ("shipping", "tax", *BESIDE))
        for name, value in of.items():
            found[f"{name}{base}_amount"] = money(value) if known else None
        for name in ("cost", "margin"):
            has_cost = row["costs_base" if base else "costs"] > 0
            found[f"{name}{base}_amount"] = money(row[name + base]) if has_cost else None
    return found


def money(value: int) -> Decimal:
    """Returns coins as money."""
    return Decimal(value).scaleb(-4)
