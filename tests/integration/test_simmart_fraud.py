"""Fraud at demo scale: signals and days worked out once more without SQL, and what is found.

The rules were tuned on another shop: scale s3, seed 1.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from benchmarks.fraud import found, raised, signals_of
from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.fraud_labels import fraud_labels
from ecom_assets.simmart.master_tables import customers
from ecom_assets.simmart.order_tables import order_items, orders, payments, refunds
from ecom_assets.simmart.plan import MARKETS, Plan, scale_of
from ecom_assets.simmart.shop import Shop
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.project import PROJECT_DIR
from tests.harness.warehouse import Warehouse
from tests.integration.recomputed.facts import published
from tests.integration.recomputed.fraud import days_of

pytestmark = [pytest.mark.integration, pytest.mark.deep]

FEEDS = ("customers", "products", "orders", "order_items", "payments", "refunds")
SEED = PROJECT_DIR / "seeds" / "fraud_rules.csv"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
# Over the start of summer time, with the reporting currency's own money.
SHOP = Shop(Plan("demo", 7, scale_of("demo"), date(2026, 1, 15), 90, MARKETS[0], reporting="EUR"))
# Below what this shop comes to with any of the seeds 2 to 7, at the least 1.00, 0.81, 0.64, 0.92
# and 0.57 of the orders, each known for what it is only after those before it.
RECALL = {
    "card_testing": 0.99,
    "velocity": 0.75,
    "address_ring": 0.55,
    "account_takeover": 0.9,
    "refund_abuse": 0.55,
}
DETECTED = dict.fromkeys(RECALL, 0.9) | {"refund_abuse": 0.8}
PRECISION = {
    "card_testing": 0.99,
    "velocity": 0.9,
    "address_ring": 0.97,
    "account_takeover": 0.97,
    "refund_abuse": 0.85,
}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Signals = dict[tuple[str, str], tuple[datetime, Decimal]]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    home, unread = Home(tmp_path_factory.mktemp("fraud")), tmp_path_factory.mktemp("unread")
    read = {f"simmart_{kind}" for kind in FEEDS}
    for feed in sorted(read):
        add_store(home, "demo", feed, SHOP.plan.market.currency, SHOP.plan.market.timezone)

    def folder(feed: str) -> Path:
        return home.feed_inbox("demo", feed) if feed in read else unread / feed

    list(deliver(SHOP, folder))
    take_in(home, load_stores(home), None, "test", now=NOW)
    with Warehouse(home) as built:
        assert built.build()
        yield built


@dataclass(frozen=True)
class Placed:
    """An order as the shop tells of it."""

    order_id: str
    at: datetime
    customer: str | None
    country: str
    device: str
    is_off: bool


@pytest.fixture(scope="module")
def placed() -> list[Placed]:
    """The orders that are no tests, in the order of time."""
    told = orders(SHOP).filter(pl.col("is_test") == 0)
    off = set(told.filter(pl.col("status") == "cancelled")["order_id"])
    rows = told.unique("order_id", keep="first").to_dicts()
    return sorted(
        (
            Placed(
                row["order_id"], row["ordered_at"], row["customer_id"], row["ship_country"],
                row["device"], row["order_id"] in off,
            )
            for row in rows
        ),
        key=lambda order: (order.at, order.order_id),
    )  # fmt: skip


def velocity(placed: list[Placed]) -> Signals:
    """The third order of a buyer within half an hour; the run grows while orders signal."""
    by_buyer: dict[str, list[Placed]] = defaultdict(list)
    for order in placed:
        by_buyer[order.customer or f"guest {order.device}"].append(order)
    signals: Signals = {}
    for theirs in by_buyer.values():
        run = 0
        for number, order in enumerate(theirs):
            is_fast = number >= 2 and theirs[number - 2].at > order.at - 30 * MINUTE
            run = run + 1 if is_fast else 0
            if is_fast:
                signals[order.order_id, "velocity"] = order.at, Decimal(2 + run)
    return signals


def address_ring(placed: list[Placed]) -> Signals:
    """An order within an hour of the third last account that began to use its device."""
    begun: dict[str, dict[str, datetime]] = defaultdict(dict)
    run: dict[str, int] = {}
    signals: Signals = {}
    for order in placed:
        if order.customer is None:
            continue
        begun[order.device].setdefault(order.customer, order.at)
        times = list(begun[order.device].values())
        if len(times) >= 3 and times[-3] > order.at - 60 * MINUTE:
            first = run.setdefault(order.device, len(times))
            signals[order.order_id, "address_ring"] = order.at, Decimal(3 + len(times) - first)
        else:
            run.pop(order.device, None)
    return signals


def account_takeover(placed: list[Placed]) -> Signals:
    """An order of a customer within a day of the first from a new country and a new device."""
    countries: dict[str, dict[str, datetime]] = defaultdict(dict)
    devices: dict[str, dict[str, datetime]] = defaultdict(dict)
    since: dict[tuple[str, str, str], int] = defaultdict(int)
    signals: Signals = {}
    for order in placed:
        if order.customer is None:
            continue
        who = order.customer
        began = min(
            countries[who].setdefault(order.country, order.at),
            devices[who].setdefault(order.device, order.at),
        )
        since[who, order.country, order.device] += 1
        if min(devices[who].values()) < began and began > order.at - DAY:
            evidence = Decimal(since[who, order.country, order.device])
            signals[order.order_id, "account_takeover"] = order.at, evidence
    return signals


def account_change(placed: list[Placed]) -> Signals:
    """A customer's order of three times the usual within two days of a new e-mail or town."""
    worth: dict[str, Decimal] = defaultdict(Decimal)
    for order_id, quantity, price in (
        order_items(SHOP).select("order_id", "quantity", "unit_price").rows()
    ):
        worth[order_id] += Decimal(quantity) * Decimal(str(price)).quantize(Decimal("0.01"))
    changes: dict[str, list[datetime]] = defaultdict(list)
    known: dict[str, Any] = {}
    columns = ["email", "country", "region", "city", "postal_code"]
    told = customers(SHOP).sort("updated_at")
    for row in told.to_dicts():
        address = [row[column] for column in columns]
        if known.get(row["customer_id"], address) != address and not row["is_deleted"]:
            changes[row["customer_id"]].append(row["updated_at"])
        known[row["customer_id"]] = address
    earlier: dict[str, list[Decimal]] = defaultdict(list)
    signals: Signals = {}
    for order in placed:
        if order.customer is None or order.is_off:
            continue
        before, amount = earlier[order.customer], worth[order.order_id]
        near = [at for at in changes[order.customer] if order.at - 2 * DAY < at <= order.at]
        if len(before) >= 3 and near:
            usual = (sum(before) / len(before)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            times = (amount / usual).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            if times >= 3:
                signals[order.order_id, "account_change"] = order.at, times
        before.append(amount)
    return signals


def card_testing(placed: list[Placed]) -> Signals:
    """The fifth declined payment within an hour of its order."""
    at = {order.order_id: order.at for order in placed}
    declined: dict[str, list[datetime]] = defaultdict(list)
    rows = payments(SHOP).filter(pl.col("status") == "declined").select("order_id", "paid_at")
    for order_id, paid_at in rows.rows():
        moment = datetime.fromisoformat(paid_at.removesuffix("Z"))
        if order_id in at and at[order_id] <= moment < at[order_id] + 60 * MINUTE:
            declined[order_id].append(moment)
    return {
        (order_id, "card_testing"): (sorted(moments)[4], Decimal(5))
        for order_id, moments in declined.items()
        if len(moments) >= 5
    }


def refund_abuse(placed: list[Placed]) -> Signals:
    """A refund when half of the customer's orders came back, the third last in 180 days."""
    who = {order.order_id: order.customer for order in placed if order.customer}
    ordered: dict[str, list[datetime]] = defaultdict(list)
    for order in placed:
        if order.customer:
            ordered[order.customer].append(order.at)
    back: dict[str, dict[str, datetime]] = defaultdict(dict)
    for order_id, text in (
        refunds(SHOP).sort("refunded_at").select("order_id", "refunded_at").rows()
    ):
        if order_id in who:
            moment = datetime.fromisoformat(text.removesuffix("Z"))
            back[who[order_id]].setdefault(order_id, moment)
    signals: Signals = {}
    for customer, returned in back.items():
        times = sorted((moment, order_id) for order_id, moment in returned.items())
        for number, (moment, order_id) in enumerate(times, start=1):
            so_far = sum(at <= moment for at in ordered[customer])
            is_recent = number >= 3 and times[number - 3][0] > moment - 180 * DAY
            if is_recent and 2 * number >= so_far:
                signals[order_id, "refund_abuse"] = moment, Decimal(number)
    return signals


RULES = (velocity, address_ring, account_takeover, account_change, card_testing, refund_abuse)


def told(warehouse: Warehouse) -> Signals:
    rows = warehouse.connection.execute(
        "select order_id, rule, signal_at, evidence from warehouse.main.fact_fraud_signals"
    ).fetchall()
    return {(order_id, rule): (at, evidence) for order_id, rule, at, evidence in rows}


def test_every_signal_and_its_evidence(warehouse: Warehouse, placed: list[Placed]) -> None:
    signals = told(warehouse)
    for rule in RULES:
        wanted = rule(placed)
        assert wanted
        assert {key: v for key, v in signals.items() if key[1] == rule.__name__} == wanted


def test_every_identity_holds(warehouse: Warehouse) -> None:
    assert warehouse.failing_tests() == {}


def local_day(at: datetime) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(SHOP.plan.market.timezone)).date()


