"""Payments and parcels of a simulated shop, worked out once more without SQL from what it tells."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest

from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.master_tables import fx_rates
from ecom_assets.simmart.order_tables import orders, payments, shipments
from ecom_assets.simmart.plan import MARKETS, Plan, scale_of
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.truth import write_truth
from ecom_assets.stores import load_stores
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

FEEDS = ("customers", "orders", "order_items", "payments", "shipments", "fx_rates")
NOW = datetime(2026, 12, 1, tzinfo=UTC)
# Over the start of summer time; the other store has a currency that needs rates.
DEMO = Shop(Plan("demo", 1, scale_of("demo"), date(2026, 1, 15), 90, MARKETS[0], reporting="EUR"))
SHOPS = {shop.plan.store: shop for shop in (DEMO, small_shop(2))}
FOURTH, SIXTH = Decimal("0.0001"), Decimal("0.000001")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home, unread = Home(tmp_path_factory.mktemp("payments")), tmp_path_factory.mktemp("unread")
    read = {f"simmart_{kind}" for kind in FEEDS}
    for store, shop in SHOPS.items():
        for feed in sorted(read):
            add_store(home, store, feed, shop.plan.market.currency, shop.plan.market.timezone)

        def folder(feed: str, store: str = store) -> Path:
            return home.feed_inbox(store, feed) if feed in read else unread / store / feed

        write_truth(shop, deliver(shop, folder), home.root / "truth" / store)
    take_in(home, load_stores(home), None, "test", now=NOW)
    return home


@pytest.fixture(scope="module")
def warehouse(home: Home) -> Iterator[Warehouse]:
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        yield warehouse


@pytest.fixture(params=list(SHOPS))
def shop(request: pytest.FixtureRequest) -> Shop:
    return SHOPS[request.param]


def found(warehouse: Warehouse, shop: Shop, sql: str) -> list[dict[str, Any]]:
    """Returns the rows of a query over the published tables; ``{store}`` is the shop's name."""
    cursor = warehouse.connection.cursor()
    cursor.execute("use warehouse")
    rows = cursor.execute(sql.format(store=f"'{shop.plan.store}'"))
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def local_days(shop: Shop, *columns: str) -> list[pl.Expr]:
    """The days of UTC instants on the store's clock."""
    return [
        pl.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(shop.plan.market.timezone)
        .dt.date().alias(name.replace("_at", "_on"))
        for name in columns
    ]  # fmt: skip


def placed(shop: Shop) -> pl.DataFrame:
    """The orders that are no tests, with their days."""
    told = orders(shop).unique("order_id", keep="first").filter(pl.col("is_test") == 0)
    return told.select("order_id", *local_days(shop, "ordered_at"))


