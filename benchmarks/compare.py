"""``make bench``: loads in fresh homes against the same data work as one bare DuckDB script each.

Two shops: the real year of Online Retail, and SimMart, whose simulation is held against a bare
writing of the same files. Every one of these is a child process, measured from outside, so that
start-up counts. The bare script reads the files that the load has found in its inbox. Fails unless
all come to the same, known figures; whether a limit holds is told, and fails nothing.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.child import ChildError, Measured, measure
from benchmarks.shops import (
    LOAD_TREE,
    ONLINE_RETAIL,
    SCALES,
    SHOPS,
    SIMMART,
    SIMULATION,
    SIMULATION_RATIO,
    TOTAL,
    WORK,
    WORK_GROWTH,
    WORK_RATIO,
    YEAR,
    BenchShop,
    Size,
)
from benchmarks.work import PUBLISHED, differences

DATA_WORK = ("load", "build", "publish")
START = "start"


def compare_loads(
    shop: BenchShop, home: Path, known: Mapping[str, Decimal], seconds: float
) -> dict[str, float]:
    """Measures a load, one of next to nothing and the bare script; returns the figures by name.

    Raises:
        ChildError: One of them failed, or they did not do the same work.
    """
    load = _module("load", seconds, shop.name, str(home))
    output, inbox = home.with_name("bare"), home / "inbox" / shop.store
    bare = _module("bare", seconds, shop.name, str(inbox), str(output))
    said = json.loads(load.said)
    totals = json.loads(_module("totals", seconds, shop.name, str(home)).said)
    if wrong := differences(totals, json.loads(bare.said), known):
        raise ChildError("not the same work:\n" + "\n".join(wrong))
    tiny_home = (str(home / "stores.yaml"), str(home.with_name("tiny")))
    tiny = json.loads(_module("tiny_load", seconds, shop.name, *tiny_home).said)
    return load_figures(load, said, tiny, bare)


def load_figures(
    load: Measured, said: Mapping[str, Any], tiny: Mapping[str, Any], bare: Measured
) -> dict[str, float]:
    """Returns seconds, MB and ratios by the name under which they are printed.

    Args:
        load: The load as it was measured from outside.
        said: What it printed: seconds by stage, and seconds of processor.
        tiny: What the load of next to nothing printed.
        bare: The bare script as it was measured from outside.
    """
    stages: dict[str, float] = dict(said["seconds"])
    # What no stage accounts for is Python's own start and end.
    stages[START] = stages.get(START, 0) + load.wall - sum(stages.values())
    graph, graph_cpu = _of_data_work(tiny["seconds"]), _of_data_work(tiny["cpu"])
    work, work_cpu = _of_data_work(stages), _of_data_work(said["cpu"])
    return {
        **{f"stage {stage}, s": seconds for stage, seconds in stages.items()},
        TOTAL: load.wall,
        "load, CPU s": load.cpu,
        "the same stages with next to no rows, s": graph,
        "the same stages with next to no rows, CPU s": graph_cpu,
        WORK: work,
        "data work, CPU s": work_cpu,
        "data work less those, s": work - graph,
        "data work less those, CPU s": work_cpu - graph_cpu,
        "bare script, s": bare.wall,
        "bare script, CPU s": bare.cpu,
        "load / bare": load.wall / bare.wall,
        WORK_RATIO: work / bare.wall,
        "data work / bare, CPU": work_cpu / bare.cpu,
        "data work less those / bare": (work - graph) / bare.wall,
        "load, largest process, MB": load.process_bytes / 1e6,
        LOAD_TREE: load.tree_bytes / 1e6,
        "bare script, largest process, MB": bare.process_bytes / 1e6,
    }


def _of_data_work(seconds: Mapping[str, float]) -> float:
    return sum(seconds.get(stage, 0) for stage in DATA_WORK)


def compare_writing(scale: str, home: Path, seconds: float) -> dict[str, float]:
    """Measures the simulation and the bare writing once; returns the table's figures by name.

    Raises:
        ChildError: One of them failed, or they did not write the same.
    """
    first, last = map(str, SIMMART.days)
    simulate = ["-m", "ecom_assets.cli", "simulate", "--scale", scale, "--start", first]
    simulation = _python(seconds, *simulate, "--end", last, "--home", str(home))
    inbox = str(home / "inbox" / SIMMART.store)
    held, folder = str(home.with_name("held.duckdb")), str(home.with_name("written"))
    counts = json.loads(_module("held_tables", seconds, "fill", held, inbox).said)
    bare = _module("bare_writing", seconds, held, folder)
    _module("held_tables", seconds, "check", held, inbox, folder)
    return {
        "simulated rows": counts["rows"],
        "simulated files": counts["files"],
        "simulated files, MB": counts["bytes"] / 1e6,
        SIMULATION: simulation.wall,
        "simulation, CPU s": simulation.cpu,
        "simulation, largest process, MB": simulation.process_bytes / 1e6,
        "bare writing, s": bare.wall,
        "bare writing, CPU s": bare.cpu,
        SIMULATION_RATIO: simulation.wall / bare.wall,
        "simulation / bare writing, CPU": simulation.cpu / bare.cpu,
    }


def run_online_retail() -> dict[str, float]:
    """Measures the real year once, in a fresh home."""
    with tempfile.TemporaryDirectory(prefix="ecom-bench-") as folder:
        return compare_loads(ONLINE_RETAIL, Path(folder) / "home", PUBLISHED, YEAR.seconds)


def run_simmart(scale: str) -> dict[str, float]:
    """Measures SimMart at a scale once, in a fresh home; where growth is limited, also at s3."""
    with tempfile.TemporaryDirectory(prefix="ecom-bench-") as folder:
        home, seconds = Path(folder) / "home", SCALES[scale].seconds
        writing = compare_writing(scale, home, seconds)
        told = json.loads(_module("truth", seconds, str(home)).said)
        truth = {name: Decimal(value) for name, value in told.items()}
        figures = writing | compare_loads(SIMMART, home, truth, seconds)
    if WORK_GROWTH in SCALES[scale].limits:
        figures[WORK_GROWTH] = figures[WORK] / run_simmart("s3")[WORK]
    return figures


def _module(name: str, seconds: float, *arguments: str) -> Measured:
    return _python(seconds, "-m", f"benchmarks.{name}", *arguments)


def _python(seconds: float, *arguments: str) -> Measured:
    return measure([sys.executable, *arguments], seconds)


def show(title: str, runs: Sequence[Mapping[str, float]], size: Size) -> None:
    """Prints the median of each figure, and whether its limit holds."""
    table = Table("figure", "value", "limit", title=f"{title}; median of {len(runs)}")
    table.columns[1].justify = "right"
    for name in runs[0]:
        median = statistics.median(run[name] for run in runs)
        is_whole = name.endswith(("MB", "rows", "files"))
        value = f"{median:,.0f}" if is_whole else f"{median:,.2f}"
        table.add_row(name, value, verdict(median, size.limits.get(name)))
    Console().print(table)


def verdict(value: float, most: float | None) -> str:
    """Returns whether a limit holds, in words; nothing where there is none."""
    if most is None:
        return ""
    return f"at most {most:,g}: {'holds' if value <= most else 'does not hold'}"


def main() -> None:
    """Reads the command line, measures, prints.

    Raises:
        SystemExit: Something failed, or did not do the same work as its counterpart.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="how often; the median is printed")
    parser.add_argument("--shop", choices=SHOPS, help="one of the two shops alone")
    parser.add_argument("--scale", choices=SCALES, default="s3", help="of SimMart")
    asked = parser.parse_args()
    times = range(max(1, asked.runs))
    try:
        if asked.shop != SIMMART.name:
            show(ONLINE_RETAIL.title, [run_online_retail() for _ in times], YEAR)
        if asked.shop != ONLINE_RETAIL.name:
            title = f"{SIMMART.title} at scale {asked.scale}"
            show(title, [run_simmart(asked.scale) for _ in times], SCALES[asked.scale])
    except ChildError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