def test_orders_and_flagged_orders_of_every_day(warehouse: Warehouse, placed: list[Placed]) -> None:
    """What is at stake is that of fact_fraud_signals; the rest is told by the shop's own rows."""
    days = {order.order_id: local_day(order.at) for order in placed}
    stakes = {
        (order, rule): amounts
        for order, rule, *amounts in warehouse.connection.execute(
            "select order_id, rule, amount, base_amount from warehouse.main.fact_fraud_signals"
        ).fetchall()
    }
    score = dict(pl.read_csv(SEED).select("rule", "score").rows())
    told = [
        {
            "store_id": "demo", "order_id": order, "rule": rule, "score": score[rule],
            "ordered_on": days[order], "signal_on": local_day(at),
            "amount": stakes[order, rule][0], "base_amount": stakes[order, rule][1],
        }
        for rules in RULES
        for (order, rule), (at, _) in rules(placed).items()
    ]  # fmt: skip
    horizon = [("demo", SHOP.plan.start + timedelta(days=n)) for n in range(SHOP.plan.days)]
    wanted = days_of([("demo", day) for day in days.values()], told, horizon)
    connection = warehouse.connection.cursor()
    connection.execute("use warehouse")
    found = published(connection, "kpi_fraud_daily", "store_id", "day_on")
    assert {place: row | {"currency_code": "EUR"} for place, row in wanted.items()} == found


