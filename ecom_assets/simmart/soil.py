"""Making a batch dirty, and knowing of every bit of dirt in which file and row it lies."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ecom_assets.simmart.batch import Batch
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import texts, where
from ecom_assets.simmart.dirt import DUPLICATES, MISSING, REPEATS
from ecom_assets.simmart.dirty_files import CLEAN, DirtyFiles
from ecom_assets.simmart.dirty_rows import DirtyRows

FIRST_ROW = {"csv": 2, "xlsx": 2, "jsonl": 1}  # by format; a header is a row
TRUTH = {
    "kind": pl.String,
    "feed": pl.String,
    "file": pl.String,
    "source_row": pl.Int64,
    "record_id": pl.String,
    "column_name": pl.String,
    "was": pl.String,
    "delivered_on": pl.Date,
    "arrives_on": pl.Date,
}


@dataclass(frozen=True)
class Soiled:
    """What is delivered of a kind.

    Attributes:
        batch: The rows with their dirt.
        files: What is wrong with the files.
        truth: Every bit of dirt, in columns as TRUTH says.
    """

    batch: Batch
    files: DirtyFiles
    truth: pl.DataFrame


def soil(clean: Batch) -> Soiled:
    """Makes a batch as dirty as its simulation asks for."""
    files = DirtyFiles(clean)
    nothing = pl.DataFrame(schema=TRUTH)
    if not clean.plan.dirt:
        return Soiled(clean, files, nothing)
    rows = DirtyRows(clean, files.kind == CLEAN)
    batch, place = _assembled(clean, rows)
    parts = [nothing, files.truth(), _rows_truth(clean, rows, place)]
    found = pl.concat(parts, how="diagonal")
    return Soiled(batch, files, _located(found, batch, files))


def _assembled(clean: Batch, rows: DirtyRows) -> tuple[Batch, Ints]:
    """Returns the dirty batch, and where in it the rows lie: all, duplicates, then repeats."""
    count = len(clean.slot)
    twice, (again, later) = rows.rows_of(DUPLICATES), rows.repeats
    source = np.concatenate([np.arange(count), twice, again])
    slot = np.concatenate([clean.slot, clean.slot[twice], later])
    # a duplicate comes behind its row, a repeated one behind those that belong into its file
    key = np.concatenate([2 * np.arange(count), 2 * twice + 1, 2 * count + again])
    order = np.lexsort((key, slot))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return clean.holding(_changed(clean, rows)[source[order]], slot[order]), place


def _changed(clean: Batch, rows: DirtyRows) -> pl.DataFrame:
    """Returns the rows with their changes; a column is text in all files or in none.

    In a workbook a text and a number are different cells, and a file must not depend on which
    others are written with it.
    """
    table, decimals = clean.rows, clean.plan.market.minor_units
    textual = {c.column for c in rows.changes if c.kind != MISSING} | {*rows.may_be_malformed}
    table = table.with_columns(texts(table[name], decimals).alias(name) for name in textual)
    for change in rows.changes:
        values = None if change.kind == MISSING else change.values
        column = table[change.column].clone().scatter(change.rows, values)
        table = table.with_columns(column.alias(change.column))
    return table


def _rows_truth(clean: Batch, rows: DirtyRows, place: Ints) -> pl.DataFrame:
    """Returns the dirty rows: their kind, where they lie in the dirty batch, what they were."""
    count = len(clean.slot)
    twice, (again, _) = rows.rows_of(DUPLICATES), rows.repeats
    parts = [
        _dirt(clean, DUPLICATES, twice, place[count:]),
        _dirt(clean, REPEATS, again, place[count + len(twice) :]),
    ]
    for change in rows.changes:
        changed = _dirt(clean, change.kind, change.rows, place[change.rows])
        was = texts(clean.rows[change.column][change.rows], clean.plan.market.minor_units)
        column = pl.lit(change.column).alias("column_name")
        parts.append(changed.with_columns(column, was.alias("was")))
    return pl.concat(parts, how="diagonal")


def _dirt(clean: Batch, kind: str, source: Ints, place: Ints) -> pl.DataFrame:
    """Returns dirt of a kind, by the clean rows it is made of and the first places it takes."""
    return pl.DataFrame(
        {
            "kind": pl.Series([kind] * len(source), dtype=pl.String),
            "place": place[: len(source)],
            "record_id": texts(clean.rows.to_series(0)[source], clean.plan.market.minor_units),
        }
    )


def _located(found: pl.DataFrame, batch: Batch, files: DirtyFiles) -> pl.DataFrame:
    """Returns the dirt with names and days of its files, in their order."""
    is_row = found["place"].is_not_null()
    place = found["place"].fill_null(0).to_numpy()
    slot = found["slot"].fill_null(0).to_numpy().copy()
    slot[is_row] = batch.slot[place[is_row]]
    first_row = batch.until[slot] - FIRST_ROW[batch.feed.format]
    start = np.datetime64(batch.plan.start)
    return (
        found.with_columns(
            pl.lit(batch.feed.feed).alias("feed"),
            pl.Series("file", [batch.name(int(one)) for one in slot], dtype=pl.String),
            where(is_row, place - first_row).alias("source_row"),
            pl.Series("delivered_on", start + slot // batch.each),
            pl.Series("arrives_on", start + files.arrival_day[slot]),
        )
        .select(pl.col(name).cast(kind) for name, kind in TRUTH.items())
        .sort("file", "source_row", nulls_last=False)
    )
