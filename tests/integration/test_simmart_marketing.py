"""Campaigns and web sessions of a simulated shop, recomputed from what it knows of itself."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest

from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.activity_tables import campaign_spend
from ecom_assets.simmart.columns import campaign_ids, order_ids
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.master_tables import fx_rates
from ecom_assets.simmart.plan import MARKETS, Plan, scale_of
from ecom_assets.simmart.session_truth import session_truth
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.stores import load_stores
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

NOW = datetime(2026, 12, 1, tzinfo=UTC)
# Over the start of summer time; the other store has a currency that needs rates.
DEMO = Shop(Plan("demo", 1, scale_of("demo"), date(2026, 1, 15), 90, MARKETS[0], reporting="EUR"))
SHOPS = {shop.plan.store: shop for shop in (DEMO, small_shop(2))}
FOURTH = Decimal("0.0001")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    home = Home(tmp_path_factory.mktemp("marketing"))
    for shop in SHOPS.values():
        market = shop.plan.market
        for feed in TABLES:
            add_store(home, shop.plan.store, feed, market.currency, market.timezone)
        deliver(shop, lambda feed, store=shop.plan.store: home.feed_inbox(store, feed))
    take_in(home, load_stores(home), None, "test", now=NOW)
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        yield warehouse


@pytest.fixture(params=list(SHOPS))
def shop(request: pytest.FixtureRequest) -> Shop:
    return SHOPS[request.param]


@pytest.fixture
def sessions(shop: Shop) -> pl.DataFrame:
    """Returns the shop's own sessions, with the store-local day of each."""
    return session_truth(shop).with_columns(
        local_day("started_at", shop).alias("started_on"),
        local_day("cart_at", shop).alias("cart_on"),
    )


def local_day(instant: str, shop: Shop) -> pl.Expr:
    zone = shop.plan.market.timezone
    return pl.col(instant).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()


def found(warehouse: Warehouse, shop: Shop, sql: str) -> pl.DataFrame:
    result = warehouse.connection.execute(sql, [shop.plan.store])
    names = [str(column[0]) for column in result.description or ()]
    return pl.DataFrame(result.fetchall(), names, orient="row", infer_schema_length=None)


def same(found: pl.DataFrame, truth: pl.DataFrame, key: list[str]) -> None:
    """Compares two tables, counts and texts exactly, ratios to a billionth."""
    truth = truth.select(found.columns)
    ratios = [name for name in found.columns if name.endswith("_rate")]
    exact = [name for name in found.columns if name not in ratios]
    kinds = dict.fromkeys(exact, pl.String)
    found, truth = (table.sort(key, nulls_last=True) for table in (found, truth))
    assert found.height > 10
    assert found.select(exact).cast(kinds).equals(truth.select(exact).cast(kinds))
    for name in ratios:
        difference = (found[name].cast(pl.Float64) - truth[name]).abs().max()
        assert isinstance(difference, float)
        assert difference < 1e-9, name
        assert found[name].null_count() == truth[name].null_count()


def test_every_identity_holds(warehouse: Warehouse) -> None:
    assert warehouse.failing_tests() == {}


def test_the_sessions_are_those_of_the_shop(
    warehouse: Warehouse, shop: Shop, sessions: pl.DataFrame
) -> None:
    """Known customers come back within half an hour in the large shop: fewer than visits."""
    rows = found(
        warehouse,
        shop,
        """
        select
            i.visitor_id, f.customer_id, f.started_at, f.started_on, f.ended_at, f.events,
            f.page_views, f.product_views, f.has_product_view, f.has_cart, f.has_checkout,
            f.has_purchase, f.cart_at, f.purchased_at, f.order_id, f.device,
            k.channel, k.campaign_id
        from warehouse.main.fact_sessions as f
        join staging.main.int_sessions as i using (store_id, session_id)
        left join warehouse.main.dim_campaigns as k
            on f.campaign_key = k.campaign_key and k.campaign_key <> '0'
        where f.store_id = ?
        """,
    )
    same(rows, sessions, ["visitor_id", "started_at"])
    if shop is DEMO:
        assert rows.height < len(shop.web.sessions.ids)


