"""Reading lines of fixed width: positions, header lines, short lines."""

from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

from ecom_assets.feeds import Feed
from ecom_assets.ingest import scan_lines
from tests.unit.ingest.csv_files import FEED, read, unreadable

Scratch = duckdb.DuckDBPyConnection

POSITIONS = [(1, 3), (4, 8), (9, 14), (15, 20)]
FIXED = Feed.model_validate(
    FEED.model_dump(by_alias=True)
    | {
        "format": "fixed",
        "header_lines": ["id text amount"],
        "columns": [
            {**column.model_dump(), "positions": positions}
            for column, positions in zip(FEED.columns, POSITIONS, strict=True)
        ],
    }
)
HEADER = "id  text   amount\n"


def test_columns_stand_at_their_positions(scratch: Scratch, tmp_path: Path) -> None:
    reading = read(scratch, tmp_path, HEADER + "001pen    2.50note\n", FIXED)
    assert reading.rows == {2: ("001", "pen  ", "  2.50", "note")}


def test_a_short_line_lacks_its_last_columns(scratch: Scratch, tmp_path: Path) -> None:
    reading = read(scratch, tmp_path, HEADER + "001pen  \n\n002ink    1.5\n", FIXED)
    assert reading.rows == {2: ("001", "pen  ", None, None), 4: ("002", "ink  ", "  1.5", None)}


@pytest.mark.parametrize("size", [1, 2, 3, 1_000_000])
def test_line_ends_are_those_of_any_system_wherever_a_file_is_cut(
    scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A file was held in memory three times over for this; one with a byte order mark set aside."""
    monkeypatch.setattr(scan_lines, "CHUNK_BYTES", size)
    content = b"\xef\xbb\xbf" + HEADER.encode() + "001pé\r\n\r002ink\r\r\n003x\n".encode()
    reading = read(scratch, tmp_path, content, FIXED)
    assert {no: row[:2] for no, row in reading.rows.items()} == {
        2: ("001", "pé"),
        4: ("002", "ink"),
        6: ("003", "x"),
    }


def test_positions_count_characters_and_not_bytes(scratch: Scratch, tmp_path: Path) -> None:
    reading = read(scratch, tmp_path, HEADER + "001éèü    2.5\n", FIXED)
    assert reading.rows == {2: ("001", "éèü  ", "  2.5", None)}


def test_another_header_is_another_kind_of_file(tmp_path: Path) -> None:
    reason = unreadable(tmp_path / "file.txt", "id amount text\n001\n", FIXED)
    assert "begins with 'id amount text'" in reason
    assert "'id text amount'" in reason


def test_positions_belong_to_lines_of_fixed_width() -> None:
    with pytest.raises(ValidationError, match="positions belong to format fixed"):
        Feed.model_validate({**FIXED.model_dump(by_alias=True), "format": "csv"})
