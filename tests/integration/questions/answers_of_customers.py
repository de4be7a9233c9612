"""Answers about customers from the facts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

import polars as pl

from tests.integration.questions.answered_facts import (
    CUSTOMER,
    IS_GOODS,
    ORDER,
    ZERO,
    Answer,
    Facts,
    shares,
)
from tests.integration.recomputed.facts import ratio


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
    share_of = shares({key: group[2] for key, group in found.items()})
    names = ("customers", "buyers", "net_amount")
    return {
        key: {**dict(zip(names, group, strict=True)), "share_rate": share_of[key]}
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
    share_of = shares(net, 2)
    return {
        key: {
            "orders": len(orders_of[key]),
            "net_by_order_date_amount": amount,
            "share_rate": share_of[key],
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
    net, predicted = facts.brought_in(), _predicted(facts)
    found: Answer = {}
    for (store, customer), orders in facts.histories().items():
        end, lapse = newest[store]
        odds, value = predicted.get((store, customer, end), (None, None))
        waited = [(b[2] - a[2]).days for a, b in pairwise(orders)]
        recency = (end - orders[-1][2]).days
        is_silent = bool(waited) and recency > max(waited) and recency >= lapse / 2
        signs = ["silence"] * is_silent + ["odds"] * (odds is not None and odds * 2 < 1)
        if signs and recency <= lapse:
            found[store, customer] = {
                "recency_days": recency,
                "longest_days_between": max(waited) if waited else None,
                "days_left": lapse - recency,
                "signs": " and ".join(signs),
                "p_alive": odds,
                "net_amount": net[store, customer],
                "predicted_value_amount": ratio(value, 1, 2),
            }
    return found


def _predicted(facts: Facts) -> dict[tuple[str, str, date], tuple[Decimal | None, Decimal | None]]:
    """Returns p_alive and the value of the year to come by store, customer and as-of day."""
    return {
        (row["store_id"], row["customer_id"], row["as_of_on"]): (
            row["p_alive"], row["predicted_value_amount"],
        )
        for row in facts.table("kpi_customer_value").to_dicts()
    }  # fmt: skip


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
    net, margins, predicted = facts.brought_in(), defaultdict(Decimal), _predicted(facts)
    for store, customer, _, margin in _margins(facts):
        margins[store, customer] += margin
    found: Answer = {}
    for (store, customer), orders in facts.histories().items():
        channel = channel_of.get(campaign[store, orders[0][1]], "no campaign")
        key = store, orders[0][2].replace(day=1), channel
        entry = found.setdefault(
            key,
            {
                "customers": 0, "net_amount": ZERO, "margin_amount": ZERO, "age_days": 10_000,
                "predicted_value_amount": None,
            },
        )  # fmt: skip
        _, value = predicted.get((store, customer, facts.horizon[store]["last_on"]), (None, None))
        if value is not None:
            entry["predicted_value_amount"] = (entry["predicted_value_amount"] or ZERO) + value
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
        predicted_value = entry["predicted_value_amount"]
        entry["predicted_value_amount"] = ratio(predicted_value, 1, 0)
        entry["predicted_per_customer_amount"] = ratio(predicted_value, entry["customers"], 2)
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
