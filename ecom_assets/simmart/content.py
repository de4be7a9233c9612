"""What a batch's files hold, as bytes.

Polars spends a fifth of a millisecond on each table that it writes, however small. So the rows of
many files are written as one text, and that is cut at the ends of its lines.
"""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import polars as pl

from ecom_assets.simmart.batch import Batch
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import INSTANT
from ecom_assets.simmart.dirty_files import DirtyFiles
from ecom_assets.simmart.workbook import write_workbook

ROWS_AT_ONCE = 20_000
LINE_END = b"\n"


def contents(batch: Batch, dirty: DirtyFiles, slots: Ints) -> Iterator[tuple[int, bytes]]:
    """Yields each slot with the content of its file, in UTF-8.

    Args:
        batch: The rows.
        dirty: Which files have another header.
        slots: The slots that are wanted, ascending.
    """
    if batch.feed.format == "xlsx":
        for slot in slots.tolist():
            content = BytesIO()
            write_workbook(batch.of_slot(slot).rename(dirty.changed_header(slot)), content)
            yield slot, content.getvalue()
        return
    parts = np.unique(batch.until[slots] // ROWS_AT_ONCE, return_index=True)[1][1:]
    for some in np.split(slots, parts):
        yield from _cut(batch, dirty, some)


def _cut(batch: Batch, dirty: DirtyFiles, slots: Ints) -> Iterator[tuple[int, bytes]]:
    if not len(slots):
        return
    first, last = int(batch.until[slots[0]]), int(batch.until[slots[-1] + 1])
    text = _lines(batch, batch.rows.slice(first, last - first))
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == LINE_END[0]) + 1
    if len(ends) != last - first:
        raise ValueError(f"{batch.feed.feed}: a value has a line break: no file can be cut there")
    begins = np.append(0, ends)
    for slot in slots.tolist():
        begin, end = begins[batch.until[slot : slot + 2] - first]
        yield slot, _header(batch, dirty.changed_header(slot)) + text[begin:end]


def _lines(batch: Batch, rows: pl.DataFrame) -> bytes:
    """Returns rows as lines of a CSV file or of JSON, without a header."""
    content = BytesIO()
    if batch.feed.format == "jsonl":
        rows.write_ndjson(content)
    else:
        decimals = batch.plan.market.minor_units
        rows.write_csv(
            content, include_header=False, float_precision=decimals, datetime_format=INSTANT
        )
    return content.getvalue()


def _header(batch: Batch, changed: dict[str, str]) -> bytes:
    if batch.feed.format == "jsonl":
        return b""
    return ",".join(changed.get(name, name) for name in batch.rows.columns).encode() + LINE_END
