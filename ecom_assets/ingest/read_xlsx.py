"""Reading workbooks: one sheet, whose first row with anything in it names the columns.

``source_row`` is the number of the row in the sheet, from 1; blank rows count, but are no records.
A text is delivered as it is, and so is the error that a formula ended in; a number, day, time or
truth value as the text that says the same everywhere, whatever the cell looks like.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ecom_assets.duck import insert_rows
from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import Readable, Unreadable, header_fault
from ecom_assets.ingest.sheet import Row
from ecom_assets.ingest.workbook import Workbook, WorkbookError, open_workbook


@dataclass(frozen=True)
class Sheet:
    """What a sheet holds.

    Attributes:
        columns: Where each column stands, by its name.
        rows: The rows below the header that are not blank, by their number.
    """

    columns: Mapping[str, int]
    rows: Mapping[int, Row]


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks whether a file is a workbook with the feed's sheet."""
    if not path.stat().st_size:
        return Unreadable("the file is empty (0 bytes): deliver it again")
    try:
        with open_workbook(path) as workbook:
            found = _sheet_name(workbook, feed)
    except WorkbookError as error:
        return _no_workbook(error)
    return found if isinstance(found, Unreadable) else Readable()


def read_into(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads files into ``delivered``.

    Returns:
        The files whose sheet cannot be read, and those with columns that the feed does not know.
    """
    inside: dict[int, Readable | Unreadable] = {}
    for no, (path, _) in files.items():
        sheet = _read(path, feed)
        if isinstance(sheet, Unreadable):
            inside[no] = sheet
            continue
        extra = tuple(name for name in sheet.columns if name not in feed.known_headers)
        inside[no] = Readable(tuple(sheet.columns), extra)
        insert_rows(connection, "delivered", _delivered(no, sheet, feed))
    return inside


def _read(path: Path, feed: Feed) -> Sheet | Unreadable:
    try:
        with open_workbook(path) as workbook:
            name = _sheet_name(workbook, feed)
            if isinstance(name, Unreadable):
                return name
            rows = workbook.rows(name)
    except WorkbookError as error:
        return _no_workbook(error)
    if not rows:
        return Unreadable(f"sheet '{name}' is empty: deliver it again")
    first = min(rows)
    header = {at: text.strip() for at, text in rows.pop(first).items()}
    fault = header_fault([name for name in header.values() if name], feed)
    if fault:
        return Unreadable(fault)
    used = {at for row in rows.values() for at in row}
    return Sheet(
        {header.get(at) or f"column {at + 1}": at for at in sorted(used | {*header})}, rows
    )


def _delivered(no: int, sheet: Sheet, feed: Feed) -> Iterator[Sequence[object]]:
    """Yields the rows of ``delivered``."""
    known = [sheet.columns.get(column.header, -1) for column in feed.columns]
    extra = {at: name for name, at in sheet.columns.items() if name not in feed.known_headers}
    for source_row, row in sorted(sheet.rows.items()):
        more = {name: row[at] for at, name in extra.items() if at in row}
        overflow = json.dumps(more, ensure_ascii=False) if more else None
        yield (no, source_row, *(row.get(at) for at in known), overflow)


def _sheet_name(workbook: Workbook, feed: Feed) -> str | Unreadable:
    names = list(workbook.sheets)
    if names and (feed.sheet is None or feed.sheet in names):
        return feed.sheet or names[0]
    wanted = f"sheet '{feed.sheet}'" if feed.sheet else "sheet"
    return Unreadable(f"the workbook has no {wanted} (it has: {', '.join(names)[:200]})")


def _no_workbook(error: WorkbookError) -> Unreadable:
    return Unreadable(f"the file is no workbook that can be read: {error}: save it as .xlsx anew")
