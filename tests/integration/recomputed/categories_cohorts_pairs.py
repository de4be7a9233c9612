"""Categories, cohort values and basket pairs from the facts."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from tests.integration.recomputed.facts import (
    GROUP,
    IS_PRICED,
    IS_PRODUCT,
    Facts,
    counting_orders,
    month,
    ratio,
)

LEAST_ORDERS = 5
AGES = range(30, 361, 30)


def categories(facts: Facts) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Returns kpi_category_performance without its currency, by store, month and category."""
    category = facts.products.select("product_key", pl.col("category").fill_null("unknown"))
    key = [*GROUP, "category"]
    sold = facts.sales.filter(IS_PRODUCT).join(category, on="product_key", how="left")
    sold = sold.with_columns(month("ordered_on"), pl.col("category").fill_null("unknown"))
    back = facts.returns.filter(IS_PRODUCT).join(category, on="product_key", how="left")
    back = back.with_columns(month("refunded_on"), pl.col("category").fill_null("unknown"))
    priced = sold.filter(pl.col("unit_price") > 0)
    baskets = sold.filter(IS_PRICED).join(
        counting_orders(facts.sales), on=["store_id", "order_id"], how="semi"
    )
    parts = [
        sold.group_by(key).agg(
            gross=pl.col("gross_amount").sum(),
            discount=pl.col("discount_amount").sum(),
            net_base=pl.col("net_base_amount").sum(),
            cost=pl.col("cost_amount").sum(),
            costs=pl.col("cost_amount").count(),
            margin=(pl.col("net_amount") - pl.col("cost_amount")).sum(),
            free=pl.col("quantity").filter(pl.col("unit_price") == 0).sum(),
        ),
        priced.group_by(key).agg(units=pl.col("quantity").sum()),
        priced.filter(pl.col("quantity") > 0).group_by(key).agg(products=_distinct("product_id")),
        baskets.group_by(key).agg(orders=_distinct("order_id")),
        back.group_by(key).agg(
            returned=pl.col("quantity").sum(),
            returns=pl.col("amount").sum(),
            base_back=pl.col("base_amount").sum(),
            cost_back=pl.col("cost_amount").sum(),
            costs_back=pl.col("cost_amount").count(),
            margin_back=_margin_back().sum(),
        ),
    ]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for part in parts:
        for row in part.iter_rows(named=True):
            found.setdefault(tuple(row.pop(k) for k in key), {}).update(row)
    return _ranked({place: _category(row) for place, row in found.items()})


def _distinct(column: str) -> pl.Expr:
    return pl.col(column).drop_nulls().n_unique()


def _margin_back() -> pl.Expr:
    """Returns what a returned product takes off the margin; one of no known cost takes nothing."""
    known = pl.col("cost_amount") - pl.col("amount")
    return pl.when(pl.col("product_id").is_null()).then(-pl.col("amount")).otherwise(known)


def _category(row: Mapping[str, Any]) -> dict[str, Any]:
    def of(name: str) -> Any:
        return row.get(name) or 0

    has_cost = of("costs") + of("costs_back") > 0
    return {
        "products": of("products"),
        "orders": of("orders"),
        "units": of("units"),
        "free_units": of("free"),
        "returned_units": of("returned"),
        "gross_amount": of("gross"),
        "discount_amount": of("discount"),
        "returns_amount": of("returns"),
        "net_amount": of("gross") - of("discount") - of("returns"),
        "cost_amount": of("cost") - of("cost_back") if has_cost else None,
        "margin_amount": of("margin") + of("margin_back") if has_cost else None,
        "net_base_amount": of("net_base") - of("base_back"),
    }


