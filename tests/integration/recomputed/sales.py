"""Sales by hour, day, month, product and country from the facts."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tests.integration.recomputed.customers import customer_orders
from tests.integration.recomputed.facts import (
    DAY,
    Facts,
    Table,
    counting_orders,
    known_sum,
    month,
    next_month,
    ratio,
)
from tests.integration.recomputed.ladder import STEPS, lines, summed

LADDER = (*STEPS, "net", "total")
MONEY = ("gross", "discount", "returns", "net", "total")


def _amounts(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    wanted = [f"{name}{base}_amount" for name in names for base in ("", "_base")]
    return {name: row[name] for name in wanted}


def _closed() -> dict[str, Any]:
    """A day on which nothing happened: zeros, but costs nobody knows stay unknown."""
    zeros = {f"{name}{base}_amount": Decimal(0) for name in LADDER for base in ("", "_base")}
    costs = {f"{name}{base}_amount": None for name in ("cost", "margin") for base in ("", "_base")}
    counts = {"units": Decimal(0), "free_units": Decimal(0), "product_lines": 0, "costed_lines": 0}
    return zeros | costs | counts


def days(facts: Facts) -> Table:
    """Returns kpi_sales_daily without its currency, by store and day."""
    table = lines(facts)
    by_event = summed(table, ["store_id", "on"])
    by_order = summed(table, ["store_id", "of_order_on"])
    first = {(store, order) for store, _, _, order, number in customer_orders(facts) if number == 1}
    counted: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    for row in counting_orders(facts.sales).iter_rows(named=True):
        place = row["store_id"], row["ordered_on"]
        is_first = (row["store_id"], row["order_id"]) in first
        kind = "returning" if row["customer_id"] else "anonymous"
        counted[place].update(["orders", f"{'new' if is_first else kind}_orders"])
    places = {
        (store, facts.first_on[store] + n * DAY)
        for store, last in facts.last_on.items()
        for n in range((last - facts.first_on[store]).days + 1)
    }
    places |= by_event.keys() | by_order.keys()
    empty = _closed()
    return {
        place: _day(by_event.get(place, empty), by_order.get(place, empty), counted[place])
        for place in places
    }


def _day(event: dict[str, Any], order: dict[str, Any], counted: Counter[str]) -> dict[str, Any]:
    found = _amounts(event, (*LADDER, "cost", "margin"))
    found |= {name: event[name] for name in ("units", "free_units")}
    for name in ("orders", "new_orders", "returning_orders", "anonymous_orders"):
        found[name] = counted[name]
    for base in ("", "_base"):
        net = order[f"net{base}_amount"]
        found[f"net_by_order_date{base}_amount"] = net
        found[f"aov{base}"] = ratio(net, counted["orders"], 4)
    return found | {"known_cost_rate": ratio(event["costed_lines"], event["product_lines"])}


def hours(facts: Facts) -> Table:
    """Returns kpi_sales_hourly without its currency, by store, day and hour."""
    orders = Counter(
        counting_orders(facts.sales).select("store_id", "ordered_on", "ordered_hour").iter_rows()
    )
    return {
        place: {"orders": orders[place], "units": row["units"], **_amounts(row, MONEY)}
        for place, row in summed(lines(facts), ["store_id", "on", "hour"]).items()
    }


def months(facts: Facts) -> Table:
    """Returns kpi_sales_monthly without its currency, by store and month."""
    groups: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
    for (store, day), row in days(facts).items():
        groups[store, day.replace(day=1)].append(row)
    ratios = ("aov", "aov_base", "known_cost_rate")
    found: Table = {
        place: {
            name: known_sum(row[name] for row in rows) for name in rows[0] if name not in ratios
        }
        for place, rows in groups.items()
    }
    for (store, first), row in found.items():
        row.update(_growth(facts, found, store, first))
        for base in ("", "_base"):
            net = row[f"net_by_order_date{base}_amount"]
            row[f"aov{base}"] = ratio(net, row["orders"], 4)
        row.update(_spend(facts, store, first))
        row["mer"] = ratio(row["net_amount"], row["spend_amount"], 10)
    return found


def _spend(facts: Facts, store: str, first: date) -> dict[str, Any]:
    told = facts.spend.filter(pl.col("store_id") == store, month("spend_on") == first)
    rows = told.select("spend_amount", "spend_base_amount").rows(named=True)
    return {
        "spend_amount": sum((row["spend_amount"] for row in rows), Decimal(0)),
        "spend_base_amount": known_sum(row["spend_base_amount"] for row in rows)
        if rows
        else Decimal(0),
    }


def _growth(facts: Facts, found: Table, store: str, first: date) -> dict[str, Any]:
    others = {"month": (first - DAY).replace(day=1), "year": first.replace(year=first.year - 1)}
    growth: dict[str, Any] = {}
    for span, other in others.items():
        finished = all(next_month(m) - DAY <= facts.last_on[store] for m in (first, other))
        before = found.get((store, other)) if finished else None
        for name, column in (("net", "net_amount"), ("orders", "orders")):
            base = before[column] if before else 0
            change = ratio(found[store, first][column] - base, base) if base > 0 else None
            growth[f"{name}_growth_on_{span}_rate"] = change
    return growth


def products(facts: Facts) -> Table:
    """Returns the figures of kpi_product_performance, by store, month and product."""
    table = lines(facts).filter(pl.col("line_kind") == "product")
    table = table.with_columns(month("on"), pl.col("product_id").fill_null(""))
    found = summed(table, ["store_id", "month", "product_id"])
    places: dict[tuple[str, date], list[str]] = defaultdict(list)
    for store, first, product in found:
        places[store, first].append(product)
    for place, names in places.items():
        gross = {name: found[(*place, name)]["gross_amount"] for name in names}
        total, running = sum(gross.values()), Decimal(0)
        for rank, name in enumerate(sorted(names, key=lambda n: (-gross[n], n)), 1):
            found[(*place, name)] |= {
                "gross_share_rate": ratio(gross[name], total),
                "gross_rank": rank,
                "abc_class": _abc(gross[name], running, total),
            }
            running += gross[name]
    return {
        place: {name: row[name] for name in row if not name.endswith("_lines")}
        for place, row in found.items()
    }


def _abc(gross: Decimal, running: Decimal, total: Decimal) -> str:
    """The class that a product begins in, in the order of the ranks."""
    if gross <= 0 or running * 100 >= total * 95:
        return "C"
    return "A" if running * 100 < total * 80 else "B"


def countries(facts: Facts) -> Table:
    """Returns kpi_geo_sales without its currency and code, by store, month and country."""
    named = facts.geography
    table = lines(facts).with_columns(month("on")).join(named, on="geography_key", how="left")
    table = table.with_columns(pl.col("country_name").fill_null("unknown"))
    orders = counting_orders(facts.sales).with_columns(month("ordered_on"))
    orders = orders.join(named, on="geography_key", how="left").with_columns(
        pl.col("country_name").fill_null("unknown")
    )
    by = ["store_id", "month", "country_name"]
    counted = {
        tuple(row[:3]): row[3:]
        for row in orders.group_by(by)
        .agg(pl.len(), pl.col("customer_id").drop_nulls().n_unique())
        .iter_rows()
    }
    found: Table = {}
    for place, row in summed(table, by).items():
        number, customers = counted.get(place, (0, 0))
        found[place] = {"orders": number, "customers": customers, "units": row["units"]}
        found[place] |= _amounts(row, MONEY)
    return found
