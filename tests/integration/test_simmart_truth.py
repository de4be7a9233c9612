"""The warehouse finds out what the simulated shop knows of itself: money, history, stock."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.catalogue import CATEGORIES
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.master_tables import customers
from ecom_assets.simmart.plan import MARKETS
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.stock import counts
from ecom_assets.simmart.tables import TABLES
from ecom_assets.stores import load_stores
from tests.harness.simulated import SMALL, small_shop
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

# With a currency that needs rates.
NOW = datetime(2026, 12, 1, tzinfo=UTC)
SHOPS = {shop.plan.store: shop for shop in map(small_shop, range(3))}

Bools = NDArray[np.bool_]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    home = Home(tmp_path_factory.mktemp("simmart"))
    for shop in SHOPS.values():
        market = shop.plan.market
        for feed in TABLES:
            add_store(home, shop.plan.store, feed, market.currency, market.timezone)
        deliver(shop, lambda feed, store=shop.plan.store: home.feed_inbox(store, feed))
    intake = take_in(home, load_stores(home), None, "test", now=NOW)
    assert sum(file.quarantined for month in intake.loaded for file in month.files) == 0
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        yield warehouse


def by_day(shop: Shop, day: Ints, coins: Ints) -> dict[date, int]:
    """Returns the sums of coins by day, without days of nothing."""
    sums = np.bincount(day, weights=coins.astype(float), minlength=shop.plan.days)
    return {shop.plan.day(d): round(v) for d, v in enumerate(sums) if v}


def found_by_day(warehouse: Warehouse, shop: Shop, column: str) -> dict[date, int]:
    """Returns a KPI's daily sums in coins."""
    rows = warehouse.connection.execute(
        f"select sales_on, {column} from warehouse.main.kpi_sales_daily where store_id = ?",
        [shop.plan.store],
    ).fetchall()
    return {day: int(value * 10**shop.plan.market.minor_units) for day, value in rows if value}


@pytest.fixture(params=list(SHOPS))
def shop(request: pytest.FixtureRequest) -> Shop:
    return SHOPS[request.param]


def test_every_identity_holds(warehouse: Warehouse) -> None:
    assert warehouse.failing_tests() == {}


def test_gross_sales_by_day(warehouse: Warehouse, shop: Shop) -> None:
    counted = shop.money.counts[shop.baskets.order]
    truth = by_day(shop, shop.baskets.day, np.where(counted, shop.money.gross, 0))
    assert len(truth) == shop.plan.days
    assert found_by_day(warehouse, shop, "gross_amount") == truth


def test_discounts_by_day(warehouse: Warehouse, shop: Shop) -> None:
    money, order = shop.money, shop.baskets.order
    lines = by_day(shop, shop.baskets.day, np.where(money.counts[order], money.line_discount, 0))
    orders = by_day(shop, shop.demand.day, np.where(money.counts, money.order_discount, 0))
    truth = {day: lines.get(day, 0) + orders.get(day, 0) for day in lines.keys() | orders.keys()}
    assert found_by_day(warehouse, shop, "discount_amount") == truth


def test_returns_by_day_with_what_was_cancelled(warehouse: Warehouse, shop: Shop) -> None:
    after, money, plan = shop.aftermath, shop.money, shop.plan
    lines = after.refunded_lines
    at = after.refunded_at[shop.baskets.order[lines]]
    told = plan.day_of(at) < plan.days
    assert told.sum() > 50
    refunds = by_day(shop, plan.day_of(at)[told], after.refunded_amount[told])
    off = (after.cancelled_at > 0) & money.counts
    off &= plan.day_of(after.cancelled_at) < plan.days
    net = (money.goods - money.order_discount)[off]
    reversed_ = by_day(shop, plan.day_of(after.cancelled_at[off]), net)
    truth = {
        day: refunds.get(day, 0) + reversed_.get(day, 0)
        for day in refunds.keys() | reversed_.keys()
    }
    assert found_by_day(warehouse, shop, "returns_amount") == truth


