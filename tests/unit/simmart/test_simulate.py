"""The simulated shop: the same bytes however it is made, and the shape it promises."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ecom_assets.errors import ConfigurationError, SourceError
from ecom_assets.home import Home
from ecom_assets.simmart.plan import SCALES, plan_store
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.simulate import Simulation, simulate, simulation
from ecom_assets.simmart.stock import COUNT_WEEKS, counts
from tests.unit.simmart.written import contents

START = date(2026, 3, 1)


def of(end: date, seed: int = 7, stores: int = 1) -> Simulation:
    return Simulation(scale="demo", seed=seed, stores=stores, start=START, end=end)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("at_once"))
    simulate(home, of(date(2026, 4, 15), stores=2))
    return home


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(plan_store(0, 7, "demo", (START, date(2026, 5, 29))))


def test_day_by_day_gives_the_bytes_of_all_days_at_once(at_once: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    for end in [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 30), date(2026, 4, 15)]:
        simulate(home, of(end, stores=2))
    assert contents(home) == contents(at_once)


def test_a_second_store_changes_nothing_of_the_first(at_once: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    simulate(home, of(date(2026, 4, 15)))
    first = {name: sha for name, sha in contents(at_once).items() if "/simmart/" in name}
    assert contents(home) == first


def test_another_seed_is_another_shop(at_once: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    simulate(home, of(date(2026, 3, 1), seed=8))
    same = set(contents(home).values()) & set(contents(at_once).values())
    assert len(same) <= 2  # two kinds have only a header on the first day


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (of(date(2026, 4, 16), seed=8), "of seed 7, not 8"),
        (of(date(2026, 4, 16), stores=2).model_copy(update={"growth": 0}), "of growth 0.25, not 0"),
        (of(date(2026, 4, 14), stores=2), "already simulated up to 2026-04-15"),
        (of(date(2026, 4, 16)), "already has 2 simulated stores"),
    ],
)
def test_a_home_holds_one_simulation(at_once: Home, other: Simulation, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        simulate(at_once, other)


def test_a_database_that_cannot_be_reached_leaves_a_home_that_knows_its_simulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files were there and it was not noted, so another seed was written among them."""
    home = Home(tmp_path)
    monkeypatch.setenv("SHOP_DB", "mysql://reader:password@127.0.0.1:1/shop")  # nobody listens
    with pytest.raises(SourceError, match="the database that SHOP_DB names cannot be reached"):
        simulate(home, of(START), "SHOP_DB")
    with pytest.raises(ConfigurationError, match="holds a simulation of seed 7, not 8"):
        simulate(home, of(START, seed=8))
    monkeypatch.setenv("SHOP_DB", f"sqlite:///{tmp_path}/shop.db")
    (again,) = simulate(home, of(START), "SHOP_DB")
    assert again.database["orders"] > 0


@pytest.mark.parametrize(("url", "said"), [("", "is not set"), ("no URL", "holds no URL")])
def test_a_variable_without_a_url_leaves_no_simulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    """All days were written first: the command with the variable set, and dirt, was refused."""
    monkeypatch.setenv("SHOP_DB", url)
    with pytest.raises(SourceError, match=f"SHOP_DB {said}"):
        simulate(Home(tmp_path), of(START), "SHOP_DB")
    assert not list(tmp_path.iterdir())


def test_what_is_not_said_is_as_before(at_once: Home) -> None:
    wanted = simulation(at_once, days=(None, date(2026, 5, 1)))
    assert wanted == of(date(2026, 5, 1), stores=2)


def test_the_nominal_days_hold_exactly_the_promised_orders(shop: Shop) -> None:
    assert len(shop.demand.positions) == SCALES["demo"].orders


