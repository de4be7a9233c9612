"""Writing what a shop delivers: one file per kind and day, as its systems would export it.

A file is written under another name first, so nobody ever picks up half of one.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ecom_assets.simmart.batch import batch_of
from ecom_assets.simmart.columns import INSTANT
from ecom_assets.simmart.dirt import ENCODING
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.soil import soil
from ecom_assets.simmart.tables import TABLES
from ecom_assets.simmart.workbook import write_workbook

WRITERS = 2
WRONG_ENCODING = "utf-16-le"
MARK = "\ufeff"  # of its byte order


@dataclass(frozen=True)
class Delivered:
    """What was written of one kind.

    Attributes:
        feed: The feed that reads it.
        files: How many files were written.
        rows: How many rows they have.
        bytes: How large they are.
        dirt: All dirt of this kind so far, in columns as ``soil.TRUTH`` says.
    """

    feed: str
    files: int
    rows: int
    bytes: int
    dirt: pl.DataFrame


def deliver(shop: Shop, folder_of: Callable[[str], Path], first_day: int = 0) -> list[Delivered]:
    """Writes the files that arrive from `first_day` on.

    Args:
        shop: The store.
        folder_of: The folder into which files of a feed belong.
        first_day: The first day to write; what arrived before is taken as delivered already.
    """
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(lambda feed: _deliver(shop, feed, folder_of(feed), first_day), TABLES))


def _deliver(shop: Shop, feed: str, folder: Path, first_day: int) -> Delivered:
    folder.mkdir(parents=True, exist_ok=True)
    soiled = soil(batch_of(shop, feed))
    batch, dirty = soiled.batch, soiled.files
    arrival = dirty.arrival_day[batch.files]
    slots = batch.files[(arrival >= first_day) & (arrival < shop.plan.days)]
    is_wrong = dirty.are(ENCODING)
    size = 0
    for slot in slots.tolist():
        rows, target = batch.of_slot(slot), folder / batch.name(slot)
        draft = target.with_name(f".{target.name}.part")
        write(rows.rename(dirty.changed_header(slot)), draft, batch.feed.format, shop)
        if is_wrong[slot]:
            draft.write_bytes((MARK + draft.read_text("utf-8")).encode(WRONG_ENCODING))
        size += draft.stat().st_size
        draft.replace(target)
    rows = int(np.diff(batch.until)[slots].sum())
    return Delivered(feed, len(slots), rows, size, soiled.truth)


def write(rows: pl.DataFrame, target: Path, kind: str, shop: Shop) -> None:
    """Writes rows as a file of a format."""
    if kind == "jsonl":
        rows.write_ndjson(target)
    elif kind == "xlsx":
        write_workbook(rows, target)
    else:
        decimals = shop.plan.market.minor_units
        rows.write_csv(target, float_precision=decimals, datetime_format=INSTANT)
