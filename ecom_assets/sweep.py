"""What killed processes left in a home, removed by the next one that may write it.

A file in the making has its process in its name: the first number there.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from ecom_assets.home import Home


def sweep(home: Home) -> None:
    """Removes the files and folders in the making of processes that are gone."""
    for path in _in_the_making(home):
        process = re.search(r"\d+", path.name)
        if process and _is_running(int(process.group())):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _in_the_making(home: Home) -> Iterator[Path]:
    yield from home.scratch.glob("*-*")
    yield from home.state.glob("run-*.log")  # of a load that is running, or was killed
    yield from home.landing.glob(".*.part")
    yield from home.published.glob(".*-*")  # versions, and links to them


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
