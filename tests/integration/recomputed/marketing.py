"""Web sessions, carts, attribution and campaigns from the facts."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from tests.integration.recomputed.customers import customer_orders
from tests.integration.recomputed.facts import (
    Facts,
    Key,
    Table,
    converted,
    counting_orders,
    known_sum,
    ratio,
)

STEPS = ("product_view", "cart", "checkout", "purchase")
WINDOW = timedelta(days=30)
EIGHTH = Decimal("0.00000001")
ONE, NONE = Decimal(1), Decimal(0)


def funnel(facts: Facts) -> Table:
    """Returns kpi_funnel_daily, by store, day and device."""
    sums = facts.sessions.group_by("store_id", "started_on", "device").agg(
        pl.len().alias("sessions"), *(pl.col(f"has_{step}").sum().alias(step) for step in STEPS)
    )
    found: Table = {}
    for row in sums.iter_rows(named=True):
        place = row["store_id"], row["started_on"], row["device"]
        found[place] = {"sessions": row["sessions"]}
        before = row["sessions"]
        for step in STEPS:
            found[place][f"{step}_sessions"] = row[step]
            found[place][f"{step}_rate"] = ratio(row[step], before, 10)
            before = row[step]
        found[place]["conversion_rate"] = ratio(row["purchase"], row["sessions"], 10)
    return found


def carts(facts: Facts) -> Table:
    """Returns kpi_cart_abandonment, by store and day."""
    bought: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for moment in ("first_purchased_at", "purchased_at"):
        told = facts.sessions.select("store_id", "visitor_key", moment).drop_nulls()
        for store, visitor, at in told.iter_rows():
            bought[store, visitor].append(at)
    found: Table = {}
    filled = facts.sessions.select("store_id", "visitor_key", "cart_at").drop_nulls("cart_at")
    names = ("carts", "open_carts", "closed_carts", "ordered_carts", "abandoned_carts")
    for store, visitor, at in filled.iter_rows():
        zone, until = facts.zones[store], at + timedelta(hours=24)
        on = at.replace(tzinfo=UTC).astimezone(zone).date()
        is_old = until <= facts.evening(store, facts.last_on[store])
        is_ordered = any(at <= then < until for then in bought[store, visitor])
        row = found.setdefault((store, on), dict.fromkeys(names, 0))
        row["carts"] += 1
        row["open_carts"] += not is_old
        row["closed_carts"] += is_old
        row["ordered_carts"] += is_old and is_ordered
        row["abandoned_carts"] += is_old and not is_ordered
    for row in found.values():
        row["abandonment_rate"] = ratio(row["abandoned_carts"], row["closed_carts"], 10)
    return found


@dataclass(frozen=True)
class Touch:
    """A session that may have led to an order."""

    at: datetime
    session: str
    channel: str
    campaign: str
    is_direct: bool


@dataclass(frozen=True)
class Order:
    """A counting order with what its product and discount lines come to."""

    store: str
    number: str
    customer: str | None
    at: datetime
    month: date
    net: Decimal
    net_base: Decimal | None
    margin: Decimal | None

    def amounts(self) -> tuple[Decimal, Decimal | None, Decimal | None]:
        """Returns what is credited: the net in both currencies and the margin."""
        return self.net, self.net_base, self.margin


def orders(facts: Facts) -> list[Order]:
    """Returns the counting orders; the margin is null where no line's cost is known."""
    is_product = pl.col("line_kind") == "product"
    goods = facts.sales.filter(is_product | (pl.col("line_kind") == "discount"))
    sums = goods.group_by("store_id", "order_id").agg(
        net=pl.col("net_amount").sum(),
        net_base=pl.col("net_base_amount").sum(),
        rates=pl.col("net_base_amount").count(),
        margin=pl.when(is_product)
        .then(pl.col("net_amount") - pl.col("cost_amount"))
        .otherwise("net_amount")
        .sum(),
        costs=pl.col("cost_amount").filter(is_product).count(),
    )
    told = counting_orders(facts.sales).join(sums, on=["store_id", "order_id"], how="left")
    return [
        Order(
            row["store_id"],
            row["order_id"],
            row["customer_id"],
            row["ordered_at"],
            row["ordered_on"].replace(day=1),
            row["net"] or NONE,
            row["net_base"] if row["rates"] else None,
            row["margin"] if row["costs"] else None,
        )
        for row in told.iter_rows(named=True)
    ]


class Sessions:
    """The sessions by whose they are."""

    def __init__(self, facts: Facts) -> None:
        self.of_customer: dict[Key, list[Touch]] = defaultdict(list)
        self.of_visitor: dict[Key, list[Touch]] = defaultdict(list)
        self.buyers: dict[Key, list[tuple[datetime, str]]] = defaultdict(list)
        for row in facts.sessions.iter_rows(named=True):
            store, known = row["store_id"], row["campaign_key"] != "0"
            campaign = row["utm_campaign"] if known else "0"
            touch = Touch(
                row["started_at"], row["session_id"], row["channel_key"], campaign, row["is_direct"]
            )
            self.of_visitor[store, row["visitor_key"]].append(touch)
            if row["customer_id"]:
                self.of_customer[store, row["customer_id"]].append(touch)
            if row["order_id"]:
                self.buyers[store, row["order_id"]].append((touch.at, row["visitor_key"]))

    def touches(self, order: Order) -> list[Touch]:
        """Returns the sessions that led to an order, in order."""
        led = set(self.of_customer[order.store, order.customer]) if order.customer else set()
        for at, visitor in self.buyers[order.store, order.number]:
            if at <= order.at:
                led |= set(self.of_visitor[order.store, visitor])
        kept = [touch for touch in led if order.at - WINDOW < touch.at <= order.at]
        return sorted(kept, key=lambda touch: (touch.at, touch.session))


