"""Answers from the facts in Python, written from the questions' definitions and not from their SQL.

Each function returns the rows of a question by their key: the columns that it recomputes, by name.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

import duckdb
import polars as pl

from tests.integration.recomputed.facts import IS_PRODUCT, counting_orders, month, ratio

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
    shares = _shares(net)
    return {
        place: {
            "orders": len(orders[place]),
            "customers": len({*orders[place]} - {None}),
            "net_amount": amount,
            "share_rate": shares[place],
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
    shares = _shares(net)
    return {
        key: {
            "orders": orders[key],
            "net_amount": amount,
            "share_rate": shares[key],
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


def segments(facts: Facts) -> Answer:
    people = {
        (row["store_id"], row["customer_id"]): (row["segment"], row["tier"])
        for row in facts.table("dim_customers").to_dicts()
        if row["is_current"] and row["customer_id"]
    }
    net, buyers = facts.brought_in(), facts.histories().keys()
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, ZERO])
    for store, customer in {*people, *net, *buyers}:
        kind = people.get((store, customer), (None, None)) if customer else ("anonymous", None)
        group = found[store, *kind]
        group[0] += customer is not None
        group[1] += (store, customer) in buyers
        group[2] += net.get((store, customer), ZERO)
    shares = _shares({key: group[2] for key, group in found.items()})
    names = ("customers", "buyers", "net_amount")
    return {
        key: {**dict(zip(names, group, strict=True)), "share_rate": shares[key]}
        for key, group in found.items()
    }


def rfm(facts: Facts) -> Answer:
    of: dict[tuple[str, date], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in facts.table("kpi_customer_rfm").to_dicts():
        of[row["store_id"], row["sales_month"]][row["customer_id"]] = row
    found: Answer = {}
    for store in facts.horizon:
        last = max(on for name, on in of if name == store)
        before = of.get((store, (last - timedelta(days=1)).replace(day=1)), {})
        for customer, row in of[store, last].items():
            key = store, row["segment"], before.get(customer, {}).get("segment")
            entry = found.setdefault(key, {"customers": 0, "monetary_amount": ZERO})
            entry["customers"] += 1
            entry["monetary_amount"] += row["monetary_amount"]
    return found


def repeat_orders(facts: Facts) -> Answer:
    gaps = [
        (store, later[2], (later[2] - earlier[2]).days)
        for (store, _), orders in facts.histories().items()
        for earlier, later in pairwise(orders)
    ]
    found: Answer = {}
    for row in facts.table("kpi_customers_monthly").to_dicts():
        store, end = row["store_id"], row["as_of_on"]
        days = [gap for name, on, gap in gaps if name == store and on <= end]
        found[store, row["sales_month"]] = {
            "pairs_of_orders": len(days),
            "mean_days_between": ratio(sum(days), len(days)),
            "median_days_between": Decimal(str(median(days))) if days else None,
        }
    return found


def new_and_returning(facts: Facts) -> Answer:
    kinds: dict[tuple[str, str], str] = {}
    for (store, _), orders in facts.histories().items():
        for place, (_, order, _) in enumerate(orders):
            kinds[store, order] = "returning" if place else "new"
    for store, order, customer in facts.orders.select(*ORDER, "customer_id").iter_rows():
        if customer is None:
            kinds[store, order] = "anonymous"
    net: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    orders_of: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for store, order, on, kind, amount in facts.sales.select(
        *ORDER, "ordered_on", "line_kind", "net_amount"
    ).iter_rows():
        key = store, on.replace(day=1), kinds.get((store, order), "not counting")
        orders_of[key].add(order)
        net[key] += amount if kind in ("product", "discount") else ZERO
    for store, order, on, amount in (
        facts.returns.filter(IS_GOODS).select(*ORDER, "ordered_on", "amount").iter_rows()
    ):
        net[store, on.replace(day=1), kinds.get((store, order), "not counting")] -= amount
    shares = _shares(net, 2)
    return {
        key: {
            "orders": len(orders_of[key]),
            "net_by_order_date_amount": amount,
            "share_rate": shares[key],
            "net_per_order_amount": None
            if key[2] == "not counting"
            else ratio(amount, len(orders_of[key]), 4),
        }
        for key, amount in net.items()
    }


def top_customers(facts: Facts) -> Answer:
    net, histories = facts.brought_in(), facts.histories()
    found: Answer = {}
    for store in facts.horizon:
        whole = sum((amount for (name, _), amount in net.items() if name == store), ZERO)
        buyers = [customer for name, customer in histories if name == store]
        running = ZERO
        for place, customer in enumerate(sorted(buyers, key=lambda c: (-net[store, c], c)), 1):
            running += net[store, customer]
            found[store, place] = {
                "customer_id": customer,
                "orders": len(histories[store, customer]),
                "last_ordered_on": histories[store, customer][-1][2],
                "net_amount": net[store, customer],
                "share_rate": ratio(net[store, customer], whole),
                "cumulative_rate": ratio(running, whole),
                "customers_rate": ratio(place, len(buyers)),
            }
    return found


def leaving(facts: Facts) -> Answer:
    newest = {}
    for row in facts.table("kpi_customers_monthly").sort("sales_month").to_dicts():
        newest[row["store_id"]] = (row["as_of_on"], row["lapse_days"])
    net = facts.brought_in()
    found: Answer = {}
    for (store, customer), orders in facts.histories().items():
        end, lapse = newest[store]
        waited = [(b[2] - a[2]).days for a, b in pairwise(orders)]
        recency = (end - orders[-1][2]).days
        if waited and recency > max(waited) and lapse / 2 <= recency <= lapse:
            found[store, customer] = {
                "recency_days": recency,
                "longest_days_between": max(waited),
                "days_left": lapse - recency,
                "net_amount": net[store, customer],
            }
    return found


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


def acquisition(facts: Facts) -> Answer:
    channel_of = {
        row["campaign_key"]: row["channel"]
        for row in facts.table("dim_campaigns").to_dicts()
        if row["campaign_id"]
    }
    spend: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in facts.table("fact_campaign_daily").to_dicts():
        spend[row["store_id"], channel_of[row["campaign_key"]]] += row["spend_amount"]
    campaign = {row[:2]: row[2] for row in facts.sales.select(*ORDER, "campaign_key").iter_rows()}
    won: dict[tuple[str, str], tuple[str, date]] = {}
    for (store, customer), orders in facts.histories().items():
        key = campaign[store, orders[0][1]]
        won[store, customer] = (channel_of.get(key, "no campaign"), orders[0][2])
    earned: dict[tuple[str, str], dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for store, customer, on, margin in _margins(facts):
        if (store, customer) in won:
            channel, first = won[store, customer]
            earned[store, channel][max((on - first).days, 0)] += margin
    spenders = {store for store, _ in spend}
    found: Answer = {}
    for store, channel in {*spend, *((s, c) for (s, _), (c, _) in won.items() if s in spenders)}:
        customers = sum(s == store and c == channel for (s, _), (c, _) in won.items())
        running, back = ZERO, None
        for age, margin in sorted(earned[store, channel].items()):
            running += margin
            if (store, channel) in spend and running >= spend[store, channel] and back is None:
                back = age
        found[store, channel] = {
            "spend_amount": spend.get((store, channel), ZERO),
            "new_customers": customers,
            "cac_amount": ratio(spend.get((store, channel)), customers, 4),
            "margin_to_date_amount": running if customers else None,
            "payback_days": back,
        }
    return found


def lifetime_value(facts: Facts) -> Answer:
    channel_of = {
        row["campaign_key"]: row["channel"]
        for row in facts.table("dim_campaigns").to_dicts()
        if row["campaign_id"]
    }
    campaign = {row[:2]: row[2] for row in facts.sales.select(*ORDER, "campaign_key").iter_rows()}
    net, margins = facts.brought_in(), defaultdict(Decimal)
    for store, customer, _, margin in _margins(facts):
        margins[store, customer] += margin
    found: Answer = {}
    for (store, customer), orders in facts.histories().items():
        channel = channel_of.get(campaign[store, orders[0][1]], "no campaign")
        key = store, orders[0][2].replace(day=1), channel
        entry = found.setdefault(
            key, {"customers": 0, "net_amount": ZERO, "margin_amount": ZERO, "age_days": 10_000}
        )
        entry["customers"] += 1
        entry["net_amount"] += net[store, customer]
        entry["margin_amount"] += margins[store, customer]
        age = (facts.horizon[store]["last_on"] - orders[0][2]).days
        entry["age_days"] = min(entry["age_days"], age)
    for key, entry in found.items():
        if key[0] == "online_retail":  # tells no costs
            entry["margin_amount"] = None
        for kind in ("net", "margin"):
            entry[f"{kind}_per_customer_amount"] = ratio(
                entry[f"{kind}_amount"], entry["customers"], 4
            )
    return found


def _margins(facts: Facts) -> Iterable[tuple[str, str, date, Decimal]]:
    sold = facts.sales.filter(IS_GOODS & pl.col("customer_id").is_not_null())
    for store, customer, on, kind, net, cost in sold.select(
        *CUSTOMER, "ordered_on", "line_kind", "net_amount", "cost_amount"
    ).iter_rows():
        if kind == "discount" or cost is not None:
            yield store, customer, on, net - (cost if kind == "product" else ZERO)
    back = facts.returns.filter(IS_GOODS & pl.col("customer_id").is_not_null())
    for store, customer, on, kind, product, amount, cost in back.select(
        *CUSTOMER, "refunded_on", "line_kind", "product_id", "amount", "cost_amount"
    ).iter_rows():
        if kind == "discount" or product is None:
            yield store, customer, on, -amount
        elif cost is not None:
            yield store, customer, on, cost - amount


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


def _shares(amounts: dict[tuple[Any, ...], Decimal], of: int = 1) -> Answer:
    """Returns the share of each amount in those with the same beginning of their keys."""
    whole: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for key, amount in amounts.items():
        whole[key[:of]] += amount
    return {key: ratio(amount, whole[key[:of]]) for key, amount in amounts.items()}  # type: ignore[misc]


# Of each question the columns that are its key, and what recomputes it.
RECOMPUTED: dict[str, tuple[str, Callable[[Facts], Answer]]] = {
    "rush_hours": ("iso_weekday sales_hour", rush_hours),
    "places": ("country_name region", places),
    "channels": ("channel", channels),
    "discounts": ("sales_month coupon_code", discounts),
    "refunds": ("product_id reason", refunds),
    "segments": ("segment tier", segments),
    "rfm": ("segment segment_before", rfm),
    "repeat_orders": ("sales_month", repeat_orders),
    "lifetime_value": ("cohort_month channel", lifetime_value),
    "new_and_returning": ("sales_month kind", new_and_returning),
    "top_customers": ("place", top_customers),
    "leaving": ("customer_id", leaving),
    "abc": ("sales_month abc_class", abc),
    "price_changes": ("product_id changed_on", price_changes),
    "acquisition": ("channel", acquisition),
    "funnel": ("month_on", funnel),
    "delivery": ("carrier country_name region", delivery),
    "payments": ("paid_month method", payments),
}
