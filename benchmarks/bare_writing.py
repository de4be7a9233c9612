"""As many files with the same rows and bytes as SimMart's, written from tables by DuckDB alone.

Usage: ``python -m benchmarks.bare_writing DATABASE FOLDER``, with the tables of ``held_tables.py``.
One partitioned COPY for each kind, two kinds side by side. DuckDB partitions no JSON, so its lines
are made by ``to_json`` and written as texts; workbooks it does not write, they become CSV files.
Files have names of DuckDB's choice: folders named after them take as long again.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from ecom_assets.duck import identifier, quote
from ecom_assets.feeds import shipped_feeds
from ecom_assets.feeds.model import FeedColumn
from ecom_assets.settings import settings
from ecom_assets.simmart.columns import INSTANT
from ecom_assets.simmart.tables import TABLES

CSV = f"format csv, header true, timestampformat {quote(INSTANT)}"
LINES = "format csv, header false, quote '', escape '', delimiter '\x01'"
A_FILE_EACH = "partition_by (file), hive_file_pattern false, filename_pattern '{uuid}'"


def write(connection: duckdb.DuckDBPyConnection, kind: str, folder: Path) -> None:
    """Writes one kind of file."""
    table, target = identifier(kind), folder / kind
    rows, how = f"from {table}", CSV
    feed = shipped_feeds()[kind]
    if feed.format == "jsonl":
        members = ", ".join(f"{quote(c.header)}: {_json_value(c)}" for c in feed.columns)
        rows, how = f"select file, to_json({{{members}}}) from {table}", LINES
    connection.execute(f"copy ({rows}) to {quote(str(target))} ({how}, {A_FILE_EACH})")
    # a partition without rows is none, but a day without rows is a file
    days = connection.execute("select file from empty_files where kind = ?", [kind])
    for (name,) in days.fetchall():
        path = quote(str(target / f"{name}.csv"))
        connection.execute(f"copy (select * exclude (file) from {table} limit 0) to {path} ({CSV})")


def _json_value(column: FeedColumn) -> str:
    name = identifier(column.header)
    return f"strftime({name}, {quote(INSTANT)})" if column.type == "timestamp" else name


def main() -> None:
    """Writes all kinds."""
    database, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir()
    # a kind is written by one thread: two would cut files in parts
    with (
        duckdb.connect(database, read_only=True, config={"threads": 1}) as connection,
        ThreadPoolExecutor(settings().threads) as pool,
    ):
        for _ in pool.map(lambda kind: write(connection.cursor(), kind, folder), TABLES):
            pass


if __name__ == "__main__":
    main()
