"""The totals of what a load has published; printed as JSON.

Usage: ``python -m benchmarks.totals SHOP HOME``.
"""

import json
import sys
from pathlib import Path

from benchmarks.shops import SHOPS
from benchmarks.work import load_totals
from ecom_assets.home import Home
from ecom_assets.publish.query import ask


def main() -> None:
    """Prints one JSON object."""
    home = Home(Path(sys.argv[2]))
    print(json.dumps(load_totals(SHOPS[sys.argv[1]], lambda sql: ask(home, sql).rows[0][0])))


if __name__ == "__main__":
    main()
