"""Dirty files: in another encoding, under a changed header, or late by days or months."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ecom_assets.simmart.batch import Batch
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.dirt import ENCODING, FILE_KINDS, HEADER, LATE

LATEST = 150  # days
CLEAN = -1
UNSUITED = {"xlsx": (ENCODING,), "jsonl": (HEADER,)}  # by format; a workbook is no text


@dataclass(frozen=True)
class DirtyFiles:
    """What is wrong with the files of a batch."""

    batch: Batch

    @cached_property
    def kind(self) -> Ints:
        """The position in FILE_KINDS of each slot's dirt, CLEAN for none."""
        plan, feed = self.batch.plan, self.batch.feed
        slots = np.arange(self.batch.slots, dtype=np.int64)
        found = np.full(len(slots), CLEAN)
        for number, kind in enumerate(FILE_KINDS):
            if kind in plan.dirt and kind not in UNSUITED.get(feed.format, ()):
                drawn = plan.chance.happens(f"{kind} {feed.feed}", plan.dirt[kind], slots)
                found[drawn & (found == CLEAN)] = number
        return found

    def are(self, kind: str) -> NDArray[np.bool_]:
        """Returns which slots have a kind of dirt."""
        return self.kind == FILE_KINDS.index(kind)

    @cached_property
    def arrival_day(self) -> Ints:
        """The simulated day on which each slot's file arrives; late ones after the end too."""
        slots = np.arange(self.batch.slots, dtype=np.int64)
        late_by = self.batch.plan.chance.whole(f"late by {self.batch.feed.feed}", 1, LATEST, slots)
        return slots // self.batch.each + np.where(self.are(LATE), late_by, 0)

    def changed_header(self, slot: int) -> dict[str, str]:
        """Returns what a column is called in a slot's file, by what it should be called."""
        if self.kind[slot] != FILE_KINDS.index(HEADER):
            return {}
        required = [column.header for column in self.batch.feed.columns if column.required]
        last = len(required) - 1
        drawn = self.batch.plan.chance.whole(f"renamed {self.batch.feed.feed}", 0, last, slot)
        return {required[int(drawn)]: f"new_{required[int(drawn)]}"}

    def truth(self) -> pl.DataFrame:
        """Returns the dirty files that there are."""
        slots = [int(slot) for slot in self.batch.files if self.kind[slot] != CLEAN]
        return pl.DataFrame(
            {
                "kind": [FILE_KINDS[self.kind[slot]] for slot in slots],
                "slot": slots,
                "column_name": [next(iter(self.changed_header(slot)), None) for slot in slots],
            },
            schema={"kind": pl.String, "slot": pl.Int64, "column_name": pl.String},
        )
