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
from ecom_assets.simmart.content import contents
from ecom_assets.simmart.dirt import ENCODING
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.soil import soil
from ecom_assets.simmart.tables import TABLES

WRITERS = 2
LONGEST = "simmart_events"  # a third of all work: begun last, one writer would end alone
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
        written = {
            feed: pool.submit(_deliver, shop, feed, folder_of(feed), first_day)
            for feed in sorted(TABLES, key=lambda feed: feed != LONGEST)
        }
        return [written[feed].result() for feed in TABLES]


def _deliver(shop: Shop, feed: str, folder: Path, first_day: int) -> Delivered:
    folder.mkdir(parents=True, exist_ok=True)
    soiled = soil(batch_of(shop, feed))
    batch, dirty = soiled.batch, soiled.files
    arrival = dirty.arrival_day[batch.files]
    slots = batch.files[(arrival >= first_day) & (arrival < shop.plan.days)]
    is_wrong = dirty.are(ENCODING)
    size = 0
    for slot, content in contents(batch, dirty, slots):
        target = folder / batch.name(slot)
        if is_wrong[slot]:
            content = (MARK + content.decode()).encode(WRONG_ENCODING)  # noqa: PLW2901
        draft = target.with_name(f".{target.name}.part")
        draft.write_bytes(content)
        draft.replace(target)
        size += len(content)
    rows = int(np.diff(batch.until)[slots].sum())
    return Delivered(feed, len(slots), rows, size, soiled.truth)
