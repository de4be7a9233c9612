"""``make bench``: the year's load in a fresh home against one bare DuckDB script, in one run.

Both are child processes, timed from outside, so that start-up counts. The bare script reads the
files that the load has found in its inbox. Fails unless both come to the same, known totals.
"""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.work import differences
from ecom_assets.demo import FEED, STORE
from ecom_assets.home import Home

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 600
DATA_WORK = ("load", "build", "publish")
START = "start"
TAIL = -2000


@dataclass(frozen=True)
class Measured:
    """One child process: wall seconds, start-up included, and what it printed."""

    wall: float
    said: dict[str, Any]


def measure(module: str, *arguments: Path) -> Measured:
    """Runs a module of this folder as child process, in a process group of its own.

    Raises:
        SystemExit: It failed or took longer than the limit.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    started = time.monotonic()
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, complaint = child.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        sys.exit(f"benchmarks.{module} took longer than {LIMIT_SECONDS} s")
    finally:
        _end_group(child)
    if child.returncode:
        sys.exit(f"benchmarks.{module} failed: {complaint[TAIL:]}")
    return Measured(time.monotonic() - started, json.loads(said))


def _end_group(child: subprocess.Popen[str]) -> None:
    """Kills what still lives of a child's process group: nothing, unless it was cut short."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def run_once() -> dict[str, float]:
    """Measures load and bare script once; returns the table's figures by name.

    Raises:
        SystemExit: They did not do the same work.
    """
    with tempfile.TemporaryDirectory(prefix="ecom-bench-") as folder:
        home, output = Home(Path(folder) / "home"), Path(folder) / "bare"
        output.mkdir()
        load = measure("load", home.root)
        bare = measure("bare", home.feed_inbox(STORE, FEED), output)
    wrong = differences(load.said["totals"], bare.said["totals"])
    if wrong:
        sys.exit("not the same work:\n" + "\n".join(wrong))
    return figures(load, bare)


def figures(load: Measured, bare: Measured) -> dict[str, float]:
    """Returns seconds, MB and ratios by the name under which they are printed."""
    stages: dict[str, float] = dict(load.said["seconds"])
    # What no stage accounts for is Python's own start and end.
    stages[START] = stages.get(START, 0) + load.wall - sum(stages.values())
    work = sum(stages[stage] for stage in DATA_WORK)
    peak, bare_peak = load.said["peak_kib"], bare.said["peak_kib"]
    return {
        **{f"stage {stage}, s": seconds for stage, seconds in stages.items()},
        "data work (load + build + publish), s": work,
        "total, s": load.wall,
        "peak memory of the run, MB": megabytes(peak["self"]),
        "peak memory of dbt, MB": megabytes(peak["children"]),
        "peak memory of the largest process, MB": megabytes(max(peak.values())),
        "bare script, s": bare.wall,
        "bare script, peak memory, MB": megabytes(bare_peak["self"]),
        "total / bare": load.wall / bare.wall,
        "data work / bare": work / bare.wall,
        "total, CPU s": load.said["cpu"],
        "bare script, CPU s": bare.said["cpu"],
        "total / bare, CPU": load.said["cpu"] / bare.said["cpu"],
    }


def megabytes(kib: int) -> float:
    """Returns Linux's unit of ru_maxrss in MB."""
    return kib * 1024 / 1e6


def show(runs: Sequence[dict[str, float]]) -> None:
    """Prints the median of each figure."""
    table = Table("figure", "value", title=f"Online Retail, one year; median of {len(runs)}")
    table.columns[1].justify = "right"
    for name in runs[0]:
        median = statistics.median(run[name] for run in runs)
        table.add_row(name, f"{median:,.0f}" if name.endswith("MB") else f"{median:,.2f}")
    Console().print(table)


def main() -> None:
    """Reads the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="how often; the median is printed")
    show([run_once() for _ in range(max(1, parser.parse_args().runs))])


if __name__ == "__main__":
    main()
