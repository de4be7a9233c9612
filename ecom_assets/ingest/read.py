"""Reading delivered files into text columns, with the record number of every row.

Works inside a scratch DuckDB connection and leaves three tables there:

* ``delivered(file_no, source_row, d0 .. dn, overflow)``: the declared columns as delivered text;
* ``broken(file_no, source_row, raw_text, reason, lines)``: records that are no rows at all, with
  the lines they span: a stray quote may have swallowed many rows;
* ``unread(file_no, lines)``: lines that no record came from, where the reader lost some.

One module for each format; each has ``probe``, which looks at the beginning of a file, and
``read_into``, which fills the tables from readable files.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ecom_assets.feeds import Feed
from ecom_assets.ingest import read_csv, read_fixed, read_json, read_parquet, read_xlsx
from ecom_assets.ingest.readable import Readable, Unreadable

FORMATS = {
    "csv": read_csv,
    "fixed": read_fixed,
    "jsonl": read_json,
    "parquet": read_parquet,
    "xlsx": read_xlsx,
}


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks at the beginning of a file: can it be read as the feed says?"""
    return FORMATS[feed.format].probe(path, feed)


def read_files(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads files, by their number, into ``delivered`` and ``broken``.

    Returns:
        What the first look could not tell: files that cannot be read further on, of which nothing
        is kept, and columns that show only inside.
    """
    columns = "".join(f", d{index} varchar" for index, _ in enumerate(feed.columns))
    connection.execute(
        f"""
        create or replace temp table delivered
            (file_no integer, source_row bigint{columns}, overflow varchar);
        create or replace temp table broken
            (file_no integer, source_row bigint, raw_text varchar, reason varchar, lines bigint);
        create or replace temp table unread (file_no integer, lines bigint);
        """
    )
    return FORMATS[feed.format].read_into(connection, feed, files)