def test_orders_that_count(warehouse: Warehouse, shop: Shop) -> None:
    after, plan = shop.aftermath, shop.plan
    is_off = (after.cancelled_at > 0) & (plan.day_of(after.cancelled_at) < plan.days)
    truth = int((shop.money.counts & ~is_off).sum())
    sql = "select sum(orders) from warehouse.main.kpi_sales_daily where store_id = "
    assert warehouse.scalar(f"{sql}'{plan.store}'") == truth


def still_counts(shop: Shop) -> Bools:
    """Returns which orders count as of the last day."""
    cancelled_at = shop.aftermath.cancelled_at
    is_off = (cancelled_at > 0) & (shop.plan.day_of(cancelled_at) < shop.plan.days)
    return shop.money.counts & ~is_off


def month_of(shop: Shop, day: int) -> date:
    return shop.plan.day(day).replace(day=1)


def test_gross_sales_by_month_and_category(warehouse: Warehouse, shop: Shop) -> None:
    """A product keeps the category that it began in, so it is that of every sale."""
    names = list(CATEGORIES)
    truth = Counter[tuple[date, str]]()
    counted = shop.money.counts[shop.baskets.order]
    category = shop.catalogue.category[shop.walked.product]
    for line in np.flatnonzero(counted):
        place = month_of(shop, int(shop.baskets.day[line])), names[category[line]]
        truth[place] += int(shop.money.gross[line])
    rows = warehouse.connection.execute(
        "select sales_month, category, gross_amount "
        "from warehouse.main.kpi_category_performance where store_id = ?",
        [shop.plan.store],
    ).fetchall()
    coin = 10**shop.plan.market.minor_units
    assert {(m, name): int(gross * coin) for m, name, gross in rows if gross} == dict(truth)


def test_customers_by_month_of_their_first_order(warehouse: Warehouse, shop: Shop) -> None:
    first: dict[int, date] = {}
    for order in np.flatnonzero(still_counts(shop) & (shop.demand.customer >= 0)):
        month = month_of(shop, int(shop.demand.day[order]))
        first.setdefault(int(shop.demand.customer[order]), month)
    rows = warehouse.connection.execute(
        "select distinct cohort_month, cohort_size from warehouse.main.kpi_cohort_value "
        "where store_id = ?",
        [shop.plan.store],
    ).fetchall()
    assert dict(rows) == Counter(first.values())


def test_products_that_are_together_in_orders(warehouse: Warehouse, shop: Shop) -> None:
    products: dict[int, set[str]] = defaultdict(set)
    counted = still_counts(shop)[shop.baskets.order]
    for line in np.flatnonzero(counted):
        products[int(shop.baskets.order[line])].add(f"P{shop.walked.product[line] + 1}")
    truth = Counter(
        (month_of(shop, int(shop.demand.day[order])), *pair)
        for order, together in products.items()
        for pair in combinations(sorted(together), 2)
    )
    rows = warehouse.connection.execute(
        "select sales_month, product_id, other_product_id, pair_orders "
        "from warehouse.main.kpi_basket_pairs where store_id = ?",
        [shop.plan.store],
    ).fetchall()
    assert len(rows) > 10
    assert {tuple(row[:3]): row[3] for row in rows} == {k: n for k, n in truth.items() if n >= 5}


def test_price_and_cost_are_those_of_the_day_of_the_sale(warehouse: Warehouse, shop: Shop) -> None:
    lines = warehouse.connection.execute(
        "select order_id, line_number, unit_price, unit_cost from warehouse.main.fact_sales "
        "where store_id = ? order by cast(order_id as bigint), line_number",
        [shop.plan.store],
    ).fetchall()
    coin = 10**shop.plan.market.minor_units
    cost = shop.catalogue.cost(shop.walked.product, shop.baskets.day)
    assert len(lines) > SMALL.orders
    assert [int(line[2] * coin) for line in lines] == shop.money.price.tolist()
    assert [int(line[3] * coin) for line in lines] == cost.tolist()


def test_customers_have_a_version_for_each_change_that_changes_something(
    warehouse: Warehouse, shop: Shop
) -> None:
    told = customers(shop).drop("delivery_day", "updated_at")
    attributes = pl.struct(pl.exclude("customer_id"))
    changed = (attributes != attributes.shift()).over("customer_id").fill_null(value=True)
    assert told.height > SMALL.customers
    sql = "select count(*) from warehouse.main.dim_customers where store_id = "
    assert warehouse.scalar(f"{sql}'{shop.plan.store}'") == told.filter(changed).height


