"""The writer lock: one process writes a home at a time.

An OS lock (``flock``) dies with its process, so a killed run never blocks the next one. dbt runs
as a child that may outlive a killed parent; it holds a lock of its own (see
``warehouse/dbt_process.py``), and whoever takes the writer lock waits for that one too.

Whoever asks who writes shares the lock for a moment: any number may ask at once and none of them is
taken for a writer, neither by the others nor by one that wants to write.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ecom_assets.errors import BusyError
from ecom_assets.home import Home
from ecom_assets.sweep import sweep

POLL_SECONDS = 0.2
REPORT_SECONDS = 10.0
ASKING_SECONDS = 0.001  # until the lock is tried again where others only ask
PATIENCE_SECONDS = 5.0  # with those who ask, beyond the timeout


@contextmanager
def writer_lock(
    home: Home,
    run_id: str,
    timeout_seconds: float,
    report: Callable[[str], None] = lambda _: None,
) -> Generator[None]:
    """Holds the home's writer lock, waiting for the present writer if there is one.

    Args:
        home: The home to write.
        run_id: Shown to whoever waits.
        timeout_seconds: How long to wait.
        report: Called now and then with a sentence about who is being waited for.

    Raises:
        BusyError: The other writer was not done in time.
    """
    home.state.mkdir(parents=True, exist_ok=True)
    with home.writer_lock.open("a+") as file:
        _wait(file, home, timeout_seconds, report)
        with home.dbt_lock.open("a+") as orphan:  # of the last holder, who is still named
            _wait(orphan, home, timeout_seconds, report)
        holder = {"pid": os.getpid(), "run_id": run_id, "since": datetime.now(UTC).isoformat()}
        file.truncate(0)
        file.write(json.dumps(holder))
        file.flush()
        sweep(home)
        yield


def describe_writer(home: Home) -> str | None:
    """Returns who holds the writer lock, or None where nobody does."""
    if not home.writer_lock.is_file():
        return None
    return _holder(home.writer_lock) if _is_written(home.writer_lock) else None


def _wait(file: IO[str], home: Home, timeout_seconds: float, report: Callable[[str], None]) -> None:
    started = reported = time.monotonic()
    while not _try_lock(file, fcntl.LOCK_EX):
        now = time.monotonic()
        patience = timeout_seconds + PATIENCE_SECONDS
        if now - started < patience and not _is_written(Path(file.name)):
            time.sleep(ASKING_SECONDS)
            continue
        if now - started >= timeout_seconds:
            raise BusyError(
                f"{home.root} is being written by {_holder(home.writer_lock)}; waited "
                f"{timeout_seconds:.0f} s. Try again when that run is done."
            )
        if now - reported >= REPORT_SECONDS:
            report(f"waiting for {_holder(home.writer_lock)}")
            reported = now
        time.sleep(POLL_SECONDS)


def _is_written(path: Path) -> bool:
    with path.open("r") as file:
        return not _try_lock(file, fcntl.LOCK_SH)


def _try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text("utf-8"))
    except ValueError:
        return "another process"
    return f"process {holder['pid']} (run {holder['run_id']}, since {holder['since']})"
