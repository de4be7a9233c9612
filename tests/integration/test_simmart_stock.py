"""The stock of the simulated shop at demo scale, worked out once more from what is delivered.

By the definitions alone, day by day for every product: no span, no window, no SQL.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.activity_tables import inventory_counts, inventory_movements
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.master_tables import products
from ecom_assets.simmart.plan import plan_store
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.simmart.truth import write_truth
from ecom_assets.stores import load_stores
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

FEEDS = ("products", "orders", "order_items", "inventory_movements", "inventory_counts")
FIRST, LAST = date(2026, 2, 10), date(2026, 5, 10)
SHOP = Shop(plan_store(0, 1, "demo", (FIRST, LAST), "EUR"))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]


@dataclass
class Evening:
    """What there is of a product in the evening of a day, and what happened on it."""

    on_hand: Fraction
    value: Fraction
    is_active: bool
    received: Fraction
    sold: Fraction
    cost_of_sales: Fraction
    opening: Fraction


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home, other = Home(tmp_path_factory.mktemp("stock")), tmp_path_factory.mktemp("unread")
    read = {f"simmart_{name}" for name in FEEDS}
    for feed in sorted(read):
        add_store(home, "simmart", feed, "EUR", "Europe/Berlin")
    found = deliver(
        SHOP, lambda feed: home.feed_inbox("simmart", feed) if feed in read else other / feed
    )
    write_truth(SHOP, found, home.root / "truth" / "simmart")
    take_in(home, load_stores(home), None, "test", now=NOW)
    return home


@pytest.fixture(scope="module")
def warehouse(home: Home) -> Iterator[Warehouse]:
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        assert {
            name for name in warehouse.failing_tests() if "stock" in name or "invent" in name
        } == set()
        yield warehouse


@pytest.fixture(scope="module")
def evenings() -> dict[str, list[Evening]]:
    """Every product's evenings; in this shop each lies in one warehouse."""
    told = products(SHOP).with_columns(on=pl.col("updated_at").map_elements(_day, pl.Date))
    moved = inventory_movements(SHOP).with_columns(
        on=pl.col("moved_at").map_elements(_day, pl.Date)
    )
    counted = {(row["sku"], row["counted_on"]): row for row in inventory_counts(SHOP).to_dicts()}
    catalogue = {key[0]: rows.to_dicts() for key, rows in told.group_by("sku")}
    found: dict[str, list[Evening]] = {}
    for (sku,), rows in moved.group_by("sku"):
        by_day: dict[date, list[dict[str, Any]]] = {}
        for row in rows.to_dicts():
            by_day.setdefault(row["on"], []).append(row)
        found[str(sku)] = _evenings(str(sku), catalogue[sku], by_day, counted)
    return found


def _evenings(
    sku: str,
    versions: list[dict[str, Any]],
    moved: dict[date, list[dict[str, Any]]],
    counted: dict[tuple[str, date], dict[str, Any]],
) -> list[Evening]:
    on_hand = value = Fraction(0)
    found: list[Evening] = []
    for day in DAYS:
        version = max((v for v in versions if v["on"] <= day), key=lambda v: v["on"])
        cost, opening = Fraction(str(version["unit_cost"])), on_hand
        of_kind = {
            kind: sum(
                Fraction(row["quantity"]) for row in moved.get(day, []) if row["kind"] == kind
            )
            for kind in ("receipt", "sale", "adjustment")
        }
        on_hand += sum(of_kind.values())
        if (sku, day) in counted:
            on_hand = Fraction(counted[sku, day]["quantity"])
        if day in moved or (sku, day) in counted:
            value = on_hand * cost
        found.append(
            Evening(
                on_hand,
                value,
                bool(version["is_active"]),
                Fraction(of_kind["receipt"]),
                Fraction(-of_kind["sale"]),
                Fraction(-of_kind["sale"]) * cost,
                opening,
            )
        )
    return found


def _day(moment: Any) -> date:
    local = datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    return local.replace(tzinfo=UTC).astimezone(ZoneInfo(SHOP.plan.market.timezone)).date()


