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


Order = tuple[str, str | None, datetime, date, Decimal]  # number, customer, instant, month, net
Touch = tuple[datetime, str, str | None]  # start, visitor, campaign


@pytest.fixture(scope="module")
def orders(warehouse: Warehouse) -> dict[str, list[Order]]:
    """Returns the orders that count, by store: number, customer, instant, month, net."""
    rows = warehouse.connection.execute(
        """
        select o.store_id, o.order_id, o.customer_id, o.ordered_at, o.ordered_on, sum(f.net_amount)
        from staging.main.stg_orders as o
        join warehouse.main.fact_sales as f using (store_id, order_id)
        where o.is_valid and f.line_kind = 'product'
        group by all having count(case when f.unit_price > 0 and f.quantity > 0 then 1 end) > 0
        """
    )
    found: dict[str, list[Order]] = {}
    for store, order, customer, at, on, net in rows.fetchall():
        found.setdefault(store, []).append((order, customer, at, on.replace(day=1), net))
    return found


def touches_of(orders: list[Order], sessions: pl.DataFrame) -> dict[str, list[Touch]]:
    """Returns the sessions that led to each order, in order: start, visitor, campaign."""
    by_customer: dict[str, set[Touch]] = {}
    by_visitor: dict[str, set[Touch]] = {}
    buyer: dict[str, str] = {}
    columns = ("visitor_id", "customer_id", "started_at", "order_id", "campaign_id")
    for visitor, customer, at, order, campaign in sessions.select(columns).iter_rows():
        by_visitor.setdefault(visitor, set()).add((at, visitor, campaign))
        if customer:
            by_customer.setdefault(customer, set()).add((at, visitor, campaign))
        if order:
            buyer[order] = visitor
    window = timedelta(days=30)
    found = {}
    for order, customer, at, _, _ in orders:
        known = by_customer.get(customer or "", set()) | by_visitor.get(buyer.get(order, ""), set())
        led = sorted(
            (touch for touch in known if at - window < touch[0] <= at), key=lambda t: t[:2]
        )
        if led:
            found[order] = led
    return found


EIGHTH = Decimal("0.00000001")


def shares(whole: list[int]) -> list[Decimal]:
    """Returns parts by weight: of what there is up to each, rounded, what it adds."""
    until = [
        (Decimal(sum(whole[: n + 1])) / sum(whole)).quantize(EIGHTH, ROUND_HALF_UP)
        for n in range(len(whole))
    ]
    return [now - before for now, before in zip(until, [Decimal(0), *until], strict=False)]


def weights(touches: list[Touch], at: datetime) -> dict[str, list[Decimal]]:
    """Returns what each touch weighs, by model."""
    count = len(touches)
    tagged = [n for n, touch in enumerate(touches) if touch[2]]
    ages = [(at - touch[0]).total_seconds() for touch in touches]
    ends = [2 * (count - 2)] * 2 if count > 2 else [1] * count
    position = [ends[0], *([1] * (count - 2)), ends[-1]] if count > 1 else [1]
    return {
        "first_touch": shares([int(n == 0) for n in range(count)]),
        "last_touch": shares([int(n == count - 1) for n in range(count)]),
        "last_non_direct": shares(
            [int(n == (tagged[-1] if tagged else count - 1)) for n in range(count)]
        ),
        "linear": shares([1] * count),
        "position_based": shares(position),
        "time_decay": shares([round(10**12 * 0.5 ** (age / 604_800)) for age in ages]),
    }


def test_each_order_is_shared_among_the_sessions_that_led_to_it(
    warehouse: Warehouse,
    shop: Shop,
    sessions: pl.DataFrame,
    orders: dict[str, list[Order]],
) -> None:
    rows = warehouse.connection.execute(
        """
        select order_id, campaign_id, first_touch_weight, last_touch_weight,
            last_non_direct_weight, linear_weight, position_based_weight, time_decay_weight
        from staging.main.int_order_touches where store_id = ? order by order_id, touch_number
        """,
        [shop.plan.store],
    ).fetchall()
    placed = {order: at for order, _, at, _, _ in orders[shop.plan.store]}
    truth = [
        (order, touch[2] or "0", *parts)
        for order, led in sorted(touches_of(orders[shop.plan.store], sessions).items())
        for touch, *parts in zip(led, *weights(led, placed[order]).values(), strict=True)
    ]
    assert len(truth) > 100
    assert rows == truth