@pytest.fixture(scope="module")
def signals(warehouse: Warehouse) -> pl.DataFrame:
    connection = warehouse.connection.cursor()
    connection.execute("use warehouse")
    return signals_of(connection, "demo")


@pytest.mark.parametrize("kind", list(RECALL))
def test_fraud_is_found(signals: pl.DataFrame, kind: str) -> None:
    result = found(signals, fraud_labels(SHOP))[kind]
    assert result.orders > 20
    assert result.recall >= RECALL[kind]
    assert result.detected / result.incidents >= DETECTED[kind]


@pytest.mark.parametrize("rule", list(PRECISION))
def test_what_is_flagged_is_fraud(signals: pl.DataFrame, rule: str) -> None:
    assert raised(signals, fraud_labels(SHOP))[rule].precision >= PRECISION[rule]


def test_an_incident_is_known_within_minutes(signals: pl.DataFrame) -> None:
    """Account take-overs at once; refund abuse with the third refund, weeks after the first."""
    result = found(signals, fraud_labels(SHOP))
    assert result["account_takeover"].delay == timedelta()
    for kind in ("card_testing", "velocity", "address_ring"):
        assert result[kind].delay < 10 * MINUTE


def test_without_a_rule_its_fraud_is_not_found(signals: pl.DataFrame) -> None:
    left = signals.filter(pl.col("rule") != "velocity")
    assert found(left, fraud_labels(SHOP))["velocity"].recall == 0
