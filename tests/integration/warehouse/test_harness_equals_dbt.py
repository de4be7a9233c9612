"""The fast harness is worth its speed only if it builds what ``dbt build`` builds."""

import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import duckdb
import pytest

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.dagster_home import ensure_dagster_home
from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.load_run import run_load
from ecom_assets.publish.versions import current_folder, version_in_place
from ecom_assets.settings import settings, use_home
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.tables import TABLES
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.project import load_project
from tests.harness.files import SAMPLE_WEEK
from tests.harness.loaded_tables import loaded_digests
from tests.harness.shop import NOW, Load, Shop, store
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

FIRST_DAYS = dict(list(SAMPLE_WEEK.items())[:4])
LAST_DAYS = dict(list(SAMPLE_WEEK.items())[4:])
EVERYTHING = small_shop(2)
MARKET = EVERYTHING.plan.market
EMPTY = {"pending_rows"}  # nothing that came waits for what did not come
UNKNOWN_MEMBERS = {
    name: 1 for name in load_project().gold if name.startswith("dim_") and name != "dim_stores"
}
CORRECTED = b"".join(SAMPLE_WEEK["2011-08-09.csv"].splitlines(keepends=True)[:-200])


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ECOM_HOME", "")
    yield
    settings.cache_clear()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path / "real", store("online_retail")) as shop:
        use_home(shop.home.root)
        ensure_dagster_home(shop.home)
        yield shop


def published_digests(home: Home, first: str, last: str) -> dict[str, str]:
    """Loads what waits in the inbox through the Dagster job and dbt, as `ecom run` does."""
    result = run_load(home, (first, last), lambda _: None)
    assert result.published, (result.error, result.reds)
    return loaded_digests(current_folder(home))


def test_harness_builds_the_tables_that_dbt_builds(tmp_path: Path, real: Shop) -> None:
    with Shop(tmp_path / "fast", store("online_retail")) as fast:
        for files in (FIRST_DAYS, {**LAST_DAYS, "2011-08-09.csv": CORRECTED}):
            assert fast.run(Load(files))
            assert fast.warehouse.failing_tests() == {}
            real.deliver(files)
            assert published_digests(real.home, "2011-08", "2011-08") == fast.warehouse.digests()


def home_of_everything(root: Path) -> Home:
    """Makes a home with a shop in yen that has every feed of SimMart, and uses it."""
    use_home(root)
    home = Home.current()
    for feed in TABLES:
        add_store(home, EVERYTHING.plan.store, feed, MARKET.currency, MARKET.timezone)
    ensure_dagster_home(home)
    return home


def files_differ(version: Path, table: str) -> int:
    """Returns how many rows of a table are not in its published files, or only there."""
    files = f"read_parquet('{version}/parquet/{table}/*.parquet', hive_partitioning = false)"
    with duckdb.connect(str(version / "warehouse.duckdb"), read_only=True) as connection:
        row = connection.execute(
            f"select count(*) from ((from {table} except all from {files}) "
            f"union all (from {files} except all from {table}))"
        ).fetchone()
    return int(row[0]) if row else -1


def halves(folder: Path) -> tuple[list[Path], list[Path]]:
    """Delivers into a folder for each feed; returns the earlier files of each, and the later."""
    deliver(EVERYTHING, lambda feed: folder / feed)
    both: tuple[list[Path], list[Path]] = ([], [])
    for feed in TABLES:
        files = sorted((folder / feed).iterdir())
        both[0].extend(files[: len(files) // 2])
        both[1].extend(files[len(files) // 2 :])
    return both


def test_harness_builds_the_tables_that_dbt_builds_of_a_shop_with_every_feed(
    tmp_path: Path,
) -> None:
    """The real shop has no payments, parcels, campaigns, web events or counts: most tables that
    were compared were empty, or had their unknown member alone.
    """
    fast, real = home_of_everything(tmp_path / "fast"), home_of_everything(tmp_path / "real")
    with Warehouse(fast) as warehouse:
        for files in halves(tmp_path / "delivered"):
            for path, home in product(files, (fast, real)):
                inbox = home.feed_inbox(EVERYTHING.plan.store, path.parent.name)
                shutil.copy(path, inbox / path.name)
            take_in(fast, load_stores(fast), None, "harness", now=NOW)
            assert warehouse.build()
            assert warehouse.failing_tests() == {}
            assert published_digests(real, "2026-02", "2026-04") == warehouse.digests()
            assert files_differ(current_folder(real), "fact_inventory_daily") == 0
    version = version_in_place(real)
    assert version
    empty = {name for name, rows in version.rows.items() if rows <= UNKNOWN_MEMBERS.get(name, 0)}
    assert empty - {*analytics_tables()} == EMPTY