def test_attributed_orders_and_net_by_month_model_and_campaign(
    warehouse: Warehouse,
    shop: Shop,
    sessions: pl.DataFrame,
    orders: dict[str, list[Order]],
) -> None:
    rows = warehouse.connection.execute(
        """
        select order_month, attribution_model, is_attributed, campaign_id, sum(orders),
            sum(net_amount)
        from warehouse.main.kpi_attribution where store_id = ? group by all
        """,
        [shop.plan.store],
    ).fetchall()
    led = touches_of(orders[shop.plan.store], sessions)
    truth: dict[tuple[date, str, bool, str], list[Decimal]] = {}
    for order, _, at, month, net in orders[shop.plan.store]:
        touches = led.get(order, [])
        for model, parts in weights(touches, at).items() if touches else NOTHING.items():
            until = Decimal(0)
            for touch, part in zip(touches or [None], parts, strict=True):
                campaign = (touch[2] if touch else None) or "0"
                total = truth.setdefault(
                    (month, model, bool(touches), campaign), [Decimal(0), Decimal(0)]
                )
                gets = cents(net * (until + part)) - cents(net * until)
                until += part
                total[0] += part
                total[1] += gets
    wanted = {key: tuple(total) for key, total in truth.items() if total[0]}
    assert {tuple(row[:4]): tuple(row[4:]) for row in rows} == wanted
    by_model = {row[1]: sum(r[5] for r in rows if r[1] == row[1]) for row in rows}
    assert set(by_model.values()) == {sum(net for *_, net in orders[shop.plan.store])}


NOTHING = {
    model: [Decimal(1)]
    for model in (
        "first_touch",
        "last_touch",
        "last_non_direct",
        "linear",
        "position_based",
        "time_decay",
    )
}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(FOURTH, ROUND_HALF_UP)


def test_what_each_campaign_cost_and_brought_in_each_month(
    warehouse: Warehouse, shop: Shop, sessions: pl.DataFrame, orders: dict[str, list[Order]]
) -> None:
    rows = found(
        warehouse,
        shop,
        """
        select performance_month, campaign_id, impressions, clicks,
            cast(spend_amount as double) as spend, attributed_orders, attributed_new_customers,
            cast(attributed_net_amount as double) as net,
            cast(attributed_margin_amount as double) as margin,
            click_rate, cast(cost_per_click_amount as double) as cpc,
            cast(cac_amount as double) as cac, roas, roi
        from warehouse.main.kpi_campaign_performance where store_id = ?
        """,
    )
    margins = dict(
        warehouse.connection.execute(
            "select order_id, sum(net_amount - cost_amount) from warehouse.main.fact_sales "
            "where store_id = ? group by order_id",
            [shop.plan.store],
        ).fetchall()
    )
    placed = orders[shop.plan.store]
    firsts: dict[str, tuple[datetime, str]] = {}
    for order, customer, at, _, _ in placed:
        if customer:
            firsts[customer] = min(firsts.get(customer, (at, order)), (at, order))
    brought: dict[tuple[date, str], list[float]] = {}
    led = touches_of(placed, sessions)
    for order, customer, at, month, net in placed:
        tagged = [touch[2] for touch in led.get(order, []) if touch[2]]
        if tagged:
            total = brought.setdefault((month, tagged[-1]), [0, 0, 0, 0])
            is_first = customer is not None and firsts[customer] == (at, order)
            for n, value in enumerate((1, is_first, float(net), float(margins[order]))):
                total[n] += value
    spent: dict[tuple[date, str], list[float]] = {}
    for campaign, day, shown, clicks, cost in (
        campaign_spend(shop)
        .select("campaign_id", "spend_on", "impressions", "clicks", "spend")
        .iter_rows()
    ):
        total = spent.setdefault((day.replace(day=1), campaign), [0, 0, 0])
        for n, value in enumerate((shown, clicks, cost)):
            total[n] += value
    assert len(brought) > 10
    assert len(rows) == len(brought.keys() | spent.keys())
    for month, campaign, *row in rows.iter_rows():
        shown, clicks, cost = spent.get((month, campaign), (None, None, 0))
        count, new, net, margin = brought.get((month, campaign), (0, 0, 0, 0))
        wanted = [shown, clicks, cost, count, new, net, margin]
        wanted += [over(clicks, shown), over(cost, clicks), over(cost, new), over(net, cost)]
        wanted.append(over(margin - cost, cost))
        for value, truth in zip(row, wanted, strict=True):
            assert (value is None) == (truth is None)
            assert truth is None or abs(float(value) - truth) < 6e-5 or value == truth


def over(part: float | None, whole: float | None) -> float | None:
    """Returns a ratio, None without a denominator."""
    return part / whole if whole and part is not None else None