def test_each_order_is_of_the_campaign_it_came_through(warehouse: Warehouse, shop: Shop) -> None:
    rows = found(
        warehouse,
        shop,
        """
        select distinct f.order_id, k.campaign_id
        from warehouse.main.fact_sales as f
        left join warehouse.main.dim_campaigns as k
            on f.campaign_key = k.campaign_key and k.campaign_key <> '0'
        where f.store_id = ?
        """,
    )
    orders = shop.demand.positions
    truth = pl.DataFrame(
        {"order_id": order_ids(orders), "campaign_id": campaign_ids(shop.marketing.of_order)}
    )
    same(rows, truth, ["order_id"])


def test_what_campaigns_cost_is_what_the_shop_paid_at_the_rate_of_the_day(
    warehouse: Warehouse, shop: Shop
) -> None:
    rows = found(
        warehouse,
        shop,
        """
        select campaign_id, spend_on, impressions, clicks,
            cast(spend_amount as varchar) as spend_amount,
            cast(spend_base_amount as varchar) as spend_base_amount
        from warehouse.main.fact_campaign_daily where store_id = ?
        """,
    )
    rates = dict(fx_rates(shop).select("rate_on", "rate").iter_rows())
    own = shop.plan.market.currency == shop.plan.reporting
    truth = campaign_spend(shop).with_columns(
        pl.col("spend").cast(pl.Decimal(18, 4)).alias("spend_amount")
    )
    base = [
        amount if own else (amount * Decimal(rates[day])).quantize(FOURTH, ROUND_HALF_UP)
        for amount, day in truth.select("spend_amount", "spend_on").iter_rows()
    ]
    same(
        rows,
        truth.with_columns(pl.Series("spend_base_amount", base, dtype=pl.Decimal(18, 4))),
        ["campaign_id", "spend_on"],
    )


def test_the_funnel_of_each_day_and_device(
    warehouse: Warehouse, shop: Shop, sessions: pl.DataFrame
) -> None:
    rows = found(
        warehouse,
        shop,
        "select * exclude (store_id) from warehouse.main.kpi_funnel_daily where store_id = ?",
    )
    steps = ("product_view", "cart", "checkout", "purchase")
    truth = sessions.group_by("started_on", "device").agg(
        pl.len().alias("sessions"),
        *(pl.col(f"has_{step}").sum().alias(f"{step}_sessions") for step in steps),
    )
    rates = {
        "product_view_rate": ("product_view_sessions", "sessions"),
        "cart_rate": ("cart_sessions", "product_view_sessions"),
        "checkout_rate": ("checkout_sessions", "cart_sessions"),
        "purchase_rate": ("purchase_sessions", "checkout_sessions"),
        "conversion_rate": ("purchase_sessions", "sessions"),
    }
    same(rows, with_rates(truth, rates), ["started_on", "device"])


def test_the_carts_that_nobody_ordered_within_a_day(
    warehouse: Warehouse, shop: Shop, sessions: pl.DataFrame
) -> None:
    rows = found(
        warehouse,
        shop,
        "select * exclude (store_id) from warehouse.main.kpi_cart_abandonment where store_id = ?",
    )
    bought: dict[str, list[datetime]] = {}
    for visitor, at in sessions.select("visitor_id", "purchased_at").drop_nulls().iter_rows():
        bought.setdefault(visitor, []).append(at)
    end = datetime.fromtimestamp(int(shop.plan.midnights[-1]), UTC).replace(tzinfo=None)
    day = timedelta(days=1)
    judged = [
        {
            "cart_on": on,
            "carts": 1,
            "open_carts": at + day > end,
            "closed_carts": at + day <= end,
            "ordered_carts": at + day <= end and ordered,
            "abandoned_carts": at + day <= end and not ordered,
        }
        for visitor, at, on in sessions.select("visitor_id", "cart_at", "cart_on")
        .drop_nulls()
        .iter_rows()
        for ordered in (any(at <= then < at + day for then in bought.get(visitor, [])),)
    ]
    truth = pl.DataFrame(judged).group_by("cart_on").agg(pl.exclude("cart_on").cast(pl.Int64).sum())
    assert truth["open_carts"].sum() > 0
    assert truth["ordered_carts"].sum() > 0
    rates = {"abandonment_rate": ("abandoned_carts", "closed_carts")}
    same(rows, with_rates(truth, rates), ["cart_on"])


def with_rates(table: pl.DataFrame, rates: dict[str, tuple[str, str]]) -> pl.DataFrame:
    """Adds ratios of columns, null where there is no denominator."""
    return table.with_columns(
        pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole)).alias(name)
        for name, (part, whole) in rates.items()
    )
