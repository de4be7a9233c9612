"""A load of a shop that has delivered nothing: what the graph costs before there is data work.

Prints seconds by stage as JSON. Usage: ``python -m benchmarks.empty_load SHOP STORES_YAML HOME``,
with the stores.yaml of the shop's own load and a home that is not there yet.
"""

import json
import shutil
import sys
from pathlib import Path

from benchmarks.shops import SHOPS
from benchmarks.usage import StageUse
from ecom_assets.home import Home
from ecom_assets.load_run import run_load
from ecom_assets.settings import use_home


def main() -> None:
    """Loads nothing over the shop's months, and prints one JSON object.

    Raises:
        SystemExit: The load was not published.
    """
    shop, stores, folder = SHOPS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir()
    shutil.copyfile(stores, folder / stores.name)
    use_home(folder)
    used = StageUse()
    result = run_load(Home.current(), shop.months, used.note)
    if not result.published:
        sys.exit(f"the load of nothing was not published: {result.error}")
    print(json.dumps({"seconds": result.times.seconds, "cpu": used.seconds}))


if __name__ == "__main__":
    main()
