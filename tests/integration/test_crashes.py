"""kill -9 at any point of a load, then `ecom run` again: the same published tables."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecom_assets.crash import CRASH_POINTS
from ecom_assets.home import Home
from ecom_assets.publish.assets import why_not
from ecom_assets.publish.digest import digests
from ecom_assets.publish.gate import read_gate, unbuilt
from ecom_assets.publish.versions import current_folder
from ecom_assets.settings import child_environment
from ecom_assets.warehouse.generation import current_generation
from ecom_assets.warehouse.project import load_project
from tests.integration.conftest import deliver, make_home

pytestmark = [pytest.mark.integration, pytest.mark.deep]

KILLED = -9
IN_DBT, DBT_KILLED = "dbt_connected", 1  # the run outlives its dbt and says so


def ecom_run(home: Home, crash_point: str = "") -> int:
    """Runs `ecom run` in a process of its own and returns its exit code."""
    command = [sys.executable, "-m", "ecom_assets.cli", "run", "--home", str(home.root)]
    environment = child_environment(home.root) | {"ECOM_CRASH_POINT": crash_point}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout + done.stderr)  # shown if the test fails
    return done.returncode


def test_a_load_killed_at_every_point_in_turn_ends_in_the_same_tables(
    week: Home, tmp_path: Path
) -> None:
    home = make_home(tmp_path / "home")
    deliver(home)
    for point in CRASH_POINTS:
        assert ecom_run(home, point) == (DBT_KILLED if point == IN_DBT else KILLED), point
    assert ecom_run(home) == 0
    assert digests(current_folder(home)) == digests(current_folder(week))


def test_a_kill_between_two_deliveries_loses_neither(week: Home, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    deliver(home, "2011-08-07.csv", "2011-08-08.csv", "2011-08-09.csv")
    assert ecom_run(home) == 0
    deliver(home)
    assert ecom_run(home, "first_models_built") == KILLED
    assert ecom_run(home) == 0
    assert digests(current_folder(home)) == digests(current_folder(week))


def test_a_first_load_that_is_killed_leaves_nothing_of_a_file_that_is_replaced_then(
    week: Home, tmp_path: Path
) -> None:
    """A first build looks for no changed keys: what was built before it closed is built anew."""
    home = make_home(tmp_path / "home")
    deliver(home)
    (file,) = home.inbox.rglob("2011-08-08.csv")
    told = file.read_bytes()
    file.write_bytes(told + b"599999,23295,LOAF CASES,5,2011-08-08 10:00:00,9.99,99999.0,Malta\r\n")
    assert ecom_run(home, "models_built") == KILLED
    file.write_bytes(told)
    assert ecom_run(home) == 0
    assert digests(current_folder(home)) == digests(current_folder(week))


def test_a_dbt_that_dies_has_built_nothing(week: Home, tmp_path: Path) -> None:
    """The results of the run before were taken for its own, and the changed keys forgotten."""
    home = make_home(tmp_path / "home")
    deliver(home, "2011-08-07.csv")
    assert ecom_run(home) == 0
    deliver(home)
    assert ecom_run(home, IN_DBT) == DBT_KILLED
    assert unbuilt(read_gate(home), load_project().models, current_generation(home).id)
    assert ecom_run(home) == 0
    assert digests(current_folder(home)) == digests(current_folder(week))


def test_a_load_killed_before_its_raw_checks_is_not_published_on_older_ones(
    tmp_path: Path,
) -> None:
    """Green verdicts about what had been there before stood for what had come."""
    home = make_home(tmp_path / "home")
    deliver(home, "2011-08-07.csv")
    assert ecom_run(home) == 0
    deliver(home, "2011-08-08.csv")
    assert ecom_run(home, "manifest_written") == KILLED
    assert "raw" in {red.name for red in why_not(home, load_project())}
