"""Whole shops, delivered in any way: late, split, shuffled, repeated, corrected, with kills.

Ten shops are ten stores of one home, for a load of ten costs little more than one of a single shop;
what is compared is each store's. Whatever fails is made again from the number that is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_assets.feeds import shipped_feeds
from ecom_assets.warehouse.project import load_project
from tests.harness.company import Company, CompanyLoad
from tests.harness.nodes import stored_nodes
from tests.property.change_log import File, feed
from tests.property.made_up_deliveries import content, deliveries, files_of, newest, store_of
from tests.property.made_up_shop import REPORTING, MadeUpShop, made_up_shop
from tests.property.made_up_truth import Truth, assert_true_of

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SHOPS = 10
LOADS = 3
KILLED_SHARE = 0.5
# A company is worth two of the profile's examples: 60 shops in CI, 500 by `make test-shops`.
COMPANIES = settings.default.max_examples // 2 if settings.default else 6
WAITING = "assert_pending_rows_are_young"


@pytest.fixture(autouse=True, scope="module")
def feeds() -> Iterator[None]:
    """Registers the feeds that deliver rows of raw datasets as they are."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rows", "documents"):
            patch.setitem(shipped_feeds(), name, feed(name, whole_documents=name == "documents"))
        yield


@dataclass(frozen=True)
class Delivered:
    """A shop and the files that come before each load."""

    shop: MadeUpShop
    loads: list[dict[str, File]]

    @property
    def held(self) -> dict[str, File]:
        """What there is in the end."""
        return newest(self.loads)


def companies(number: int) -> dict[str, Delivered]:
    """Returns ten shops and their deliveries, by store."""
    random = Random(number)  # noqa: S311
    shops = [made_up_shop(number * SHOPS + n) for n in range(SHOPS)]
    return {
        f"shop_{shop.number}": Delivered(shop, deliveries(random, files_of(shop.happenings), LOADS))
        for shop in shops
    }


def loads_of(number: int, stores: dict[str, Delivered]) -> list[CompanyLoad]:
    """Returns the loads of a company; half of them are killed after some node."""
    random = Random(number)  # noqa: S311
    return [
        CompanyLoad(
            {name: content(store.loads[n]) for name, store in stores.items()},
            random.randrange(len(stored_nodes())) if random.random() < KILLED_SHARE else None,
        )
        for n in range(LOADS)
    ]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where homes lie: in memory where there is such a place, for what is synced is not tried."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        yield Path(made)


@settings(max_examples=COMPANIES)
@given(number=st.integers(0, 10**6))
def test_any_way_of_delivering_made_up_shops_gives_the_gold_of_a_clean_load(
    folder: Path, number: int
) -> None:
    stores = companies(number)
    described = {name: store_of(store.shop) for name, store in stores.items()}
    with (
        TemporaryDirectory(dir=folder) as one,
        TemporaryDirectory(dir=folder) as other,
        Company(Path(one), described, REPORTING) as replayed,
        Company(Path(other), described, REPORTING) as clean,
    ):
        found = replayed.replay(loads_of(number, stores))
        whole = CompanyLoad({name: content(store.held) for name, store in stores.items()})
        expected = clean.replay([whole])
        differing = [table for table in expected if found[table] != expected[table]]
        assert not differing, differences(replayed, clean, differing)
        assert_sound(replayed, stores)


def differences(replayed: Company, clean: Company, tables: list[str]) -> str:
    """Returns rows of stores that differ, `-` where they are wrong and `+` where missing."""
    told: list[str] = []
    for table in tables:
        for store in clean.feeds:
            held, wanted = replayed.rows_of(table, store), clean.rows_of(table, store)
            wrong = [f"- {table}: {row}" for row in held if row not in wanted]
            missing = [f"+ {table}: {row}" for row in wanted if row not in held]
            told += [*wrong[:3], *missing[:3]]
    return "\n".join([", ".join(tables), *told])


