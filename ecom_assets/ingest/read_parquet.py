"""Reading Parquet files: every value as the text that DuckDB makes of it, times with zone in UTC.

``source_row`` is the number of the row, from 1.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ecom_assets.duck import file_literal, identifier, quote
from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import Readable, Unreadable, header_fault

MARK = b"PAR1"  # how such a file begins and ends


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks at both ends of a file: is it Parquet, and whole?"""
    del feed  # its columns show inside
    with path.open("rb") as file:
        head = file.read(len(MARK))
        if not head:
            return Unreadable("the file is empty (0 bytes): deliver it again")
        file.seek(-min(len(MARK), path.stat().st_size), 2)
        if head != MARK or file.read() != MARK:
            return Unreadable("the file is no Parquet file, or not whole: deliver it again")
    return Readable()


def read_into(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads files into ``delivered``.

    Returns:
        The files that cannot be read, and those with columns that the feed does not know.
    """
    return {no: _read(connection, feed, no, path) for no, (path, _) in files.items()}


def _read(
    connection: duckdb.DuckDBPyConnection, feed: Feed, no: int, path: Path
) -> Readable | Unreadable:
    scan = f"read_parquet({file_literal(path)}, file_row_number = true)"
    try:
        described = connection.execute(f"describe select * from {scan}").fetchall()
        kinds = {str(row[0]): str(row[1]) for row in described if row[0] != "file_row_number"}
        fault = header_fault(list(kinds), feed)
        if fault:
            return Unreadable(fault)
        connection.execute(
            f"insert into delivered select {no}, file_row_number + 1, {_values(feed, kinds)} "
            f"from {scan}"
        )
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
        return Unreadable(f"the file is no Parquet that can be read: {str(error).splitlines()[0]}")
    return Readable(tuple(kinds), tuple(name for name in kinds if name not in feed.known_headers))


def _values(feed: Feed, kinds: Mapping[str, str]) -> str:
    known = [
        _text(column.header, kinds[column.header]) if column.header in kinds else "null"
        for column in feed.columns
    ]
    extra = [name for name in kinds if name not in feed.known_headers]
    pairs = ", ".join(f"{quote(name)}, {_text(name, kinds[name])}" for name in extra)
    return ", ".join([*known, f"cast(json_object({pairs}) as varchar)" if extra else "null"])


def _text(name: str, kind: str) -> str:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', {identifier(name)}), '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f"cast({identifier(name)} as varchar)"
