"""A load of the same months with next to no rows: what the graph costs before there is data work.

SimMart's is that of a shop of 20 customers, simulated over the same days: each kind of file in each
month, 1,504 rows in all. Of Online Retail nothing is delivered.

Prints seconds by stage as JSON. Usage: ``python -m benchmarks.tiny_load SHOP STORES_YAML HOME``,
with the stores.yaml of the shop's own load and a home that is not there yet.
"""

import json
import shutil
import sys
from pathlib import Path

from benchmarks.shops import SHOPS, SIMMART, BenchShop
from benchmarks.usage import cpu_seconds
from ecom_assets.home import Home
from ecom_assets.load_run import StageTimes, run_load
from ecom_assets.settings import use_home
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.plan import MARKETS, Plan, Scale
from ecom_assets.simmart.shop import Shop

HEADER_LINES = 1
TINY = Scale(customers=20, products=20, stocked=10, orders=60, campaigns=12, visits=60, days=365)


def deliver_tiny(home: Home, shop: BenchShop) -> None:
    """Writes what a shop of next to no customers delivers; files without a row are left out."""
    first, last = shop.days
    days = (last - first).days + 1
    plan = Plan(shop.store, 1, TINY, first, days, MARKETS[0], reporting=shop.currency)
    deliver(Shop(plan), lambda feed: home.feed_inbox(shop.store, feed))
    for path in home.inbox.rglob("*.csv"):
        if path.read_bytes().count(b"\n") == HEADER_LINES:
            path.unlink()


def main() -> None:
    """Loads next to nothing over the shop's months, and prints one JSON object.

    Raises:
        SystemExit: The load was not published.
    """
    shop, stores, folder = SHOPS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir()
    shutil.copyfile(stores, folder / stores.name)
    use_home(folder)
    home = Home.current()
    if shop is SIMMART:
        deliver_tiny(home, shop)
    used = StageTimes(cpu_seconds)
    result = run_load(home, shop.months, used.note)
    if not result.published:
        reasons = "; ".join(dict.fromkeys(red.reason for red in result.reds))
        sys.exit(f"the load of next to nothing was not published: {result.error or ''} {reasons}")
    print(json.dumps({"seconds": result.times.seconds, "cpu": used.seconds}))


if __name__ == "__main__":
    main()
