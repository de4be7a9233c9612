"""Counting the lines of delivered files without the reader that parsed them."""

import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_assets.ingest import account
from tests.unit.ingest.csv_files import HEADER, read, read_all

TEXTS = st.lists(st.sampled_from(["a", "é", "\r", "\n", "\r\n"]), min_size=1).map("".join)


@given(text=TEXTS, size=st.integers(1, 4))
def test_lines_that_are_not_empty_are_counted_wherever_a_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int
) -> None:
    """A file was held in memory four times over to count its lines."""
    path = tmp_path_factory.mktemp("account") / "file.csv"
    path.write_bytes(f"{text}Id\n{text}".encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account, "CHUNK_BYTES", size)
        counted = account._written_lines(path)
    assert counted == len(re.findall(r"[^\r\n]+", f"{text}Id\n{text}"))


@pytest.mark.parametrize("length", [9_990, 9_999, 10_000, 10_001, 10_002])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n\n\n"])
def test_the_lines_of_a_record_whose_text_is_cut_are_its_own_wherever_that_is(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path, length: int, end: str
) -> None:
    """Cut at the end of a line, a record lost that end and was not known as cut: the lines that it
    had swallowed were those of nobody."""
    beginning = '1,"pen,2.50,'
    first = beginning + "a" * (length - len(beginning) - len(end)) + end
    lines = HEADER.replace("\n", end) + first + f"b{end}" * 5_000
    read(scratch, tmp_path, lines)
    assert scratch.execute("select source_row, lines from broken").fetchall() == [(2, 5_001)]
    assert scratch.execute("select count(*) from unread").fetchone() == (0,)


def test_lines_are_no_ones_where_no_text_is_cut(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    read(scratch, tmp_path, HEADER + "x\n")
    header = HEADER.strip().split(",")
    account.account_for_lines(scratch, header, {0: longer(tmp_path)})
    assert scratch.execute("select * from unread").fetchall() == [(0, 2)]


@pytest.mark.parametrize("lost", [0, 1, 2])
@pytest.mark.parametrize(
    "content",
    [
        HEADER,
        HEADER + "1,pen,2,\n",
        HEADER + '1,"a\nb",2,\n',
        HEADER + '1,"a\nb",2,\n2,"a\r\nb\nc",3,\n3,pen,1,\n',
    ],
    ids=["header", "line", "line end inside", "line ends inside"],
)
def test_every_line_that_no_record_came_from_is_noted(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path, content: str, lost: int
) -> None:
    """Of two files, the first of which has nothing but whole lines."""
    read_all(scratch, tmp_path, [HEADER + "1,pen,2,\n", content])
    path = tmp_path / "longer.csv"
    path.write_bytes((content + "z\n" * lost).encode())
    header = HEADER.strip().split(",")
    account.account_for_lines(scratch, header, {0: tmp_path / "0.csv", 1: path})
    assert scratch.execute("select * from unread").fetchall() == [(1, lost)] * (lost > 0)


def test_the_lines_of_a_name_of_several_lines_are_the_header_s(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    read(scratch, tmp_path, HEADER + "1,pen,2,\n")
    path = tmp_path / "longer.csv"
    path.write_text('Id,Text,Amount,"No\nte"\n1,pen,2,\nz\n')
    account.account_for_lines(scratch, ["Id", "Text", "Amount", "No\nte"], {0: path})
    assert scratch.execute("select * from unread").fetchall() == [(0, 1)]


def longer(folder: Path) -> Path:
    """The file that was read, with two lines that the reader never saw."""
    path = folder / "longer.csv"
    path.write_text(HEADER + "x\ny\nz\n")
    return path
