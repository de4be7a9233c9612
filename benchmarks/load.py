"""The year's load as ``ecom demo`` does it; prints seconds by stage, peak memory, totals as JSON.

Usage: ``python -m benchmarks.load HOME``. The home must be fresh.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.usage import cpu_seconds, peak_kib
from benchmarks.work import totals
from ecom_assets.demo import prepare_online_retail
from ecom_assets.home import Home
from ecom_assets.load_run import LoadResult, run_load
from ecom_assets.publish.query import ask
from ecom_assets.settings import use_home

MONTHS = ("2010-12", "2011-12")


def main() -> None:
    """Makes the home, loads, and prints one JSON object.

    Raises:
        SystemExit: The load was not published.
    """
    use_home(Path(sys.argv[1]))
    home = Home.current()
    started = time.monotonic()
    prepare_online_retail(home)
    unpacked = time.monotonic() - started
    result = run_load(home, MONTHS, lambda _: None)
    if not result.published:
        reasons = dict.fromkeys(red.reason for red in result.reds)
        sys.exit(f"the load was not published: {result.error or ''} {'; '.join(reasons)}")
    print(json.dumps(_report(home, {"unpack": unpacked}, result)))


def _report(home: Home, seconds: dict[str, float], result: LoadResult) -> dict[str, object]:
    """Returns seconds by stage, use of memory and processor, totals."""
    used = {"peak_kib": peak_kib(), "cpu": cpu_seconds()}
    found = totals(lambda sql: ask(home, sql).rows[0][0])
    stages = seconds | result.times.seconds
    return {"seconds": stages, **used, "totals": found}


if __name__ == "__main__":
    main()
