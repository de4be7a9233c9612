"""Dirty rows: delivered twice, with values missing, malformed or unknown, at skewed times.

Draws depend on the file and the row's place in it, so the dirt of a day is the same whatever comes
after it. Only rows of clean files get dirty: what is wrong with them would not be seen elsewhere.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ecom_assets.simmart.batch import Batch
from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.columns import INSTANT
from ecom_assets.simmart.dirt import (
    DUPLICATES,
    MALFORMED,
    MISSING,
    REPEATS,
    ROW_KINDS,
    SKEW,
    UNKNOWN,
)

EVENTS, EVENT_TIME = "simmart_events", "occurred_at"
# Codes that nobody knows, by feed: in which column, and what stands there.
CODES = {
    "simmart_orders": ("status", "on hold"),
    "simmart_order_items": ("sku", "P0"),
    "simmart_payments": ("status", "in dispute"),
    "simmart_inventory_movements": ("kind", "stocktake"),
    "simmart_events": ("kind", "hover"),
}
NO_VALUES = np.array(["#REF!", "n/v", "1,2,3", "--", "31/31/2026"])
DAY_HOURS = 24
LEAST_SKEW, MOST_SKEW = 26, 48  # hours; more than the longest day, so that it shows
LATEST_REPEAT = 72  # hours after the event
CLEAN = -1


@dataclass(frozen=True)
class Change:
    """Cells of one column that are no longer as they were."""

    kind: str
    column: str
    rows: Ints
    values: pl.Series


@dataclass(frozen=True)
class DirtyRows:
    """What is wrong with the rows of a batch.

    Attributes:
        batch: The clean rows.
        is_clean: Whether the file of each slot is clean.
    """

    batch: Batch
    is_clean: NDArray[np.bool_]

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.batch.plan.chance

    @cached_property
    def kind(self) -> Ints:
        """The position in ROW_KINDS of each row's dirt, CLEAN for none."""
        found = np.full(len(self.batch.slot), CLEAN)
        free = self.is_clean[self.batch.slot]
        for number, kind in enumerate(ROW_KINDS):
            if kind in self.batch.plan.dirt and self._is_suited(kind):
                drawn = self.chance.happens(
                    f"{kind} {self.batch.feed.feed}", self.batch.plan.dirt[kind], *self._ids
                )
                found[drawn & free & (found == CLEAN)] = number
        return found

    def rows_of(self, kind: str) -> Ints:
        """Returns the positions of the rows with a kind of dirt."""
        return np.flatnonzero(self.kind == ROW_KINDS.index(kind))

    @cached_property
    def _ids(self) -> tuple[Ints, Ints]:
        return self.batch.slot, self.batch.within()

    def _is_suited(self, kind: str) -> bool:
        feed = self.batch.feed.feed
        if kind in (SKEW, REPEATS):
            return feed == EVENTS
        return feed in CODES if kind == UNKNOWN else kind != DUPLICATES or feed != EVENTS

    @cached_property
    def changes(self) -> list[Change]:
        """All cells that are changed, at most one of a row."""
        return [*self._missing(), *self._malformed(), *self._unknown(), *self._skewed()]

    def _missing(self) -> list[Change]:
        columns = [c.header for c in self.batch.feed.columns if c.required]
        return [
            Change(MISSING, name, rows, pl.Series([None] * len(rows), dtype=pl.String))
            for name, rows in self._spread(MISSING, columns)
        ]

    @cached_property
    def may_be_malformed(self) -> list[str]:
        """Columns of other types than text; in JSON only those of texts, numbers stay numbers."""
        if MALFORMED not in self.batch.plan.dirt:
            return []
        return [
            c.header
            for c in self.batch.feed.columns
            if c.type != "text"
            and (self.batch.feed.format != "jsonl" or self.batch.rows[c.header].dtype == pl.String)
        ]

    def _malformed(self) -> list[Change]:
        """Values that are none of their type."""
        return [
            Change(MALFORMED, name, rows, pl.Series(NO_VALUES[self._drawn("no value", 4, rows)]))
            for name, rows in self._spread(MALFORMED, self.may_be_malformed)
        ]

    def _unknown(self) -> list[Change]:
        rows = self.rows_of(UNKNOWN)
        if not len(rows):
            return []
        column, code = CODES[self.batch.feed.feed]
        return [Change(UNKNOWN, column, rows, pl.Series([code] * len(rows)))]

    def _skewed(self) -> list[Change]:
        rows = self.rows_of(SKEW)
        if not len(rows):
            return []
        hours = self._drawn("skewed by", MOST_SKEW - LEAST_SKEW, rows) + LEAST_SKEW
        hours *= 1 - 2 * self._drawn("skewed back", 1, rows)
        times = pl.DataFrame({"at": self.batch.rows[EVENT_TIME][rows], "hours": hours})
        moved = pl.col("at").str.to_datetime(INSTANT) + pl.duration(hours="hours")
        return [Change(SKEW, EVENT_TIME, rows, times.select(moved.dt.strftime(INSTANT))["at"])]

    def _spread(self, kind: str, columns: list[str]) -> list[tuple[str, Ints]]:
        """Returns the rows of a kind by the column that it is to be found in."""
        rows = self.rows_of(kind)
        drawn = self._drawn(f"{kind} column", len(columns) - 1, rows)
        by_column = [(name, rows[drawn == number]) for number, name in enumerate(columns)]
        return [(name, chosen) for name, chosen in by_column if len(chosen)]

    def _drawn(self, purpose: str, last: int, rows: Ints) -> Ints:
        slot, within = self._ids
        return self.chance.whole(
            f"{purpose} {self.batch.feed.feed}", 0, last, slot[rows], within[rows]
        )

    @cached_property
    def repeats(self) -> tuple[Ints, Ints]:
        """The events that are delivered again, and the later slots; those after the end are not."""
        rows = self.rows_of(REPEATS)
        each = self.batch.each
        slot = self.batch.slot[rows]
        hour = slot // each * DAY_HOURS + slot % each
        hour += 1 + self._drawn("repeated after", LATEST_REPEAT - 1, rows)
        again = hour // DAY_HOURS * each + hour % DAY_HOURS
        inside = again < self.batch.slots
        rows, again = rows[inside], again[inside]
        seen = self.is_clean[again]
        return rows[seen], again[seen]