def ratio(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Returns a share with six decimals; None of nothing."""
    if not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(SIXTH, ROUND_HALF_UP)


def paid(shop: Shop) -> list[dict[str, Any]]:
    """The payments of orders that are no tests, with month and exact amounts in both currencies."""
    rates = {
        day: Decimal(str(rate)) for day, rate in fx_rates(shop).select("rate_on", "rate").rows()
    }
    rows = payments(shop).join(placed(shop), on="order_id")
    rows = rows.with_columns(pl.col("paid_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"))
    decimals = Decimal(10) ** -shop.plan.market.minor_units
    result: list[dict[str, Any]] = []
    for row in rows.with_columns(local_days(shop, "paid_at")).to_dicts():
        amount = Decimal(str(row["amount"])).quantize(decimals)
        is_own = shop.plan.market.currency == shop.plan.reporting
        rate = Decimal(1) if is_own else rates[row["paid_on"]]
        base = (amount * rate).quantize(FOURTH, ROUND_HALF_UP)
        month = row["paid_on"].replace(day=1)
        result.append(row | {"month": month, "amount": amount, "base": base})
    return result


def test_every_identity_holds(warehouse: Warehouse) -> None:
    assert warehouse.failing_tests() == {}


def test_the_payment_mix_by_month_and_means(warehouse: Warehouse, shop: Shop) -> None:
    groups: dict[tuple[date, str], list[dict[str, Any]]] = {}
    for row in paid(shop):
        groups.setdefault((row["month"], row["method"]), []).append(row)
    captured = {
        key: [row for row in rows if row["status"] == "captured"] for key, rows in groups.items()
    }

    def money(month: date, column: str) -> Decimal:
        return sum((row[column] for k, rows in captured.items() if k[0] == month for row in rows),
                   Decimal(0))  # fmt: skip

    wanted = [
        {
            "paid_month": month,
            "method": method,
            "payments": len(rows),
            "orders": len({row["order_id"] for row in rows}),
            "captured_payments": len(good := captured[month, method]),
            "declined_payments": sum(row["status"] == "declined" for row in rows),
            "authorised_payments": 0,
            "refunded_amount": Decimal(0),
            "success_rate": ratio(len(good), len(rows)),
            "decline_rate": ratio(len(rows) - len(good), len(rows)),
            "captured_amount": (own := sum((row["amount"] for row in good), Decimal(0))),
            "captured_base_amount": (base := sum((row["base"] for row in good), Decimal(0))),
            "captured_share_rate": ratio(own, money(month, "amount")),
            "captured_share_base_rate": ratio(base, money(month, "base")),
        }
        for (month, method), rows in sorted(groups.items())
    ]
    assert len(wanted) >= 15
    columns = ", ".join(wanted[0])
    sql = f"select {columns} from kpi_payment_mix where store_id = {{store}} order by 1, 2"
    assert found(warehouse, shop, sql) == wanted


def test_fulfilment_by_month_of_the_order_and_carrier(warehouse: Warehouse, shop: Shop) -> None:
    rows = shipments(shop).join(placed(shop), on="order_id")
    groups: dict[tuple[date, str], list[dict[str, Any]]] = {}
    for row in rows.with_columns(local_days(shop, "shipped_at", "delivered_at")).to_dicts():
        groups.setdefault((row["ordered_on"].replace(day=1), row["carrier"]), []).append(row)

    def days(rows: list[dict[str, Any]], column: str) -> list[int]:
        return [(row[column] - row["ordered_on"]).days for row in rows]

    def on_time(rows: list[dict[str, Any]]) -> int:
        return sum(row["delivered_on"] <= row["promised_on"] for row in rows)

    wanted = [
        {
            "order_month": month,
            "carrier": carrier,
            "shipments": len(rows),
            "orders": len({row["order_id"] for row in rows}),
            "delivered_shipments": len(rows),
            "open_shipments": 0,
            "on_time_shipments": on_time(rows),
            "late_shipments": len(rows) - on_time(rows),
            "on_time_rate": ratio(on_time(rows), len(rows)),
            "avg_days_to_ship": ratio(sum(days(rows, "shipped_on")), len(rows)),
            "avg_days_to_deliver": ratio(sum(days(rows, "delivered_on")), len(rows)),
            "median_days_to_ship": Decimal(str(median(days(rows, "shipped_on")))),
            "median_days_to_deliver": Decimal(str(median(days(rows, "delivered_on")))),
        }
        for (month, carrier), rows in sorted(groups.items())
    ]
    assert len(wanted) >= 12
    columns = ", ".join(wanted[0])
    sql = f"select {columns} from kpi_fulfilment_monthly where store_id = {{store}} order by 1, 2"
    assert found(warehouse, shop, sql) == wanted


def test_what_was_paid_of_each_order_is_what_the_shop_knows(
    home: Home, warehouse: Warehouse, shop: Shop
) -> None:
    truth = pl.read_parquet(home.root / "truth" / shop.plan.store / "payments.parquet")
    known = truth.filter(pl.col("payments") > 0).sort("order_id")
    rows = found(
        warehouse,
        shop,
        f"""
        select order_id, count(*) as payments, count(*) filter (status = 'declined') as declined,
            cast(coalesce(sum(amount) filter (status = 'captured'), 0)
                * {10**shop.plan.market.minor_units} as bigint) as captured_coins
        from fact_payments where store_id = {{store}} group by order_id order by order_id
        """,
    )
    assert rows == known.select("order_id", "payments", "declined", "captured_coins").to_dicts()


def test_what_is_captured_is_what_the_buyers_owe(home: Home, warehouse: Warehouse) -> None:
    """The amounts owed are those of the order's lines: net, tax and shipping."""
    truth = pl.read_parquet(home.root / "truth" / "demo" / "payments.parquet")
    owing = truth.filter(pl.col("owed_coins") != pl.col("captured_coins"))["order_id"].to_list()
    assert len(owing) < 20  # attempts of the last minutes of the last day
    (row,) = found(
        warehouse,
        DEMO,
        f"""
        select count(*) as orders, count(*) filter (paid.amount is distinct from owed.amount)
            as differing
        from (
            select order_id, sum(net_amount + tax_amount + shipping_amount) as amount
            from fact_sales where store_id = {{store}} group by order_id
        ) as owed
        left join (
            select order_id, sum(amount) as amount from fact_payments
            where store_id = {{store}} and status = 'captured' group by order_id
        ) as paid using (order_id)
        where order_id not in ({", ".join(f"'{order}'" for order in owing) or "''"})
        """,
    )
    assert row == {"orders": truth.height - len(owing), "differing": 0}


def test_the_cards_that_were_tested_are_declined_payments(home: Home, warehouse: Warehouse) -> None:
    labels = pl.read_parquet(home.root / "truth" / "demo" / "fraud.parquet")
    tested = labels.filter(pl.col("kind") == "card_testing", pl.col("payment_id").is_not_null())
    sql = "select payment_id, status from fact_payments where store_id = {store}"
    status = {row["payment_id"]: row["status"] for row in found(warehouse, DEMO, sql)}
    assert tested.height > 50
    assert {status[number] for number in tested["payment_id"]} == {"declined"}
