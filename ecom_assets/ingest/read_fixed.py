"""Reading lines of fixed width: each column stands at the same positions of every line.

``source_row`` is the number of the line, from 1, the header lines included. Positions count
characters from 1, both ends included; a line that ends before a column lacks it.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import HEADER_BYTES, Readable, Unreadable, encoding_fault
from ecom_assets.ingest.scan_lines import BOM, scan_lines


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks at the beginning of a file: is it text, and are its header lines the feed's?"""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    fault = encoding_fault(head, feed)
    if fault:
        return Unreadable(fault)
    lines = head.decode("utf-8", errors="replace").removeprefix(BOM).splitlines()
    found = tuple(" ".join(line.split()) for line in lines[: len(feed.header_lines)])
    if found != feed.header_lines:
        return Unreadable(
            f"the file begins with '{' / '.join(found)}', not with the header of feed "
            f"'{feed.feed}': '{' / '.join(feed.header_lines)}'"
        )
    return Readable()


def read_into(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads all files in one scan into ``delivered`` and ``broken``.

    Returns:
        Nothing: the first look tells all.
    """
    scan_lines(connection, {no: path for no, (path, _) in files.items()})
    values = ", ".join(
        f"nullif(substring(line, {first}, {last - first + 1}), '')"
        for first, last in (column.positions or (0, 0) for column in feed.columns)
    )
    connection.execute(
        f"insert into delivered select file_no, source_row, {values}, null from numbered "
        f"where source_row > {len(feed.header_lines)}"
    )
    return {}
