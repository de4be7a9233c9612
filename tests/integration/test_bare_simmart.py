"""What the benchmark measures against: bare scripts that load and write what SimMart delivers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from benchmarks import bare, bare_writing, held_tables
from benchmarks.shops import SIMMART
from benchmarks.truth import truth
from benchmarks.work import AMOUNTS, bare_totals, differences, load_totals
from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.plan import MARKETS, Plan, Scale
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.project import load_project
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SMALL = Scale(
    customers=300, products=100, stocked=70, orders=1_500, campaigns=15, visits=400, days=50
)
# Over the start of summer time; the last month is not complete.
SHOP = Shop(Plan(SIMMART.store, 5, SMALL, date(2026, 2, 20), 50, MARKETS[0], reporting="EUR"))
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("bare_simmart"))
    for feed in TABLES:
        add_store(home, SIMMART.store, feed, "EUR", "Europe/Berlin")
    deliver(SHOP, lambda feed: home.feed_inbox(SIMMART.store, feed))
    return home


@pytest.fixture(scope="module")
def built(
    home: Home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    output = tmp_path_factory.mktemp("bare")
    (output / "parquet").mkdir()
    with duckdb.connect(":memory:") as connection:
        bare.build(connection, SIMMART.name, home.inbox / SIMMART.store, output)
        yield connection


@pytest.fixture
def held(home: Home, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "held.duckdb")) as connection:
        held_tables.fill(connection, home.inbox / SIMMART.store)
        yield connection


def written(held: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    folder.mkdir()
    held.execute("set threads = 1")
    for kind in TABLES:
        bare_writing.write(held, kind, folder)
    return folder


def test_the_bare_scripts_and_a_load_come_to_the_shop_s_own_figures(
    home: Home, built: duckdb.DuckDBPyConnection
) -> None:
    take_in(home, load_stores(home), None, "test", now=NOW)
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        warehouse.connection.execute("use warehouse")
        load = load_totals(SIMMART, warehouse.scalar)
    found = bare_totals(SIMMART, lambda sql: built.execute(sql).fetchall()[0][0])
    known = {k: Decimal(v) / (100 if k in AMOUNTS else 1) for k, v in truth(SHOP).items()}
    assert len(known) > 10
    assert differences(load, found, known) == []


def test_the_bare_scripts_write_all_columns_that_are_published(
    built: duckdb.DuckDBPyConnection,
) -> None:
    """What tells of deliveries, and the holidays, only our machinery has."""
    project = load_project()
    found = {
        str(table): set(names)
        for table, names in built.execute(
            "select table_name, list(column_name) from duckdb_columns() group by table_name"
        ).fetchall()
    }
    missing = {
        (table, column)
        for table in project.gold
        if table not in ("dim_stores", "kpi_data_quality", "pending_rows", "store_horizon")
        for column in project.columns(table)
        if column not in found[table]
    }
    assert missing == {("dim_date", "is_holiday"), ("dim_date", "holiday_name")}


def test_the_bare_writing_has_the_rows_of_every_simulated_file(
    home: Home, held: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = written(held, tmp_path / "written")
    assert list(held_tables.differences(held, home.inbox / SIMMART.store, folder)) == []


def test_a_row_that_the_bare_writing_lacks_is_found(
    home: Home, held: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    held.execute("delete from simmart_events where rowid = 3")
    held.execute("delete from simmart_inventory_counts where rowid = 3")
    folder = written(held, tmp_path / "written")
    held.execute(
        "insert into simmart_inventory_counts select * from simmart_inventory_counts limit 1"
    )
    wrong = list(held_tables.differences(held, home.inbox / SIMMART.store, folder))
    assert [text.split(":")[0] for text in wrong] == ["simmart_inventory_counts", "simmart_events"]
