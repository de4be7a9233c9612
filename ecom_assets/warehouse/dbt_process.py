"""``ecom-dbt``: dbt that cannot outlive its purpose unnoticed.

A run that is killed leaves its dbt child behind, still writing. The child therefore holds a lock
that the next writer waits for, and gives up at once if its parent is gone before it starts.
"""

import fcntl
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ecom_assets.heavy_imports import collect_rarely, heavy_imports, without_import
from ecom_assets.home import Home
from ecom_assets.settings import settings
from ecom_assets.warehouse.project import DIRECTORIES, prepare_target, project_fingerprint
from ecom_assets.warehouse.waiting_dbt import WAIT, hand_over, wait_for_work

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


def main() -> None:
    """Runs the dbt command line while holding the home's dbt lock, here or where a dbt waits."""
    collect_rarely()
    with without_import("pandas"):
        _main()


def _main() -> None:
    match sys.argv[1:]:
        case ["--version"]:
            # Dagster asks before each invocation; dbt would take seconds to answer
            sys.stdout.write(f"dbt-core {version('dbt-core')}\n")
        case [first, door, folder] if first == WAIT:
            _wait(int(door), Path(folder))
        case _:
            waiting = settings().dbt_waiting
            done = hand_over(waiting) if waiting else None
            if done is not None:
                sys.exit(done)
            _run()


def _wait(door: int, folder: Path) -> None:
    """Loads dbt and the project, then does once what it is asked."""
    fingerprint = project_fingerprint()
    with heavy_imports():
        parsed = _parsed_project()

    def work() -> None:
        _run(parsed if project_fingerprint() == fingerprint else None)

    wait_for_work(door, folder, work)


def _parsed_project() -> "Manifest | None":
    """Returns the project from its prepared parse; None if dbt finds it wrong."""
    from dbt.cli.main import dbtRunner

    from ecom_assets.duck import scratch_folder  # whoever hands over needs no DuckDB

    with scratch_folder(Home.current()) as folder:  # swept if it is ended while it parses
        prepare_target(folder)
        own = ("--target-path", str(folder), "--log-path", str(folder))
        parsed = dbtRunner().invoke(["--quiet", "parse", *DIRECTORIES, *own])
    return cast("Manifest", parsed.result) if parsed.success else None


def _run(parsed: "Manifest | None" = None) -> None:
    """Runs the dbt command line, and ends as dbt does.

    Args:
        parsed: The project; None lets dbt parse it.
    """
    parent = settings().dbt_parent or os.getppid()
    home = Home.current()
    home.state.mkdir(parents=True, exist_ok=True)
    # never closed: dbt lets its databases go only when the process ends, and a writer who waits for
    # the lock opens them at once
    fcntl.flock(os.open(home.dbt_lock, os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)
    if os.getppid() != parent:
        sys.exit("dbt was not started: the run that wanted it is gone")
    from dbt.cli.main import cli

    cli(obj={"manifest": parsed, "callbacks": []})
