"""All rows of one kind of file, with the file that each belongs to: one a day, or one an hour."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from ecom_assets.feeds import Feed, shipped_feeds
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import DAY, HOUR
from ecom_assets.simmart.plan import Plan
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES

HOURS = 25  # of the longest day


@dataclass(frozen=True)
class Batch:
    """The rows of one kind, ordered by slot: the number of the file.

    Attributes:
        plan: The store's simulation.
        feed: The feed that reads the files.
        rows: What the files hold.
        slot: The slot of each row.
        each: Slots of a day.
    """

    plan: Plan
    feed: Feed
    rows: pl.DataFrame
    slot: Ints
    each: int

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return self.plan.days * self.each

    @cached_property
    def until(self) -> Ints:
        """How many rows there are before each slot, and after the last."""
        return np.searchsorted(self.slot, np.arange(self.slots + 1))

    @cached_property
    def files(self) -> Ints:
        """The slots that are files: a CSV file is there every day, others where they hold rows."""
        if self.feed.format == "csv":
            return np.arange(self.slots, dtype=np.int64)
        return np.flatnonzero(np.diff(self.until))

    def of_slot(self, slot: int) -> pl.DataFrame:
        """Returns the rows of a slot."""
        return self.rows.slice(self.until[slot], self.until[slot + 1] - self.until[slot])

    def day(self, slot: int) -> date:
        """Returns the day of a slot."""
        return self.plan.day(slot // self.each)

    def name(self, slot: int) -> str:
        """Returns the name of a slot's file."""
        hour = f"T{slot % self.each:02}" if self.each > 1 else ""
        kind = self.feed.feed.removeprefix("simmart_")
        return f"{kind}-{self.day(slot)}{hour}.{self.feed.format}"

    def within(self) -> Ints:
        """Returns the place of each row in its file, from 0."""
        return np.arange(len(self.slot)) - self.until[self.slot]

    def holding(self, rows: pl.DataFrame, slot: Ints) -> "Batch":
        """Returns the same files with other rows."""
        return replace(self, rows=rows, slot=slot)


def batch_of(shop: Shop, feed: str) -> Batch:
    """Returns what a shop delivers of one kind."""
    table = TABLES[feed](shop)
    each = HOURS if HOUR in table.columns else 1
    hour = table[HOUR].to_numpy() if each > 1 else 0
    slot = table[DAY].to_numpy().astype(np.int64) * each + hour
    return Batch(shop.plan, shipped_feeds()[feed], table.drop(DAY, HOUR, strict=False), slot, each)
