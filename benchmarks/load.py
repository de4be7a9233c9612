"""A load of a shop as ``ecom run`` does it; prints seconds by stage as JSON.

Usage: ``python -m benchmarks.load SHOP HOME``. The home of Online Retail must be fresh, that of
SimMart simulated and not loaded.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.shops import ONLINE_RETAIL, SHOPS
from benchmarks.usage import cpu_seconds
from ecom_assets.demo import prepare_online_retail
from ecom_assets.home import Home
from ecom_assets.load_run import StageTimes, run_load
from ecom_assets.settings import use_home


def main() -> None:
    """Loads, and prints one JSON object.

    Raises:
        SystemExit: The load was not published.
    """
    shop = SHOPS[sys.argv[1]]
    use_home(Path(sys.argv[2]))
    home, used = Home.current(), StageTimes(cpu_seconds)
    started = time.monotonic()
    if shop is ONLINE_RETAIL:
        prepare_online_retail(home)
    unpacked = time.monotonic() - started
    result = run_load(home, shop.months, used.note)
    if not result.published:
        reasons = dict.fromkeys(red.reason for red in result.reds)
        sys.exit(f"the load was not published: {result.error or ''} {'; '.join(reasons)}")
    stages = {"unpack": unpacked} | result.times.seconds
    print(json.dumps({"seconds": stages, "cpu": used.seconds}))


if __name__ == "__main__":
    main()
