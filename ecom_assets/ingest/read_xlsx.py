"""Reading workbooks: one sheet, whose first row with anything in it names the columns.

``source_row`` is the number of the row in the sheet, from 1; blank rows count, but are no records.
A text is delivered as it is; a number, day, time or truth value as the text that says the same
everywhere, whatever the cell looks like. A cell whose formula ends in an error is empty.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from ecom_assets.duck import insert_rows
from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import Readable, Unreadable, header_fault

Cell = int | float | str | bool | time | date | datetime | timedelta
Row = Sequence[Cell]


@dataclass(frozen=True)
class Sheet:
    """A sheet's rows by their number, and what its columns are called.

    Attributes:
        header: The name of each column, from the left.
        rows: The rows below the header that are not blank.
    """

    header: tuple[str, ...]
    rows: Mapping[int, Row]


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks whether a file is a workbook with the feed's sheet."""
    if not path.stat().st_size:
        return Unreadable("the file is empty (0 bytes): deliver it again")
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            return _lacking_sheet(workbook, feed) or Readable()
    except CalamineError as error:
        return _no_workbook(error)


def read_into(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads files into ``delivered``.

    Returns:
        The files whose sheet cannot be read, and those with columns that the feed does not know.
    """
    inside: dict[int, Readable | Unreadable] = {}
    for no, (path, _) in files.items():
        sheet = _sheet(path, feed)
        if isinstance(sheet, Unreadable):
            inside[no] = sheet
            continue
        extra = tuple(name for name in sheet.header if name and name not in feed.known_headers)
        inside[no] = Readable(sheet.header, extra)
        insert_rows(connection, "delivered", _delivered(no, sheet, feed))
    return inside


def text(cell: Cell) -> str | None:
    """Returns the text of a cell, None for an empty one."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):  # as which all numbers are kept
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _sheet(path: Path, feed: Feed) -> Sheet | Unreadable:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            name = feed.sheet or workbook.sheet_names[0]
            cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        return _no_workbook(error)
    filled = {no: row for no, row in enumerate(cells, start=1) if any(c != "" for c in row)}
    if not filled:
        return Unreadable(f"sheet '{name}' is empty: deliver it again")
    first = min(filled)
    header = _header(filled.pop(first), filled.values())
    fault = header_fault([name for name in header if name], feed)
    return Unreadable(fault) if fault else Sheet(header, filled)


def _header(row: Row, below: Iterable[Row]) -> tuple[str, ...]:
    """Returns the names of columns; one without a name has none unless something is in it."""
    used = [any(cell != "" for cell in column) for column in zip(*below, strict=True)]
    names = [(text(cell) or "").strip() for cell in row]
    unnamed = [f"column {no}" if is_used else "" for no, is_used in enumerate(used, start=1)]
    return tuple(name or (unnamed[no] if used else "") for no, name in enumerate(names))


def _delivered(no: int, sheet: Sheet, feed: Feed) -> Iterator[Sequence[object]]:
    """Yields the rows of ``delivered``."""
    position = {name: index for index, name in enumerate(sheet.header) if name}
    known = [position.get(column.header) for column in feed.columns]
    extra = {name: at for name, at in position.items() if name not in feed.known_headers}
    for source_row, row in sheet.rows.items():
        cells = [text(cell) for cell in row]
        values = [None if at is None else cells[at] for at in known]
        more = {name: cells[at] for name, at in extra.items() if cells[at] is not None}
        yield (no, source_row, *values, json.dumps(more, ensure_ascii=False) if more else None)


def _lacking_sheet(workbook: CalamineWorkbook, feed: Feed) -> Unreadable | None:
    names = workbook.sheet_names
    if not names or (feed.sheet and feed.sheet not in names):
        wanted = f"sheet '{feed.sheet}'" if feed.sheet else "sheet"
        return Unreadable(f"the workbook has no {wanted} (it has: {', '.join(names)[:200]})")
    return None


def _no_workbook(error: CalamineError) -> Unreadable:
    if isinstance(error, PasswordError):
        return Unreadable("the workbook is locked by a password: deliver it without one")
    return Unreadable(f"the file is no workbook that can be read: {error}")
