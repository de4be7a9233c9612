"""Making a batch dirty, and knowing of every bit of dirt in which file and row it lies."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ecom_assets.simmart.batch import Batch
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import texts
from ecom_assets.simmart.dirt import DUPLICATES, MISSING, REPEATS
from ecom_assets.simmart.dirty_files import CLEAN, DirtyFiles
from ecom_assets.simmart.dirty_rows import Change, DirtyRows

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
    if not clean.plan.dirt:
        return Soiled(clean, files, pl.DataFrame(schema=TRUTH))
    rows = DirtyRows(clean, files.kind == CLEAN)
    batch, place = _assembled(clean, rows)
    found = pl.concat([files.truth(), _rows_truth(clean, rows, place)], how="diagonal")
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
    return clean.holding(_changed(clean, rows.changes)[source[order]], slot[order]), place


def _changed(clean: Batch, changes: list[Change]) -> pl.DataFrame:
    table = clean.rows
    for change in changes:
        column = table[change.column].clone()
        if change.kind == MISSING:
            column = column.scatter(change.rows, None)
        else:
            column = texts(column, clean.plan.market.minor_units)
            column = column.scatter(change.rows, change.values)
        table = table.with_columns(column.alias(change.column))
    return table


def _rows_truth(clean: Batch, rows: DirtyRows, place: Ints) -> pl.DataFrame:
    count, decimals = len(clean.slot), clean.plan.market.minor_units
    twice, (again, _) = rows.rows_of(DUPLICATES), rows.repeats
    more = [
        (DUPLICATES, None, twice, count + np.arange(len(twice))),
        (REPEATS, None, again, count + len(twice) + np.arange(len(again))),
    ]
    changed = [(change.kind, change.column, change.rows, change.rows) for change in rows.changes]
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "kind": [kind] * len(source),
                    "place": place[at],
                    "record_id": texts(clean.rows.to_series(0)[source], decimals),
                    "column_name": pl.Series([column] * len(source), dtype=pl.String),
                    "was": texts(clean.rows[column][source], decimals)
                    if column
                    else pl.Series([None] * len(source), dtype=pl.String),
                },
                schema_overrides={"kind": pl.String, "place": pl.Int64},
            )
            for kind, column, source, at in [*changed, *more]
        ]
    )


def _located(found: pl.DataFrame, batch: Batch, files: DirtyFiles) -> pl.DataFrame:
    """Returns the dirt with names and days of its files, in their order."""
    place = found["place"].fill_null(0).to_numpy()
    is_row = found["place"].is_not_null()
    slot = np.where(is_row, batch.slot[place] if len(batch.slot) else 0, found["slot"].fill_null(0))
    start = np.datetime64(batch.plan.start)
    first = FIRST_ROW[batch.feed.format]
    return (
        found.with_columns(
            pl.lit(batch.feed.feed).alias("feed"),
            pl.Series("file", [batch.name(int(s)) for s in slot], dtype=pl.String),
            pl.Series(
                "source_row",
                place - batch.until[slot] + first,
            ),
            pl.Series("delivered_on", start + slot // batch.each),
            pl.Series("arrives_on", start + files.arrival_day[slot]),
        )
        .with_columns(pl.when(is_row).then("source_row"))
        .select(pl.col(name).cast(kind) for name, kind in TRUTH.items())
        .sort("file", "source_row", nulls_last=False)
    )
