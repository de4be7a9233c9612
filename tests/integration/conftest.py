"""Homes for integration tests: real files, the real Dagster job, real dbt."""

import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ecom_assets.demo import prepare_online_retail
from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.load_run import LoadResult, run_load
from ecom_assets.settings import settings, use_home
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.delivery import deliver as deliver_simulated
from ecom_assets.simmart.plan import MARKETS, SCALES, Plan
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.stores import load_stores
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse

SAMPLE_WEEK = Path(__file__).resolve().parents[2] / "examples" / "online_retail" / "sample-week"
STORE = FEED = "online_retail"


def make_home(root: Path) -> Home:
    """Makes a home with the store of the sample week and an empty inbox, and uses it."""
    use_home(root)
    home = Home.current()
    add_store(home, STORE, FEED, "GBP", "Europe/London", "GB")
    return home


def deliver(home: Home, *names: str, source: Path = SAMPLE_WEEK) -> None:
    """Puts files of the sample week (all without names) into a home's inbox."""
    for path in sorted(source.iterdir()):
        if not names or path.name in names:
            shutil.copy(path, home.feed_inbox(STORE, FEED) / path.name)


def load(home: Home, first: str = "2011-08", last: str = "2011-08") -> LoadResult:
    """Runs the whole job over some months in this process."""
    use_home(home.root)
    return run_load(home, (first, last), lambda _: None)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty home of its own."""
    yield make_home(tmp_path / "home")
    settings.cache_clear()


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample week, loaded once; tests must not change it."""
    with _another_home():
        home = make_home(tmp_path_factory.mktemp("week") / "home")
        deliver(home)
        assert load(home).published
    return home


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The whole year of Online Retail; tests must not change it."""
    with _another_home():
        use_home(tmp_path_factory.mktemp("year") / "home")
        home = Home.current()
        prepare_online_retail(home)
        assert load(home, "2010-12", "2011-12").published
    return home


@dataclass(frozen=True)
class Demo:
    """The home that `ecom demo` makes, and what it printed."""

    home: Home
    printed: str

    @classmethod
    def run(cls, home: Home) -> "Demo":
        """Runs the demo in a process of its own, as `make demo` does."""
        program = Path(sys.executable).parent / "ecom"
        command = [str(program), "demo", "--home", str(home.root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return cls(home, done.stdout)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, loaded once; tests may run it again, but must not change it."""
    return Demo.run(Home(tmp_path_factory.mktemp("demo") / "home"))


@pytest.fixture(scope="session")
def demo_scale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """SimMart at demo scale over four months, and a small shop in yen; tests must not change it."""
    home = Home(tmp_path_factory.mktemp("demo_scale"))
    plan = Plan("simmart", 1, SCALES["demo"], date(2026, 1, 1), 130, MARKETS[0], reporting="EUR")
    deliver_shops(home, [Shop(plan), small_shop(2)])
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        yield warehouse


def deliver_shops(home: Home, shops: Iterable[Shop]) -> None:
    """Takes in all that simulated shops deliver."""
    for shop in shops:
        store, market = shop.plan.store, shop.plan.market
        for feed in TABLES:
            add_store(home, store, feed, market.currency, market.timezone)
        deliver_simulated(shop, lambda feed, store=store: home.feed_inbox(store, feed))
    take_in(home, load_stores(home), None, "test", now=datetime(2026, 12, 1, tzinfo=UTC))


@contextmanager
def _another_home() -> Generator[None]:
    """Gives the process its home back, whichever test asked for the shared one."""
    before = Home.current().root
    try:
        yield
    finally:
        use_home(before)
