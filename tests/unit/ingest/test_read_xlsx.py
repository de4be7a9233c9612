"""Reading delivered workbooks: cells as text, rows by their number, what is set aside."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_assets.ingest.read import probe, read_files
from ecom_assets.ingest.readable import Readable, Unreadable
from tests.unit.ingest.csv_files import FEED, Reading, read, read_all, unreadable

BOOK = FEED.model_copy(update={"format": "xlsx"})
HEADER = ("Id", "Text", "Amount", "Note")
PEN = ("1", "pen", 2.5, None)
PEN_ROW = ("1", "pen", "2.5", None)

Scratch = duckdb.DuckDBPyConnection
Rows = Sequence[Sequence[object]]


def workbook(*rows: Sequence[object], sheet: str = "Counts", **others: Rows) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet  # type: ignore[union-attr]
    for name, content in {sheet: rows, **others}.items():
        page = book[name] if name == sheet else book.create_sheet(name)
        for row in content:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read_rows(scratch: Scratch, path: Path, *rows: Sequence[object]) -> Reading:
    return read(scratch, path, workbook(*rows), BOOK)


def test_each_row_below_the_header_has_its_number(scratch: Scratch, tmp_path: Path) -> None:
    assert read_rows(scratch, tmp_path, HEADER, PEN, PEN).rows == {2: PEN_ROW, 3: PEN_ROW}


def test_a_declared_column_that_it_lacks_is_told(scratch: Scratch, tmp_path: Path) -> None:
    path = tmp_path / "pens.xlsx"
    path.write_bytes(workbook(HEADER[:3], PEN[:3]))
    (found,) = read_files(scratch, BOOK, {0: (path, Readable())}).values()
    assert found == Readable(("Id", "Text", "Amount"), (), ("Note",))


def test_blank_rows_count_and_are_no_rows(scratch: Scratch, tmp_path: Path) -> None:
    reading = read_rows(scratch, tmp_path, (), (), HEADER, (), PEN, (None, ""), PEN)
    assert reading.rows == {5: PEN_ROW, 7: PEN_ROW}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("00012", "00012"),
        ("  x & <y> ", "  x & <y> "),
        ("line\nbreak", "line\nbreak"),
        (None, None),
        (5, "5"),
        (-0.25, "-0.25"),
        (0.1, "0.1"),
        (1234567.89, "1234567.89"),
        (4006381333931, "4006381333931"),
        (True, "true"),
        (False, "false"),
        ("#N/A", "#N/A"),  # an error to the library that writes this
        (date(2026, 3, 29), "2026-03-29"),
        (datetime(2026, 3, 29, 2, 30, 15), "2026-03-29 02:30:15"),  # noqa: DTZ001
        (time(10, 30), "10:30:00"),
    ],
)
def test_a_cell_is_its_text(
    scratch: Scratch, tmp_path: Path, cell: object, text: str | None
) -> None:
    assert read_rows(scratch, tmp_path, HEADER, (*PEN[:3], cell)).rows[2][3] == text


def test_columns_may_stand_anywhere_and_in_any_order(scratch: Scratch, tmp_path: Path) -> None:
    reading = read_rows(scratch, tmp_path, ("", " Amount ", "Text", "Id"), ("", 2.5, "pen", "1"))
    assert reading.rows == {2: PEN_ROW}
    assert reading.overflow == {2: None}


def test_columns_the_feed_does_not_know_are_kept(scratch: Scratch, tmp_path: Path) -> None:
    rows = [(*HEADER, "Shelf", None), (*PEN, 7, "x"), PEN]
    reading = read_rows(scratch, tmp_path, *rows)
    assert json.loads(str(reading.overflow[2])) == {"Shelf": "7", "column 6": "x"}
    assert reading.overflow[3] is None


def test_the_sheet_is_the_feeds_or_the_first(scratch: Scratch, tmp_path: Path) -> None:
    content = workbook(HEADER, PEN, sheet="A", B=[HEADER, PEN, PEN])
    second = BOOK.model_copy(update={"sheet": "B"})
    assert len(read(scratch, tmp_path, content, BOOK).rows) == 1
    assert len(read(scratch, tmp_path, content, second).rows) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty (0 bytes): deliver it again"),
        (b"Id,Text\n1,pen\n", "the file is no workbook that can be read: "),
        (workbook(HEADER, PEN)[:-100], "the file is no workbook that can be read: "),
        (workbook(HEADER, sheet="A", B=[]), "has no sheet 'Counts' (it has: A, B)"),
    ],
)
def test_a_file_of_another_kind_is_set_aside(tmp_path: Path, content: bytes, reason: str) -> None:
    feed = BOOK.model_copy(update={"sheet": "Counts"})
    assert reason in unreadable(tmp_path / "file.xlsx", content, feed)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "sheet 'Counts' is empty: deliver it again"),
        ([("Id", "Note")], "the header lacks Text, Amount (it has: Id, Note)"),
        ([(*HEADER, "Id")], "the header has Id more than once"),
    ],
)
def test_a_sheet_without_the_feeds_columns_is_set_aside(
    scratch: Scratch, tmp_path: Path, rows: Rows, reason: str
) -> None:
    whole, refused = read_all(scratch, tmp_path, [workbook(HEADER, PEN), workbook(*rows)], BOOK)
    assert whole.rows == {2: PEN_ROW}
    assert (refused.rows, refused.refused) == ({}, reason)


def test_a_cell_at_the_far_end_costs_nothing(scratch: Scratch, tmp_path: Path) -> None:
    """A library that spread sheets out in memory took the process with it."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(HEADER, PEN)))
    book["Counts"]["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)
    reading = read(scratch, tmp_path, file.getvalue(), BOOK)
    assert reading.rows == {2: PEN_ROW, 1_048_576: (None,) * 4}
    assert json.loads(str(reading.overflow[1_048_576])) == {"column 16384": "x"}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("yyyy-mm-dd", "2026-03-29"),
        ("[$-409]d. mmmm;@", "2026-03-29"),
        ('0.00 "days"', "46110"),
        ("[Red]0", "46110"),
        ("[h]:mm:ss", "46110"),
    ],
)
def test_a_format_tells_a_day_from_a_number(
    scratch: Scratch, tmp_path: Path, code: str, text: str
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(HEADER, (*PEN[:3], 46_110))))
    book["Counts"]["D2"].number_format = code
    file = io.BytesIO()
    book.save(file)
    assert read(scratch, tmp_path, file.getvalue(), BOOK).rows[2][3] == text


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
CELLS = """<?xml version="1.0"?><x:worksheet
 xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>
<x:row><x:c t="inlineStr"><x:is><x:t>Id</x:t></x:is></x:c>
 <x:c t="inlineStr"><x:is><x:r><x:t>Te</x:t></x:r><x:r><x:t>xt</x:t></x:r></x:is></x:c>
 <x:c t="str"><x:f>"Amount"</x:f><x:v>Amount</x:v></x:c></x:row>
<x:row><x:c><x:v>1</x:v></x:c>
 <x:c t="inlineStr"><x:is><x:t>pen</x:t><x:rPh sb="0" eb="3"><x:t>PEN</x:t></x:rPh></x:is></x:c>
 <x:c><x:f>5/2</x:f><x:v>2.5</x:v></x:c><x:c t="e"><x:v>#DIV/0!</x:v></x:c></x:row>
</x:sheetData></x:worksheet>"""


