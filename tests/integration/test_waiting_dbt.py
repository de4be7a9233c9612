"""The dbt of a load from the command line has loaded before it is wanted."""

import json
import subprocess
from pathlib import Path

import pytest

from ecom_assets.home import Home
from ecom_assets.settings import use_home
from ecom_assets.warehouse.project import DBT, DIRECTORIES
from ecom_assets.warehouse.waiting_dbt import dbt_in_waiting

pytestmark = pytest.mark.deep


def started_by(home: Home) -> tuple[bool, str]:
    """Returns whether another process than ``ecom-dbt`` did what it was asked, and its answer."""
    target = ("--target-path", str(home.dbt_target), "--log-path", str(home.dbt_target))
    command = [str(DBT), "--log-format", "json", "list", "--select", "stg_orders", *DIRECTORIES]
    with subprocess.Popen([*command, *target], stdout=subprocess.PIPE, text=True) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    lines = [json.loads(line)["info"] for line in said.splitlines()]
    pids = {line["pid"] for line in lines}
    return process.pid not in pids, " ".join(line["msg"] for line in lines)


def test_the_waiting_dbt_serves_one_and_the_next_serves_itself(tmp_path: Path) -> None:
    home = Home(tmp_path)
    use_home(home.root)
    with dbt_in_waiting():
        is_other, said = started_by(home)
        assert is_other
        assert "ecom.staging.stg_orders" in said
        is_other, said = started_by(home)
        assert not is_other
        assert "ecom.staging.stg_orders" in said
