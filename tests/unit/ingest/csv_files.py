"""Reading small CSV files of a feed with four columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ecom_assets.feeds import Feed
from ecom_assets.ingest.read import probe, read_files
from ecom_assets.ingest.readable import Readable, Unreadable

FEED = Feed.model_validate(
    {
        "feed": "till",
        "description": "What a till prints.",
        "owner": "team:sales",
        "pattern": ".*",
        "example": "any.csv",
        "delivered_on": {"from": "landed"},
        "columns": [
            {"name": "id", "header": "Id", "required": True},
            {"name": "text", "header": "Text", "required": True},
            {"name": "amount", "header": "Amount", "type": "money", "required": True},
            {"name": "note", "header": "Note"},
        ],
    }
)
HEADER = "Id,Text,Amount,Note\n"

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Reading:
    """What reading one file gave, by record number.

    Attributes:
        rows: The values of Id, Text, Amount and Note.
        overflow: The values of columns that the feed does not know.
        broken: Raw text and reason of the records that are no rows.
        refused: Why the file could not be read, if so.
    """

    rows: Mapping[int, Row]
    overflow: Mapping[int, str | None]
    broken: Mapping[int, tuple[str, str]]
    refused: str | None


def unreadable(path: Path, content: bytes | str, feed: Feed = FEED) -> str:
    """Returns why a file is set aside at its first look."""
    found = probe(_write(path, content), feed)
    assert isinstance(found, Unreadable)
    return found.reason


def read(
    connection: duckdb.DuckDBPyConnection, path: Path, content: bytes | str, feed: Feed = FEED
) -> Reading:
    """Writes and reads one file."""
    return read_all(connection, path, [content], feed)[0]


def read_all(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    contents: list[bytes | str],
    feed: Feed = FEED,
) -> list[Reading]:
    """Writes and reads several files at once."""
    files: dict[int, tuple[Path, Readable]] = {}
    for no, content in enumerate(contents):
        path = _write(folder / f"{no}.csv", content)
        found = probe(path, feed)
        assert isinstance(found, Readable), found
        files[no] = (path, found)
    inside = read_files(connection, feed, files)
    return [_reading(connection, no, inside.get(no)) for no in files]


def _write(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _reading(
    connection: duckdb.DuckDBPyConnection, file_no: int, inside: Readable | Unreadable | None
) -> Reading:
    rows = connection.execute(
        "select source_row, overflow, d0, d1, d2, d3 from delivered where file_no = ?", [file_no]
    ).fetchall()
    broken = connection.execute(
        "select source_row, raw_text, reason from broken where file_no = ?", [file_no]
    ).fetchall()
    assert len({row[0] for row in (*rows, *broken)}) == len(rows) + len(broken)
    return Reading(
        rows={row: tuple(values) for row, _, *values in rows},
        overflow={row: overflow for row, overflow, *_ in rows},
        broken={row: (raw_text, reason) for row, raw_text, reason in broken},
        refused=inside.reason if isinstance(inside, Unreadable) else None,
    )
