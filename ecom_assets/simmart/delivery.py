"""Writing what a shop delivers: one file per kind and day, as its systems would export it.

A file is written under another name first, so nobody ever picks up half of one.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ecom_assets.simmart.columns import DAY, HOUR, INSTANT
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.simmart.workbook import write_workbook

# The kinds that are no CSV; of these there is no file where there are no rows.
ENDINGS = {
    "simmart_payments": "jsonl",
    "simmart_refunds": "jsonl",
    "simmart_events": "jsonl",
    "simmart_inventory_counts": "xlsx",
}
COUNTS_SHEET = "Counts"
HOURS = 25  # of the longest day
WRITERS = 2


@dataclass(frozen=True)
class Delivered:
    """What was written of one kind."""

    feed: str
    files: int
    rows: int
    bytes: int


def deliver(shop: Shop, folder_of: Callable[[str], Path], first_day: int = 0) -> list[Delivered]:
    """Writes the files of all days from `first_day` on.

    Args:
        shop: The store.
        folder_of: The folder into which files of a feed belong.
        first_day: The first day to write; those before are taken as delivered already.
    """
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(lambda feed: _deliver(shop, feed, folder_of(feed), first_day), TABLES))


def _deliver(shop: Shop, feed: str, folder: Path, first_day: int) -> Delivered:
    """Writes one kind: a file a day, or an hour where the table tells hours."""
    folder.mkdir(parents=True, exist_ok=True)
    table = TABLES[feed](shop)
    slots = table[DAY].to_numpy()
    each = 1
    if HOUR in table.columns:
        each = HOURS
        slots = slots * HOURS + table[HOUR].to_numpy()
    rows = table.drop(DAY, HOUR, strict=False)
    until = np.searchsorted(slots, np.arange(shop.plan.days * each + 1))
    ending = ENDINGS.get(feed, "csv")
    files = size = 0
    for slot in range(first_day * each, shop.plan.days * each):
        of_slot = rows.slice(until[slot], until[slot + 1] - until[slot])
        if feed in ENDINGS and of_slot.is_empty():
            continue
        hour = f"T{slot % each:02}" if each > 1 else ""
        name = f"{feed.removeprefix('simmart_')}-{shop.plan.day(slot // each)}{hour}.{ending}"
        size += _write(of_slot, folder / name, shop.plan.market.minor_units)
        files += 1
    return Delivered(feed, files, int(until[-1] - until[first_day * each]), size)


def _write(rows: pl.DataFrame, target: Path, decimals: int) -> int:
    draft = target.with_name(f".{target.name}.part")
    if target.suffix == ".jsonl":
        rows.write_ndjson(draft)
    elif target.suffix == ".xlsx":
        write_workbook(rows, COUNTS_SHEET, draft)
    else:
        rows.write_csv(draft, float_precision=decimals, datetime_format=INSTANT)
    size = draft.stat().st_size
    draft.replace(target)
    return size
