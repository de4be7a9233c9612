"""The hand-computed dbt unit tests of money and history, all of them."""

import json
import subprocess
from pathlib import Path

import pytest

from ecom_assets.home import Home
from ecom_assets.settings import child_environment
from ecom_assets.stores import Store, Stores, save_stores
from ecom_assets.warehouse.project import DBT, DIRECTORIES, load_project, prepare_target
from tests.harness.warehouse import Warehouse

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with every table and no delivered row: what dbt looks up the types of fixtures in."""
    home = Home(tmp_path / "home")
    shop = Store(currency="GBP", timezone="Europe/London")
    save_stores(home, Stores(stores={"shop": shop}))
    home.warehouse.parent.mkdir(parents=True)
    with Warehouse(home, in_memory=False) as warehouse:
        warehouse.build()
    return home


def test_every_dbt_unit_test_passes(home: Home) -> None:
    prepare_target(home.dbt_target)
    command = [str(DBT), "test", "--select", "test_type:unit", *DIRECTORIES]
    done = subprocess.run(
        [*command, "--target-path", str(home.dbt_target)],
        env=child_environment(home.root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    results = json.loads((home.dbt_target / "run_results.json").read_text())["results"]
    assert len(results) == len(load_project().manifest["unit_tests"]) > 80