def test_what_other_programs_write(scratch: Scratch, tmp_path: Path) -> None:
    """With prefixes, without places, in pieces, with pronunciation, with formulas and errors."""
    content = packed(parts_of(workbook(HEADER)) | {SHEET: CELLS.encode()})
    reading = read(scratch, tmp_path, content, BOOK)
    assert reading.rows == {2: PEN_ROW}
    assert json.loads(str(reading.overflow[2])) == {"column 4": "#DIV/0!"}


def test_an_old_or_locked_workbook_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    content = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 1000
    assert ".xls), or locked by a password" in unreadable(tmp_path / "file.xlsx", content, BOOK)


def test_a_part_that_unpacks_to_far_more_than_was_delivered_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecom_assets.ingest.unpack.FREE_BYTES", 100)
    monkeypatch.setattr("ecom_assets.ingest.unpack.MOST_TIMES", 0.01)
    assert "it unpacks to more than 100 bytes" in unreadable(
        tmp_path / "file.xlsx", workbook(HEADER, PEN), BOOK
    )


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_damaged_workbook_is_read_or_set_aside(data: st.DataObject) -> None:
    parts = parts_of(workbook(HEADER, (*PEN[:3], date(2026, 3, 29)), PEN))
    name = data.draw(st.sampled_from([n for n in sorted(parts) if "docProps" not in n]))
    damaged = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(
            st.sampled_from(b'<>"/=&;09Az \xff')
        )
    with TemporaryDirectory() as folder, duckdb.connect() as scratch:
        path = Path(folder) / "file.xlsx"
        path.write_bytes(packed(parts | {name: bytes(damaged)}))
        found = probe(path, BOOK)
        if isinstance(found, Readable):
            found = read_files(scratch, BOOK, {0: (path, found)}).get(0, found)
    assert isinstance(found, Readable | Unreadable)
