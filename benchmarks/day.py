"""The next day's delivery, from files to published, after one year and after three.

A simulated shop is loaded up to a day (not measured), then day by day, each as ``ecom run`` does
it, start-up included; the last three are told. History must not make them dearer: the shop does
not grow, so that a day brings as much after three years as after one. With ``--growth 0.25`` it
does, as SimMart's shops do unless told otherwise, and a day brings 1.4 times as much.

Usage: ``python -m benchmarks.day [--scale s3] [--years 1 3] [--growth 0]``; three years at scale s3
take 12 GB of disk and some minutes.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from benchmarks.child import ChildError, Measured, measure
from benchmarks.compare import show
from benchmarks.shops import SCALES, Size

SEED = 291  # of which the measured days bring as many orders after three years as after one, to 5 %
LAST_DAY = date(2025, 12, 14)  # of what is loaded before; the days after are of the same month
# of the days after it; the first of them is not, for it follows a load of years
MEASURED = [LAST_DAY + timedelta(days=number) for number in (2, 3, 4)]
LIMIT_SECONDS = 3_600
AFTER_ONE = "after 1 year, s"
RATIO = "last / first"
LIMITS = Size(LIMIT_SECONDS, {AFTER_ONE: 20, RATIO: 1.3})


def first_day(years: int) -> date:
    """Returns the first of so many years that end with the last day loaded before."""
    return LAST_DAY.replace(year=LAST_DAY.year - years) + timedelta(days=1)


def days_after(years: int, shop: Sequence[str]) -> list[Measured]:
    """Returns what some days took after so many years of history of such a shop.

    Raises:
        ChildError: A simulation or a load failed.
    """
    first = first_day(years)
    with tempfile.TemporaryDirectory(prefix="ecom-bench-") as folder:
        home = Path(folder) / "home"
        for last in (LAST_DAY, LAST_DAY + timedelta(days=1)):
            _deliver(home, shop, first, last)
        return [_deliver(home, shop, first, day) for day in MEASURED]


def _deliver(home: Path, shop: Sequence[str], first: date, last: date) -> Measured:
    days = ("--start", f"{first}", "--end", f"{last}")
    _ecom("simulate", "--home", f"{home}", *shop, *days)
    return _ecom("run", "--home", f"{home}")


def day_figures(after: Sequence[tuple[int, Measured]]) -> dict[str, float]:
    """Returns the figures by the name under which they are printed.

    Args:
        after: The years of history, and what the day after them took.
    """
    figures: dict[str, float] = {}
    for years, day in after:
        title = f"after {years} year{'s' if years > 1 else ''}"
        figures |= {
            f"{title}, s": day.wall,
            f"{title}, CPU s": day.cpu,
            f"{title}, delivered rows": rows_delivered(day.said),
            f"{title}, memory of all processes, MB": day.tree_bytes / 1e6,
        }
    first, last = after[0][1], after[-1][1]
    return figures | {
        RATIO: last.wall / first.wall,
        f"{RATIO}, CPU": last.cpu / first.cpu,
        f"{RATIO}, rows delivered": rows_delivered(last.said) / rows_delivered(first.said),
    }


def rows_delivered(said: str) -> int:
    """Returns how many rows a load says it has read.

    Raises:
        ChildError: It does not say so.
    """
    told = re.search(r"read [\d,]+ files? with ([\d,]+) rows?", said)
    if not told:
        raise ChildError(f"a load does not say how many rows it read: {said}")
    return int(told[1].replace(",", ""))


def _ecom(*arguments: str) -> Measured:
    return measure([sys.executable, "-m", "ecom_assets.cli", *arguments], LIMIT_SECONDS)


def main() -> None:
    """Reads the command line, measures, prints.

    Raises:
        SystemExit: Something failed.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="s3")
    parser.add_argument("--years", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--growth", type=float, default=0)
    asked = parser.parse_args()
    shop = ("--seed", f"{SEED}", "--scale", asked.scale, "--growth", f"{asked.growth}")
    try:
        after = {years: days_after(years, shop) for years in asked.years}
    except ChildError as error:
        sys.exit(str(error))
    title = f"the next day of SimMart at scale {asked.scale}, growth {asked.growth:g} a year"
    together = zip(*after.values(), strict=True)
    runs = [day_figures(list(zip(after, days, strict=True))) for days in together]
    show(title, runs, LIMITS)


if __name__ == "__main__":
    main()
