"""Answers about sales, products, web and parcels from the facts."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

import polars as pl

from tests.integration.questions.answered_facts import (
    IS_GOODS,
    ORDER,
    ZERO,
    Answer,
    Facts,
    shares,
    totals,
)
from tests.integration.recomputed.facts import IS_PRODUCT, month, ratio


def rush_hours(facts: Facts) -> Answer:
    days: dict[tuple[str, int], int] = defaultdict(int)
    for store, span in facts.horizon.items():
        for n in range((span["last_on"] - span["first_on"]).days + 1):
            days[store, (span["first_on"] + timedelta(days=n)).isoweekday()] += 1
    sold: dict[tuple[str, int, int], Decimal] = defaultdict(Decimal)
    placed: dict[tuple[str, int, int], int] = defaultdict(int)
    for store, zone in facts.zones.items():
        at = pl.col("ordered_at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone or "UTC")
        local = [pl.lit(store).alias("s"), at.dt.weekday().alias("w"), at.dt.hour().alias("h")]
        of_store = pl.col("store_id") == store
        lines = facts.sales.filter(of_store & IS_GOODS).select(*local, "net_amount")
        for *key, amount in totals(lines, ["s", "w", "h"], "net_amount"):
            sold[tuple(key)] += amount
        at = pl.col("refunded_at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone or "UTC")
        later = [pl.lit(store).alias("s"), at.dt.weekday().alias("w"), at.dt.hour().alias("h")]
        granted = facts.returns.filter(of_store & (pl.col("line_kind") == "discount"))
        for *key, amount in totals(granted.select(*later, "amount"), ["s", "w", "h"], "amount"):
            sold[tuple(key)] -= amount
        for key in facts.orders.filter(of_store).select(*local).iter_rows():
            placed[key] += 1
    return {
        key: {
            "days": days[key[:2]],
            "orders": placed[key],
            "sales_amount": amount,
            "sales_per_day_amount": ratio(amount, days[key[:2]], 4),
        }
        for key, amount in sold.items()
    }


def places(facts: Facts) -> Answer:
    known = {
        row["geography_key"]: (row["country_name"], row["region"])
        for row in facts.table("dim_geography").to_dicts()
    }
    key = ["store_id", "geography_key"]
    net: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for frame, column, sign in ((facts.sales, "net_amount", 1), (facts.returns, "amount", -1)):
        for store, place, amount in totals(frame.filter(IS_GOODS), key, column):
            net[store, *known[place]] += sign * amount
    where = {row[:2]: row[2] for row in facts.sales.select(*ORDER, "geography_key").iter_rows()}
    orders: dict[tuple[Any, ...], list[str | None]] = defaultdict(list)
    for store, order, customer in facts.orders.select(*ORDER, "customer_id").iter_rows():
        orders[store, *known[where[store, order]]].append(customer)
    share_of = shares(net)
    return {
        place: {
            "orders": len(orders[place]),
            "customers": len({*orders[place]} - {None}),
            "net_amount": amount,
            "share_rate": share_of[place],
        }
        for place, amount in net.items()
    }


def channels(facts: Facts) -> Answer:
    came = {row[:2]: row[2] for row in facts.sales.select(*ORDER, "channel").iter_rows()}
    net: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for frame, column, sign in ((facts.sales, "net_amount", 1), (facts.returns, "amount", -1)):
        for store, order, amount in totals(frame.filter(IS_GOODS), ORDER, column):
            net[store, came.get((store, order))] += sign * amount
    orders: dict[tuple[Any, ...], int] = defaultdict(int)
    for store, order in facts.orders.select(ORDER).iter_rows():
        orders[store, came[store, order]] += 1
    share_of = shares(net)
    return {
        key: {
            "orders": orders[key],
            "net_amount": amount,
            "share_rate": share_of[key],
            "aov": ratio(amount, orders[key], 4),  # all orders are in the days asked for
        }
        for key, amount in net.items()
    }


def discounts(facts: Facts) -> Answer:
    coupon = {row[:2]: row[2] for row in facts.sales.select(*ORDER, "coupon_code").iter_rows()}
    gross: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    granted: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    orders: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    columns = [*ORDER, "ordered_on", "line_kind", "gross_amount", "discount_amount"]
    for store, order, on, kind, amount, less in (
        facts.sales.filter(IS_GOODS).select(columns).iter_rows()
    ):
        key = store, on.replace(day=1), coupon[store, order]
        orders[key].add(order)
        gross[key] += amount if kind == "product" else ZERO
        granted[key] += less if kind == "product" else less - amount
    taken_back = facts.returns.filter(pl.col("line_kind") == "discount")
    for store, order, on, amount in taken_back.select(*ORDER, "refunded_on", "amount").iter_rows():
        granted[store, on.replace(day=1), coupon.get((store, order))] += amount
    return {
        key: {
            "orders": len(orders[key]),
            "gross_amount": gross[key],
            "discount_amount": granted[key],
            "discount_rate": ratio(granted[key], gross[key]),
        }
        for key in granted
    }


def refunds(facts: Facts) -> Answer:
    product = ["store_id", "product_id"]
    sold = {row[:2]: row[2:] for row in _two(facts.sales.filter(IS_PRODUCT), product, "net_amount")}
    back = _two(facts.returns.filter(IS_PRODUCT), [*product, "reason"], "amount")
    return {
        (store, code, reason): {
            "refunded_amount": amount,
            "refunded_units": units,
            "refund_rate": ratio(amount, sold.get((store, code), (None, None))[0]),
            "refunded_units_rate": ratio(units, sold.get((store, code), (None, None))[1]),
        }
        for store, code, reason, amount, units in back
    }


def _two(frame: pl.DataFrame, key: list[str], column: str) -> list[tuple[Any, ...]]:
    return frame.group_by(key).agg(pl.col(column).sum(), pl.col("quantity").sum()).rows()


def abc(facts: Facts) -> Answer:
    sold = facts.sales.filter(IS_PRODUCT).with_columns(month("ordered_on"))
    back = facts.returns.filter(IS_PRODUCT).with_columns(month("refunded_on"))
    key = ["store_id", "month", "product_id"]
    gross = {row[:3]: row[3] for row in totals(sold, key, "gross_amount")}
    for row in back.select(key).unique().iter_rows():
        gross.setdefault(row, ZERO)
    months: dict[tuple[Any, ...], list[tuple[Decimal, str]]] = defaultdict(list)
    for (store, on, code), amount in gross.items():
        months[store, on].append((amount, code or ""))
    found: Answer = {}
    for when, products in months.items():
        whole, above = sum(amount for amount, _ in products), ZERO
        for amount, _ in sorted(products, key=lambda p: (-p[0], p[1])):
            share = above / whole if whole else 1
            name = "A" if share < Decimal("0.8") else "B" if share < Decimal("0.95") else "C"
            entry = found.setdefault(
                (*when, name if amount > 0 else "C"), {"products": 0, "gross_amount": ZERO}
            )
            entry["products"] += 1
            entry["gross_amount"] += amount
            above += amount
    return found


def price_changes(facts: Facts) -> Answer:
    versions: dict[tuple[str, str], list[tuple[Any, Decimal]]] = defaultdict(list)
    for row in facts.table("dim_products").to_dicts():
        if row["product_id"]:
            versions[row["store_id"], row["product_id"]].append(
                (row["valid_from"], row["unit_price"])
            )
    sold: dict[tuple[str, str], list[tuple[Any, date, Decimal]]] = defaultdict(list)
    priced = facts.sales.filter(IS_PRODUCT & (pl.col("unit_price") > 0))
    for store, code, at, on, units in priced.select(
        "store_id", "product_id", "ordered_at", "ordered_on", "quantity"
    ).iter_rows():
        sold[store, code].append((at, on, units))
    found: Answer = {}
    for (store, code), told in versions.items():
        told.sort(key=lambda version: version[0])
        changes = [
            (at, _local_day(at, facts.zones[store]), old, new)
            for (_, old), (at, new) in pairwise(told)
            if old is not None and new is not None and old != new
        ]
        for at, on, old, new in changes:
            first, end = on - timedelta(days=14), on + timedelta(days=14)
            others = [day for other, day, _, _ in changes if other != at]
            span = facts.horizon[store]
            if span["first_on"] > first or end - timedelta(days=1) > span["last_on"]:
                continue
            if any(abs((day - on).days) < 14 for day in others):
                continue
            lines = [line for line in sold[store, code] if first <= line[1] < end]
            before = sum((units for when, _, units in lines if when < at), ZERO)
            after = sum((units for when, _, units in lines if when >= at), ZERO)
            found[store, code, on] = {
                "price_before": old,
                "price_after": new,
                "units_before": before,
                "units_after": after,
                "price_change_rate": ratio(new - old, old),
                "units_change_rate": ratio(after - before, before),
                "elasticity": ratio((after - before) * old, before * (new - old)),
            }
    return found


def _local_day(at: Any, zone: str) -> date:
    moment = pl.Series([at]).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return moment.dt.date()[0]


def funnel(facts: Facts) -> Answer:
    steps = ("product_view", "cart", "checkout", "purchase")
    found: Answer = {}
    for row in facts.table("fact_sessions").to_dicts():
        key = row["store_id"], row["started_on"].replace(day=1)
        entry = found.setdefault(key, {"sessions": 0, **{f"{s}_sessions": 0 for s in steps}})
        entry["sessions"] += 1
        for step in steps:
            entry[f"{step}_sessions"] += row[f"has_{step}"]
    for entry in found.values():
        entry["cart_drop_off_rate"] = ratio(
            entry["product_view_sessions"] - entry["cart_sessions"], entry["product_view_sessions"]
        )
        entry["conversion_rate"] = ratio(entry["purchase_sessions"], entry["sessions"])
    return found


def delivery(facts: Facts) -> Answer:
    known = {
        row["geography_key"]: (row["country_name"], row["region"])
        for row in facts.table("dim_geography").to_dicts()
    }
    parcels: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in facts.table("fact_shipments").to_dicts():
        if not row["is_test"]:
            carrier = row["carrier"] or "unknown"
            parcels[row["store_id"], carrier, *known[row["geography_key"]]].append(row)
    return {key: _delivered(rows) for key, rows in parcels.items()}


def _delivered(rows: list[dict[str, Any]]) -> dict[str, Any]:
    shipped = [row["days_to_ship"] for row in rows if row["days_to_ship"] is not None]
    arrived = [row["days_to_deliver"] for row in rows if row["days_to_deliver"] is not None]
    due = [row["is_on_time"] for row in rows if row["is_on_time"] is not None]
    return {
        "shipments": len(rows),
        "delivered_shipments": len(arrived),
        "mean_days_to_ship": ratio(sum(shipped), len(shipped)),
        "mean_days_to_deliver": ratio(sum(arrived), len(arrived)),
        "median_days_to_deliver": Decimal(str(median(arrived))) if arrived else None,
        "due_shipments": len(due),
        "on_time_rate": ratio(sum(due), len(due)),
    }


def payments(facts: Facts) -> Answer:
    found: Answer = {}
    for row in facts.table("fact_payments").to_dicts():
        if row["is_test"]:
            continue
        key = row["store_id"], row["paid_on"].replace(day=1), row["method"]
        entry = found.setdefault(
            key, {"payments": 0, "declined_payments": 0, "captured_amount": ZERO}
        )
        entry["payments"] += 1
        entry["declined_payments"] += row["status"] == "declined"
        entry["captured_amount"] += row["amount"] if row["status"] == "captured" else ZERO
    for entry in found.values():
        entry["decline_rate"] = ratio(entry["declined_payments"], entry["payments"])
    return found
