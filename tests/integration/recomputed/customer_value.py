"""What customers have brought in and how often they came back, from the facts.

Money is exact but for the mean, which is published as a rounded floating-point number.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from tests.integration.recomputed.customers import order_days
from tests.integration.recomputed.facts import Facts, Key, Table
from tests.integration.recomputed.marketing import orders

IS_GOODS = pl.col("line_kind").is_in(["product", "discount"])
LONGEST_HOLDOUT = 180


def customers(facts: Facts) -> Table:
    """Returns kpi_customer_value but for predictions, by store and customer."""
    net, margin = _brought_in(facts)
    spent = _net_of_days(facts)
    found: Table = {}
    for store, told in order_days(facts).items():
        last = facts.last_on[store]
        known = {c: [on for on in days if on <= last] for c, days in told.items()}
        known = {customer: days for customer, days in known.items() if days}
        from_on = _held_out_from(known, last)
        for customer, each in known.items():
            days = sorted(set(each))
            repeats = [spent[store, customer, on] for on in days[1:]]
            found[store, customer] = {
                "orders": len(each),
                "observed_net_amount": net.get((store, customer), Decimal(0)),
                "observed_margin_amount": margin.get((store, customer)),
                "frequency": len(repeats),
                "recency_days": (days[-1] - days[0]).days,
                "age_days": (last - days[0]).days,
                "mean_repeat_amount": float(sum(repeats) / len(repeats)) if repeats else None,
                "holdout_orders": sum(on >= from_on for on in days) if days[0] < from_on else None,
            }
    return found


def _held_out_from(known: dict[str, list[date]], last: date) -> date:
    """The first day of the last third, of 180 days at most."""
    if not known:
        return last
    length = min(LONGEST_HOLDOUT, ((last - min(map(min, known.values()))).days + 1) // 3)
    return last - timedelta(days=length - 1)


def _brought_in(facts: Facts) -> tuple[dict[Key, Decimal], dict[Key, Decimal]]:
    """Net and margin by store and customer; no margin where no cost is known."""
    net: dict[Key, Decimal] = defaultdict(Decimal)
    margin: dict[Key, Decimal] = defaultdict(Decimal)
    costed: set[Key] = set()
    for on, sign, rows in (
        ("ordered_on", 1, facts.sales.rename({"net_amount": "money"})),
        ("refunded_on", -1, facts.returns.rename({"amount": "money"})),
    ):
        goods = rows.filter(IS_GOODS).drop_nulls("customer_id")
        for row in goods.iter_rows(named=True):
            place = row["store_id"], row["customer_id"]
            if row[on] > facts.last_on[place[0]]:
                continue
            net[place] += sign * row["money"]
            known = _margin(row, sign)
            is_costed = row["line_kind"] == "product" and row["cost_amount"] is not None
            costed |= {place} if is_costed else set()
            margin[place] += known or 0
    return net, {place: amount for place, amount in margin.items() if place in costed}


def _margin(row: dict[str, Any], sign: int) -> Decimal | None:
    if row["line_kind"] == "discount" or (sign < 0 and row["product_id"] is None):
        return sign * row["money"]
    return None if row["cost_amount"] is None else sign * (row["money"] - row["cost_amount"])


def _net_of_days(facts: Facts) -> dict[Key, Decimal]:
    """Net by store, customer and order day, with what was ever given back of these orders."""
    back: dict[Key, Decimal] = defaultdict(Decimal)
    goods = facts.returns.filter(IS_GOODS).drop_nulls("order_id")
    for store, order, amount in goods.select("store_id", "order_id", "amount").iter_rows():
        back[store, order] += amount
    on = {
        (store, order): day
        for store, order, day in facts.sales.select("store_id", "order_id", "ordered_on").rows()
    }
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for order in orders(facts):
        place = order.store, order.number
        found[order.store, order.customer, on[place]] += order.net - back[place]
    return found