def _ranked(rows: dict[tuple[Any, ...], dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    for place in {place[:2] for place in rows}:
        names = [key for key in rows if key[:2] == place]
        total = sum(rows[key]["gross_amount"] for key in names)
        names.sort(key=lambda key: (-rows[key]["gross_amount"], key[2]))
        for rank, key in enumerate(names, 1):
            share = ratio(rows[key]["gross_amount"], total)
            rows[key] |= {"gross_share_rate": share, "gross_rank": rank}
    return rows


def cohort_values(facts: Facts) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Returns kpi_cohort_value without its currency, by store, cohort month and age."""
    customer = ["store_id", "customer_id"]
    firsts = (
        counting_orders(facts.sales)
        .drop_nulls("customer_id")
        .sort("ordered_at", "order_id")
        .group_by(customer, maintain_order=True)
        .agg(first_on=pl.col("ordered_on").first())
        .with_columns(month("first_on"))
    )
    is_discount = pl.col("line_kind") == "discount"
    sold = facts.sales.filter(IS_PRODUCT | is_discount).select(
        *customer,
        on="ordered_on",
        net="net_amount",
        cost=pl.when(IS_PRODUCT).then("cost_amount"),
        margin=pl.col("net_amount") - pl.when(IS_PRODUCT).then("cost_amount").otherwise(0),
        is_sold=IS_PRODUCT,
    )
    back = facts.returns.filter(IS_PRODUCT | is_discount).select(
        *customer,
        on="refunded_on",
        net=-pl.col("amount"),
        cost=pl.when(IS_PRODUCT).then("cost_amount"),
        margin=pl.when(IS_PRODUCT).then(_margin_back()).otherwise(-pl.col("amount")),
        is_sold=pl.lit(value=False),
    )
    events = pl.concat([sold, back], how="vertical_relaxed").join(firsts, on=customer)
    events = events.with_columns(age=(pl.col("on") - pl.col("first_on")).dt.total_days())
    sizes = firsts.group_by(GROUP).agg(size=pl.len())
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for age in AGES:
        sums = (
            events.filter(pl.col("age") < age)
            .group_by(GROUP)
            .agg(
                pl.col("net", "margin").sum(),
                costs=pl.col("cost").count(),
                sold=pl.col("is_sold").sum(),
                known=pl.col("cost").filter("is_sold").count(),
            )
        )
        for row in sizes.join(sums, on=GROUP, how="left").iter_rows(named=True):
            last_on = facts.last_on[row["store_id"]]
            found[row["store_id"], row["month"], age] = _cell(row, age, last_on)
    return found


def _cell(row: Mapping[str, Any], age: int, last_on: date) -> dict[str, Any]:
    following = (row["month"] + timedelta(31)).replace(day=1)
    matures_on = following - timedelta(1) + timedelta(age)
    is_complete = matures_on <= last_on
    net = (row["net"] or 0) if is_complete else None
    margin = row["margin"] if is_complete and row["costs"] else None
    return {
        "matures_on": matures_on,
        "cohort_size": row["size"],
        "net_amount": net,
        "margin_amount": margin,
        "known_cost_rate": ratio(row["known"], row["sold"]) if is_complete else None,
        "net_per_customer_amount": ratio(net, row["size"], 4),
        "margin_per_customer_amount": ratio(margin, row["size"], 4),
        "is_complete": is_complete,
    }


def basket_pairs(facts: Facts) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Returns kpi_basket_pairs, by store, month and the two products."""
    orders = counting_orders(facts.sales).with_columns(month("ordered_on"))
    lines = (
        facts.sales.filter(IS_PRODUCT & IS_PRICED & pl.col("product_id").is_not_null())
        .join(orders.select("store_id", "order_id", "month"), on=["store_id", "order_id"])
        .select(*GROUP, "order_id", "product_id")
        .unique()
    )
    month_orders = {(s, m): n for s, m, n in orders.group_by(GROUP).len().iter_rows()}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for place, baskets in lines.group_by(GROUP):
        number = month_orders[place]
        least = max(LEAST_ORDERS, -(-baskets.height // number))
        for pair, counts in _together(baskets, least):
            together, one, other = counts
            found[(*place, *pair)] = {
                "pair_orders": together,
                "product_orders": one,
                "other_product_orders": other,
                "month_orders": number,
                "least_orders": least,
                "support_rate": ratio(together, number),
                "confidence_rate": ratio(together, one),
                "other_confidence_rate": ratio(together, other),
                "lift": ratio(together * number, one * other),
            }
    return found


def _together(
    baskets: pl.DataFrame, least: int
) -> Iterator[tuple[tuple[str, str], tuple[int, int, int]]]:
    """Counts as a matrix: orders by products, times itself; its diagonal has each product alone."""
    names, column = np.unique(baskets["product_id"].to_list(), return_inverse=True)
    _, row = np.unique(baskets["order_id"].to_list(), return_inverse=True)
    often = np.flatnonzero(np.bincount(column) >= least)
    place = np.full(len(names), -1)
    place[often] = np.arange(len(often))
    kept = place[column] >= 0
    held = np.zeros((row.max() + 1, len(often)), dtype=np.float32)
    held[row[kept], place[column[kept]]] = 1
    counts = (held.T @ held).astype(int)
    for a, b in zip(*np.nonzero(np.triu(counts >= least, 1)), strict=True):
        pair = (str(names[often[a]]), str(names[often[b]]))
        yield pair, (int(counts[a, b]), int(counts[a, a]), int(counts[b, b]))
