"""``ecom-dbt``: dbt that cannot outlive its purpose unnoticed.

A run that is killed leaves its dbt child behind, still writing. The child therefore holds a lock
that the next writer waits for, and gives up at once if its parent is gone before it starts.
"""

import fcntl
import os
import sys
from importlib.metadata import version

from ecom_assets.home import Home
from ecom_assets.settings import settings


def main() -> None:
    """Runs the dbt command line while holding the home's dbt lock."""
    if sys.argv[1:] == ["--version"]:
        # Dagster asks before each invocation; dbt would take seconds to answer
        sys.stdout.write(f"dbt-core {version('dbt-core')}\n")
        return
    parent = settings().dbt_parent or os.getppid()
    home = Home.current()
    home.state.mkdir(parents=True, exist_ok=True)
    with home.dbt_lock.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.getppid() != parent:
            sys.exit("dbt was not started: the run that wanted it is gone")
        from dbt.cli.main import cli

        cli()
