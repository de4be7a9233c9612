"""Files in the code page of Windows and in UTF-16 are read as UTF-8, line by line as they are."""

from pathlib import Path

import duckdb
import pytest

from ecom_assets.ingest import transcode as module
from ecom_assets.ingest.transcode import transcode
from tests.unit.ingest.csv_files import FEED, HEADER, read, read_all, unreadable

Scratch = duckdb.DuckDBPyConnection
WINDOWS = FEED.model_copy(update={"encoding": "cp1252"})
WIDE = FEED.model_copy(update={"encoding": "utf-16"})


def test_a_file_of_windows_characters_is_read_whole(scratch: Scratch, tmp_path: Path) -> None:
    """DuckDB knows no code page of Windows, and Latin-1 has neither euro nor quotes."""
    content = (HEADER + '1,„Käthe“ \u2013 5 €,2.50,"a\r\n\u2019"\r\n').encode("cp1252")
    assert read(scratch, tmp_path, content, WINDOWS).rows == {
        2: ("1", "„Käthe“ \u2013 5 €", "2.50", "a\r\n\u2019")
    }


def test_a_byte_that_is_no_character_breaks_its_record_alone(
    scratch: Scratch, tmp_path: Path
) -> None:
    """As in a file of UTF-8: the others keep their numbers."""
    lines = [b"1,pen,2.50,\n", b"2,p\x81n,2.50,\n", b"3,\x80,2.50,\n"]
    windows, plain = (
        read_all(scratch, tmp_path, [HEADER.encode() + b"".join(texts)], feed)[0]
        for feed, texts in (
            (WINDOWS, lines),
            (FEED, [lines[0], lines[1].replace(b"\x81", b"\xff"), "3,€,2.50,\n".encode()]),
        )
    )
    assert (
        windows.rows == plain.rows == {2: ("1", "pen", "2.50", None), 4: ("3", "€", "2.50", None)}
    )
    assert windows.broken[3] == (plain.broken[3][0], "a character is not in cp1252")
    assert plain.broken[3][1] == "a character is not in utf-8"


def test_characters_beyond_the_basic_plane_may_be_in_utf_16(
    scratch: Scratch, tmp_path: Path
) -> None:
    """DuckDB refused the whole file for one of them."""
    content = (HEADER + "1,🛒 pen,2.50,\n2,pen,1,\U0001d11e\n").encode("utf-16")
    assert read(scratch, tmp_path, content, WIDE).rows == {
        2: ("1", "🛒 pen", "2.50", None),
        3: ("2", "pen", "1", "\U0001d11e"),
    }


def test_half_a_pair_in_utf_16_breaks_its_record_alone(scratch: Scratch, tmp_path: Path) -> None:
    half = "1,".encode("utf-16-le") + b"\x3d\xd8" + ",2.50,\n".encode("utf-16-le")
    content = (HEADER).encode("utf-16") + half + "2,pen,1,\n".encode("utf-16-le")
    reading = read(scratch, tmp_path, content, WIDE)
    assert (set(reading.rows), set(reading.broken)) == ({3}, {2})
    assert reading.broken[2][1] == "a character is not in utf-16"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_copy_says_the_same_wherever_the_file_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, encoding: str
) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", size)
    text = "ä\u2013€\r\n" + ("🛒\n" if encoding == "utf-16" else "")
    (tmp_path / "x").write_bytes(text.encode(encoding))
    copy = transcode(tmp_path / "x", tmp_path / "y", encoding)
    assert copy.read_bytes() == text.encode()


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", ["\ufeff" + HEADER, HEADER + "1,Käthe,2.50,\n"])
def test_a_file_of_utf_8_is_not_taken_for_one_of_single_bytes(
    tmp_path: Path, encoding: str, text: str
) -> None:
    """Its mark became part of the first column's name, and its letters two others each."""
    feed = FEED.model_copy(update={"encoding": encoding})
    reason = unreadable(tmp_path / "x.csv", text, feed)
    assert f"the file is in UTF-8, feed 'till' reads {encoding}" in reason


def test_a_letter_of_windows_is_no_letter_of_utf_8(scratch: Scratch, tmp_path: Path) -> None:
    content = (HEADER + "1,Käthe,2.50,\n2,Zoë,1,\n").encode("cp1252")
    assert [row[1] for row in read(scratch, tmp_path, content, WINDOWS).rows.values()] == [
        "Käthe",
        "Zoë",
    ]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (HEADER.replace("Text", "Stück").encode("cp1252"), "perhaps to cp1252 (Windows)"),
        (b"1001,2024-01-02,3.50,\n", "does the file begin with a line of their names?"),
    ],
)
def test_a_header_that_lacks_columns_is_told_with_a_likely_cause(
    tmp_path: Path, content: bytes, cause: str
) -> None:
    assert unreadable(tmp_path / "x.csv", content).endswith(cause)