def assert_sound(company: Company, stores: dict[str, Delivered]) -> None:
    """Nothing is rejected, every identity holds, only money without a rate waits; it all adds up.

    Raises:
        AssertionError: One of it is not so.
    """
    warehouse = company.warehouse
    assert warehouse.scalar("select count(*) from staging.raw.quarantined_rows") == 0
    assert warehouse.failing_tests().keys() <= {WAITING}
    waiting = warehouse.connection.execute(
        "select distinct store_id, reason, pending_since_on from warehouse.main.pending_rows"
    ).fetchall()
    for store_id, reason, since in waiting:
        assert (reason, since in stores[store_id].shop.unpriced) == ("rate_missing", True)
    assert_all_true(company, stores)


def assert_all_true(company: Company, stores: dict[str, Delivered]) -> None:
    """What the facts say of each store is what its files say.

    Raises:
        AssertionError: It is not.
    """
    for store_id, store in stores.items():
        assert_true_of(company, store_id, Truth(store.shop, list(store.held.values())))


@pytest.fixture(scope="module")
def clean(folder: Path) -> Iterator[Company]:
    """A company, built at once; tests must not change it."""
    stores = companies(0)
    described = {name: store_of(store.shop) for name, store in stores.items()}
    whole = CompanyLoad({name: content(store.held) for name, store in stores.items()})
    with (
        TemporaryDirectory(dir=folder) as root,
        Company(Path(root), described, REPORTING) as company,
    ):
        assert company.run(whole)
        yield company


def test_a_shop_is_built_alone_as_it_is_among_others(folder: Path, clean: Company) -> None:
    stores = companies(0)
    for name in list(stores)[:3]:
        files = content(stores[name].held)
        with (
            TemporaryDirectory(dir=folder) as own,
            Company(Path(own), {name: store_of(stores[name].shop)}, REPORTING) as alone,
        ):
            alone.replay([CompanyLoad({name: files})])
            for table in sorted(load_project().gold):
                assert alone.rows_of(table, name) == clean.rows_of(table, name), table


@pytest.mark.parametrize("noted", ["changed_on", "orders_on"])
@pytest.mark.parametrize("day", ["2024-02-01", "2024-03-31", "2024-06-15", "2024-11-01"])
def test_a_rebuild_from_any_day_changes_nothing(clean: Company, day: str, noted: str) -> None:
    """And what is judged of it is green, if all is: tables that are compared begin alike."""
    expected = clean.warehouse.digests()
    red = clean.warehouse.failing_tests().keys()
    clean.warehouse.connection.execute(
        f"insert into staging.state.changes by name select store_id, cast(? as date) as {noted} "
        "from staging.raw.stores",
        [day],
    )
    assert clean.run(CompanyLoad({}))
    held = "select changed_on, rebuild_on from staging.main.rebuild_from"
    changed_on = day if noted == "changed_on" else "9999-12-31"
    assert set(clean.warehouse.connection.execute(held).fetchall()) == {
        (date.fromisoformat(changed_on), date.fromisoformat(day).replace(day=1))
    }
    assert clean.warehouse.digests() == expected
    assert clean.warehouse.failing_tests(in_tail=True).keys() <= red


@pytest.mark.parametrize(
    "sql",
    [
        "update fact_sales set net_amount = net_amount + 0.0001",
        "update fact_sales set fx_rate = 1",
        "update fact_returns set refunded_on = refunded_on + 1 where origin = 'delivered'",
        "update fact_payments set paid_on = paid_on - 1",
        "insert into fact_payments from fact_payments",
        "delete from fact_inventory_movements where quantity < 0",
    ],
)
def test_what_does_not_follow_from_the_files_is_found(clean: Company, sql: str) -> None:
    connection = clean.warehouse.connection
    connection.execute(f"use warehouse; begin transaction; {sql}")
    try:
        with pytest.raises(AssertionError):
            assert_all_true(clean, companies(0))
    finally:
        connection.execute("rollback; use memory")
