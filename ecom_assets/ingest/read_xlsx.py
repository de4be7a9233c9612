"""Reading workbooks: one sheet, whose first row with anything in it names the columns.

``source_row`` is the number of the row in the sheet, from 1; blank rows count, but are no records.
A text is delivered as it is, and so is the error that a formula ended in; a number, day, time or
truth value as the text that says the same everywhere, whatever the cell looks like.
"""

import json
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import duckdb

from ecom_assets.duck import insert_rows
from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import Readable, Unreadable, header_fault, with_header
from ecom_assets.ingest.unpack import most_bytes

OLD_MARK = bytes.fromhex("d0cf11e0a1b11ae1")  # of .xls, and of workbooks behind a password
FAULTS = (  # what openpyxl says of damaged parts
    OSError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    ParseError,
    zlib.error,
    zipfile.BadZipFile,
)

Row = dict[int, str]


class WorkbookError(Exception):
    """Why a workbook cannot be read."""


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
        with _opened(path) as workbook:
            found = _sheet_name(workbook, feed)
    except WorkbookError as error:
        return _no_workbook(error)
    return found if isinstance(found, Unreadable) else Readable()


def first_header(path: Path) -> tuple[str, list[str]]:
    """Returns the name of a workbook's first sheet with rows, and the columns it names.

    Raises:
        WorkbookError: It cannot be read, or holds no rows.
    """
    with _opened(path) as workbook:
        for name in workbook.sheetnames:
            if rows := _rows(workbook[name]):
                return name, [text.strip() for text in rows[min(rows)].values()]
    raise WorkbookError("none of its sheets holds rows")


def read_into(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads files into ``delivered``.

    Returns:
        The files whose sheet cannot be read, and the columns of the others.
    """
    inside: dict[int, Readable | Unreadable] = {}
    for no, (path, _) in files.items():
        sheet = _read(path, feed)
        if isinstance(sheet, Unreadable):
            inside[no] = sheet
            continue
        inside[no] = with_header(tuple(sheet.columns), feed)
        insert_rows(connection, "delivered", _delivered(no, sheet, feed))
    return inside


def _read(path: Path, feed: Feed) -> Sheet | Unreadable:
    try:
        with _opened(path) as workbook:
            name = _sheet_name(workbook, feed)
            if isinstance(name, Unreadable):
                return name
            rows = _rows(workbook[name])
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


@contextmanager
def _opened(path: Path) -> Generator[Any]:
    """Opens a workbook to be read row by row."""
    import openpyxl

    with path.open("rb") as file:
        if file.read(len(OLD_MARK)) == OLD_MARK:
            raise WorkbookError("it is of the old kind (.xls), or locked by a password")
        try:
            with zipfile.ZipFile(file) as archive:
                limit = most_bytes(path)
                if sum(part.file_size for part in archive.infolist()) > limit:
                    raise WorkbookError(f"it unpacks to more than {limit:,} bytes")
            yield openpyxl.load_workbook(file, read_only=True, data_only=True)
        except FAULTS as error:
            raise WorkbookError(str(error) or type(error).__name__) from error


def _rows(sheet: Any) -> dict[int, Row]:
    """Returns the rows that are not blank, by number from 1; cells by column from 0."""
    sheet.reset_dimensions()  # what a file says of its size need not be true
    rows: dict[int, Row] = {}
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        row = {at: _text(cell) for at, cell in enumerate(cells) if cell is not None and cell != ""}
        if row:
            rows[number] = row
    return rows


def _text(cell: object) -> str:
    told: Callable[[Any], str] = _TEXTS.get(type(cell), str)
    return told(cell)


def _number(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() else repr(number)


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ") if moment.time() != time.min else moment.date().isoformat()


_TEXTS: dict[type, Callable[[Any], str]] = {
    bool: lambda cell: "true" if cell else "false",
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: lambda cell: _number(cell / timedelta(days=1)),
}


def _sheet_name(workbook: Any, feed: Feed) -> str | Unreadable:
    names: list[str] = workbook.sheetnames
    if names and (feed.sheet is None or feed.sheet in names):
        return feed.sheet or names[0]
    wanted = f"sheet '{feed.sheet}'" if feed.sheet else "sheet"
    return Unreadable(f"the workbook has no {wanted} (it has: {', '.join(names)[:200]})")


def _no_workbook(error: WorkbookError) -> Unreadable:
    return Unreadable(f"the file is no workbook that can be read: {error}: save it as .xlsx anew")