@pytest.mark.parametrize(("growth", "wanted"), [(0, 1), (0.25, 1.375 / 1.125)])
def test_a_shop_grows_by_a_share_of_its_first_day_a_year(growth: float, wanted: float) -> None:
    plan = plan_store(0, 7, "demo", (date(2023, 3, 1), date(2025, 2, 27)))
    orders = np.diff(Shop(replace(plan, growth=growth)).demand.until_day)
    assert orders[365:].sum() / orders[:365].sum() == pytest.approx(wanted, abs=0.02)


def test_a_fifth_of_the_customers_makes_half_of_the_orders(shop: Shop) -> None:
    customers = shop.demand.customer[shop.demand.customer >= 0]
    counts = np.sort(np.bincount(customers, minlength=SCALES["demo"].customers))[::-1]
    share = counts[: len(counts) // 5].sum() / counts.sum()
    assert 0.5 <= share < 0.6


def test_nothing_is_sold_that_is_not_there(shop: Shop) -> None:
    walked = shop.walked
    opening = walked.closing - walked.received + walked.sold - walked.adjusted
    assert (opening[0] == 0).all()
    assert (opening[1:] == walked.closing[:-1]).all()
    assert (walked.closing >= 0).all()
    assert (walked.closing == 0).any()


def test_each_sunday_finds_some_pieces_missing_and_a_few_too_many(shop: Shop) -> None:
    adjusted = shop.walked.adjusted
    counted = [day for day in range(shop.plan.days) if shop.plan.day(day).weekday() == 6]
    assert set(np.flatnonzero(adjusted.any(axis=1))) <= set(counted)
    assert 0.005 < (adjusted[counted] != 0).mean() * COUNT_WEEKS < 0.04
    assert -3 <= adjusted.min() < 0


def test_in_a_quarter_every_stocked_product_is_counted_once(shop: Shop) -> None:
    day, product = counts(shop.plan, 400)
    first = product[day < day[0] + 7 * COUNT_WEEKS]
    assert sorted(first) == list(range(400))


def test_a_count_is_a_workbook_with_days_and_numbers(at_once: Home) -> None:
    folder = at_once.feed_inbox("simmart", "simmart_inventory_counts")
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "inventory_counts-2026-03-01.xlsx"
    assert len(names) == 7
    rows = list(openpyxl.load_workbook(folder / names[0])["Counts"].values)
    assert rows[0] == ("sku", "warehouse", "counted_on", "quantity")
    assert len(rows) == 1 + -(-SCALES["demo"].stocked // COUNT_WEEKS)
    sku, warehouse, counted_on, quantity = rows[1]
    assert (sku, warehouse, counted_on) == ("P1", "main", datetime(2026, 3, 1))  # noqa: DTZ001
    assert isinstance(quantity, int)


def test_stock_out_lines_are_bought_from_what_is_drop_shipped(shop: Shop) -> None:
    changed = shop.walked.product != shop.baskets.wanted
    assert changed.any()
    assert not shop.catalogue.stocked[shop.walked.product[changed]].any()


def test_no_product_is_sold_before_its_launch_or_after_its_end(shop: Shop) -> None:
    sold, day = shop.walked.product, shop.baskets.day
    assert (shop.catalogue.launch_day[sold] <= day).all()
    assert (shop.catalogue.last_day[sold] >= day).all()


def test_no_line_gives_back_more_than_was_paid_for_it(shop: Shop) -> None:
    lines = shop.aftermath.refunded_lines
    paid = (shop.money.gross - shop.money.line_discount)[lines]
    assert (shop.aftermath.refunded_amount <= paid).all()
    assert (shop.aftermath.refunded_quantity <= shop.baskets.quantity[lines]).all()


def test_orders_of_the_dst_days_lie_within_them() -> None:
    shop = Shop(plan_store(0, 7, "demo", (date(2026, 3, 28), date(2026, 3, 30))))
    seconds = np.diff(shop.plan.midnights)
    assert list(seconds) == [86_400, 82_800, 86_400]
    at, day = shop.demand.ordered_at, shop.demand.day
    assert (at >= shop.plan.midnights[day]).all()
    assert (at < shop.plan.midnights[day + 1]).all()
