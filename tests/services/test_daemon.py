"""A real Dagster daemon and webserver bring a home to the tables that `ecom run` gives."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecom_assets.home import Home
from ecom_assets.partitions import range_tags
from ecom_assets.publish.query import ask
from ecom_assets.publish.versions import current_folder
from ecom_assets.settings import child_environment, settings
from tests.harness.loaded_tables import loaded_digests
from tests.integration.conftest import FEED, SAMPLE_WEEK, STORE, deliver, make_home
from tests.services.dagster_dev import BIN, PATIENCE, serving

pytestmark = pytest.mark.services

GROUPS = ["raw", "staging", "dimensions", "facts", "kpi", "published"]  # of a load
AUGUST = range_tags("2011-08", "2011-08")
CHANGED = "2011-08-10.csv"


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `ecom run` publishes of the sample week."""
    home = make_home(tmp_path_factory.mktemp("expected") / "home")
    deliver(home)
    return ecom_run(home)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


def ecom_run(home: Home) -> dict[str, str]:
    """Loads a home from the command line; returns the digests of what it published."""
    environment = child_environment(home.root)
    environment.pop("DAGSTER_HOME", None)
    done = subprocess.run(
        [BIN / "ecom", "run"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return loaded_digests(current_folder(home))


def deliver_changed(home: Home) -> None:
    """Delivers one day again, without its last line."""
    lines = (SAMPLE_WEEK / CHANGED).read_text("utf-8").splitlines(keepends=True)
    (home.feed_inbox(STORE, FEED) / CHANGED).write_text("".join(lines[:-1]), "utf-8")


def expected_changed(root: Path) -> dict[str, str]:
    """What `ecom run` publishes of the sample week with the changed day."""
    home = make_home(root)
    deliver(home)
    deliver_changed(home)
    return ecom_run(home)


def test_a_b_a_are_three_versions_also_over_a_restart_of_the_daemon(
    home: Home, tmp_path: Path, expected: dict[str, str]
) -> None:
    with serving(home) as server:
        deliver(home)
        first = server.published_after(None)
        assert loaded_digests(first) == expected
        deliver_changed(home)
        second = server.published_after(first.name)
        assert loaded_digests(second) == expected_changed(tmp_path / "changed") != expected
    with serving(home) as server:
        deliver(home, CHANGED)
        third = server.published_after(second.name)
        assert loaded_digests(third) == expected
        server.until("customer value", lambda: customers_valued(home) or None)


def customers_valued(home: Home) -> int:
    """Returns how many customers the published version has a value of."""
    return ask(home, "select count(*) from kpi_customer_value").rows[0][0]


def test_one_asset_group_after_another_in_the_web_ui_publishes_the_same_tables(
    home: Home, expected: dict[str, str]
) -> None:
    with serving(home) as server:
        server.stop_sensor("file_arrivals")
        deliver(home)
        for group in GROUPS:
            assert server.materialise(server.assets_of(group), AUGUST) == "SUCCESS", group
    assert loaded_digests(current_folder(home)) == expected