def test_stock_at_the_end(warehouse: Warehouse, shop: Shop) -> None:
    rows = warehouse.connection.execute(
        "select product_id, sum(quantity) from warehouse.main.fact_inventory_movements "
        "where store_id = ? group by product_id",
        [shop.plan.store],
    ).fetchall()
    closing = shop.walked.closing[-1]
    truth = {f"P{product + 1}": int(pieces) for product, pieces in enumerate(closing)}
    assert {product: int(pieces) for product, pieces in rows} == truth


def test_what_is_counted_is_what_the_movements_leave(warehouse: Warehouse, shop: Shop) -> None:
    counted = warehouse.connection.execute(
        """
        select c.counted_on, c.quantity_on_hand, sum(m.quantity)
        from staging.raw.raw_inventory_counts as c
        join warehouse.main.fact_inventory_movements as m using (store_id, product_id, warehouse_id)
        where c.store_id = ? and m.moved_on <= c.counted_on
        group by c.product_id, c.counted_on, c.quantity_on_hand
        """,
        [shop.plan.store],
    ).fetchall()
    assert len(counted) == len(counts(shop.plan, SMALL.stocked)[0])
    assert [row for row in counted if row[1] != row[2]] == []
    assert {row[0].weekday() for row in counted} == {6}


def test_base_amounts_are_at_the_rate_of_the_day(warehouse: Warehouse) -> None:
    """The euro store needs no rates; of the yen store each line is converted by its own day."""
    wrong = warehouse.scalar(
        """
        select count(*)
        from warehouse.main.fact_sales as f
        left join staging.main.stg_fx_rates as r
            on f.store_id = r.store_id and f.ordered_on = r.rate_on
        where f.net_base_amount is distinct from
            case f.store_id when 'shop_0' then f.net_amount
                else round(f.net_amount * r.rate_to_base, 4) end
        """
    )
    assert wrong == 0


def test_a_second_store_changes_no_row_of_the_first(tmp_path: Path, warehouse: Warehouse) -> None:
    home, shop = Home(tmp_path), SHOPS["shop_1"]
    for number in (0, 1):  # the reporting currency is that of the first
        market = MARKETS[number]
        for feed in TABLES:
            add_store(home, f"shop_{number}", feed, market.currency, market.timezone)
    deliver(shop, lambda feed: home.feed_inbox("shop_1", feed))
    take_in(home, load_stores(home), None, "test", now=NOW)
    with Warehouse(home) as alone:
        assert alone.build()
        for table in ("fact_sales", "fact_returns", "kpi_sales_daily", "kpi_customer_rfm"):
            sql = f"select * from warehouse.main.{table} where store_id = 'shop_1' order by all"
            rows = alone.connection.execute(sql).fetchall()
            assert rows
            assert rows == warehouse.connection.execute(sql).fetchall(), table


def test_a_day_more_rewrites_no_more_than_what_it_changes(tmp_path: Path) -> None:
    """The end of a product's first version counted from its first sale: each day rewrote all."""
    home = Home(tmp_path)
    shorter = Shop(replace(SHOPS["shop_0"].plan, days=85))
    longer = Shop(replace(SHOPS["shop_0"].plan, days=86))
    for feed in TABLES:
        add_store(home, "shop_0", feed, "EUR", "Europe/Berlin")
    with Warehouse(home) as warehouse:
        for shop, first_day in ((shorter, 0), (longer, 85)):
            deliver(shop, lambda feed: home.feed_inbox("shop_0", feed), first_day)
            take_in(home, load_stores(home), None, "test", now=NOW)
            assert warehouse.build()
        changed = (longer.catalogue.price_day == 85) | (longer.catalogue.cost_day == 85)
        assert changed.any()
        # a refund of today changes the day of its order, some weeks ago
        assert warehouse.scalar("select rebuild_on from staging.main.rebuild_from") >= date(
            2026, 4, 1
        )
