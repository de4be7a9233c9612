"""Reading Parquet files: every value as the text that DuckDB makes of it, times with zone in UTC.

``source_row`` is the number of the row, from 1.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from ecom_assets.duck import file_literal, identifier, quote
from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import Readable, Unreadable, header_fault, with_header
from ecom_assets.sources.landed import MANIFEST_KEY

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
        The files that cannot be read, and the columns of the others.
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
        in_source = _columns_of_source(connection, path) if feed.pull else None
        had = [name for name in kinds if in_source is None or name in in_source]
        missing = with_header(had, feed).missing_columns
        connection.execute(
            f"insert into delivered select {no}, file_row_number + 1, {_values(feed, kinds)} "
            f"from {scan}"
        )
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
        return Unreadable(f"the file is no Parquet that can be read: {str(error).splitlines()[0]}")
    return replace(with_header(tuple(kinds), feed), missing_columns=missing)


def _columns_of_source(connection: duckdb.DuckDBPyConnection, path: Path) -> set[str] | None:
    """Returns the columns that a pulled file says its source had, None where it says nothing.

    The file itself may have more: rows that are gone come with the values they last had.
    """
    row = connection.execute(
        f"select json_keys(decode(value), '$.columns') "
        f"from parquet_kv_metadata({file_literal(path)}) where decode(key) = {quote(MANIFEST_KEY)}"
    ).fetchone()
    return set(row[0]) if row and row[0] is not None else None


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