def until(touches: list[Touch], at: datetime) -> Iterator[tuple[str, list[Decimal]]]:
    """Yields each model with the part of an order that its touches up to each have."""
    count = len(touches)
    tagged = [n for n, touch in enumerate(touches) if not touch.is_direct]
    ages = [int((at - touch.at).total_seconds()) for touch in touches]
    one_of = {
        "first_touch": 0,
        "last_touch": count - 1,
        "last_non_direct": tagged[-1] if tagged else count - 1,
    }
    for model, chosen in one_of.items():
        yield model, [Decimal(n >= chosen) for n in range(count)]
    ends = [2 * (count - 2)] if count > 2 else [1]
    parts = {
        "linear": [1] * count,
        "position_based": [*ends, *([1] * (count - 2)), *ends] if count > 1 else [1],
        "time_decay": [round(10**12 * 0.5 ** (age / 604_800)) for age in ages],
    }
    for model, weights in parts.items():
        sums = [sum(weights[: n + 1]) for n in range(count)]
        yield model, [(Decimal(part) / sums[-1]).quantize(EIGHTH, ROUND_HALF_UP) for part in sums]


def attribution(facts: Facts) -> Table:
    """Returns kpi_attribution without its currency, by its grain."""
    sessions = Sessions(facts)
    sums: dict[Key, list[Any]] = defaultdict(list)
    for order in orders(facts):
        touches = sessions.touches(order)
        if not touches:
            for model in ("first_touch", "last_touch", "last_non_direct", "linear",
                          "position_based", "time_decay"):  # fmt: skip
                key = order.store, order.month, model, False, "0", "0"
                sums[key].append((ONE, *order.amounts()))
            continue
        for model, parts in until(touches, order.at):
            before = NONE
            for touch, part in zip(touches, parts, strict=True):
                key = order.store, order.month, model, True, touch.channel, touch.campaign
                sums[key].append((part - before, *_credit(order, before, part)))
                before = part
    found: Table = {}
    for key, rows in sums.items():
        credited, net, net_base, margin = (list(column) for column in zip(*rows, strict=True))
        if sum(credited):
            found[key] = {
                "orders": sum(credited),
                "net_amount": sum(net),
                "net_base_amount": known_sum(net_base),
                "margin_amount": known_sum(margin),
            }
    return found


def _credit(order: Order, before: Decimal, part: Decimal) -> Iterator[Decimal | None]:
    """What a touch gets: the amount's part up to it less that up to the one before."""
    for amount in order.amounts():
        now, then = converted(amount, part), converted(amount, before)
        yield None if now is None or then is None else now - then


def campaigns(facts: Facts) -> Table:
    """Returns the figures of kpi_campaign_performance, by store, month and campaign."""
    sessions = Sessions(facts)
    first = {(store, order) for store, _, _, order, number in customer_orders(facts) if number == 1}
    brought: dict[Key, list[Order]] = defaultdict(list)
    for order in orders(facts):
        touches = sessions.touches(order)
        if touches:
            tagged = [touch for touch in touches if not touch.is_direct]
            campaign = (tagged or touches)[-1].campaign
            if campaign != "0":
                brought[order.store, order.month, campaign].append(order)
    spent: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in facts.spend.iter_rows(named=True):
        month = row["spend_on"].replace(day=1)
        spent[row["store_id"], month, row["campaign_id"]].append(row)
    return {
        place: _campaign(spent.get(place, []), brought.get(place, []), first)
        for place in spent.keys() | brought.keys()
    }


def _campaign(
    spent: list[dict[str, Any]], brought: list[Order], first: set[tuple[str, str]]
) -> dict[str, Any]:
    shown, clicks = (known_sum(row[name] for row in spent) for name in ("impressions", "clicks"))
    spend = sum((row["spend_amount"] for row in spent), NONE)
    clicks_of_shown = known_sum(row["clicks"] for row in spent if row["impressions"] is not None)
    paid_clicks = known_sum(row["spend_amount"] for row in spent if row["clicks"] is not None)
    new = sum((order.store, order.number) in first for order in brought)
    net = sum((order.net for order in brought), NONE)
    margin = known_sum(order.margin for order in brought) if brought else NONE
    return {
        "impressions": shown,
        "clicks": clicks,
        "spend_amount": spend,
        "spend_base_amount": known_sum(r["spend_base_amount"] for r in spent) if spent else NONE,
        "attributed_orders": len(brought),
        "attributed_new_customers": new,
        "attributed_net_amount": net,
        "attributed_net_base_amount": known_sum(o.net_base for o in brought) if brought else NONE,
        "attributed_margin_amount": margin,
        "click_rate": ratio(clicks_of_shown, shown, 10),
        "cost_per_click_amount": ratio(paid_clicks, clicks, 4),
        "cac_amount": ratio(spend, new, 4),
        "roas": ratio(net, spend, 10),
        "roi": ratio(None if margin is None else margin - spend, spend, 10),
    }