def rounded(value: Fraction | None, places: int) -> Decimal | None:
    """Returns a ratio rounded half away from zero, exactly."""
    if value is None:
        return None
    exact = Decimal(value.numerator * 10**20 // value.denominator).scaleb(-20)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def ratio(above: Fraction | int, below: Fraction | int) -> Fraction | None:
    """Returns a ratio; None without a denominator."""
    return Fraction(above) / Fraction(below) if below else None


def since_the_first_receipt(days: list[Evening]) -> list[Evening]:
    """Returns the days on which the product was on sale and could have run out."""
    first = next((n for n, day in enumerate(days) if day.received > 0), len(days))
    return [day for day in days[first:] if day.is_active]


def test_the_stock_of_each_day_is_the_truth_of_the_shop(home: Home, warehouse: Warehouse) -> None:
    truth = pl.read_parquet(home.root / "truth" / "simmart" / "stock.parquet")
    rows = warehouse.connection.execute(
        """
        select stock_on, product_id, warehouse_id, received_quantity, sold_quantity,
            adjusted_quantity, closing_quantity, counted_quantity is not null
        from warehouse.main.fact_inventory_daily
        """
    ).fetchall()
    assert len(rows) > 10_000
    assert sorted(rows) == sorted(truth.rows())


def test_the_filled_view_has_every_evening(
    warehouse: Warehouse, evenings: dict[str, list[Evening]]
) -> None:
    rows = warehouse.connection.execute(
        "select product_id, day_on, closing_quantity, closing_value_amount "
        "from warehouse.main.fact_inventory_daily_filled"
    ).fetchall()
    wanted = [
        (sku, DAYS[n], day.on_hand, day.value)
        for sku, days in evenings.items()
        for n, day in enumerate(days)
    ]
    assert len(wanted) > 30_000
    assert sorted(rows) == sorted(wanted)


def test_the_status_of_each_product(
    warehouse: Warehouse, evenings: dict[str, list[Evening]]
) -> None:
    rows = warehouse.connection.execute(
        """
        select product_id, on_hand_quantity, value_amount, in_stock_days, stock_out_days,
            stock_out_rate, mean_daily_units, days_of_supply, is_supply_infinite,
            is_below_reorder
        from warehouse.main.kpi_inventory_status
        """
    ).fetchall()
    wanted: list[tuple[Any, ...]] = []
    for sku, days in evenings.items():
        active = since_the_first_receipt(days)
        held = [day for day in active if day.on_hand > 0]
        pace = ratio(sum(day.sold for day in held), len(held))
        here = max(days[-1].on_hand, Fraction(0))
        supply = Fraction(0) if here == 0 else ratio(here, pace) if pace else None
        wanted.append(
            (
                sku,
                days[-1].on_hand,
                days[-1].value,
                len(held),
                len(active) - len(held),
                rounded(ratio(len(active) - len(held), len(active)), 6),
                rounded(pace, 6),
                rounded(supply, 6),
                supply is None,
                here <= 5,
            )
        )
    assert len({row[8] for row in wanted}) == len({row[9] for row in wanted}) == 2
    assert sorted(rows) == sorted(wanted)


def test_the_turnover_of_each_month(
    warehouse: Warehouse, evenings: dict[str, list[Evening]]
) -> None:
    rows = warehouse.connection.execute(
        """
        select product_id, stock_month, opening_quantity, received_quantity, sold_quantity,
            cost_of_sales_amount, average_value_amount, turnover, sell_through_rate, active_days,
            stock_out_days, stock_out_rate
        from warehouse.main.kpi_inventory_turnover
        """
    ).fetchall()
    wanted: list[tuple[Any, ...]] = []
    for sku, days in evenings.items():
        able = {id(day) for day in since_the_first_receipt(days)}
        for month in sorted({day.replace(day=1) for day in DAYS}):
            of_month = [e for e, day in zip(days, DAYS, strict=True) if day.replace(day=1) == month]
            received = sum((day.received for day in of_month), Fraction(0))
            sold = sum((day.sold for day in of_month), Fraction(0))
            cost = sum((day.cost_of_sales for day in of_month), Fraction(0))
            mean = sum((day.value for day in of_month), Fraction(0)) / len(of_month)
            active = [day for day in of_month if id(day) in able]
            out = sum(day.on_hand <= 0 for day in active)
            through = ratio(sold, of_month[0].opening + received)
            wanted.append(
                (
                    sku,
                    month,
                    of_month[0].opening,
                    received,
                    sold,
                    cost,
                    rounded(mean, 4),
                    rounded(ratio(cost, mean), 6),
                    rounded(None if through is None else min(through, Fraction(1)), 6),
                    len(active),
                    out,
                    rounded(ratio(out, len(active)), 6),
                )
            )
    assert len(wanted) > 1_000
    assert sorted(rows, key=lambda row: row[:2]) == sorted(wanted, key=lambda row: row[:2])


def test_a_late_file_of_movements_rewrites_its_tail_to_what_a_clean_build_has(
    tmp_path: Path,
) -> None:
    """A file of March comes in May: April's stock follows from it, February's is left alone."""
    shop, late = small_shop(), "inventory_movements-2026-03-12.csv"
    feed = "simmart_inventory_movements"
    built: list[dict[str, str]] = []
    for is_late in (False, True):
        home = Home(tmp_path / str(is_late))
        for name in TABLES:
            add_store(home, "shop_0", name, "EUR", "Europe/Berlin")
        deliver(shop, lambda name, home=home: home.feed_inbox("shop_0", name))
        inbox, aside = home.feed_inbox("shop_0", feed), home.root / late
        with Warehouse(home) as warehouse:
            if is_late:
                (inbox / late).rename(aside)
                take_in(home, load_stores(home), None, "test", now=NOW)
                assert warehouse.build()
                before = warehouse.digests()
                aside.rename(inbox / late)
            take_in(home, load_stores(home), None, "test", now=NOW)
            assert warehouse.build()
            assert warehouse.failing_tests() == {}
            built.append(warehouse.digests())
            if is_late:
                assert before["fact_inventory_daily"] != built[0]["fact_inventory_daily"]
                rebuilt = warehouse.scalar("select rebuild_on from staging.main.rebuild_from")
                assert rebuilt == date(2026, 3, 1)
    assert built[0] == built[1]
