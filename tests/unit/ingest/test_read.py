"""Reading delivered CSV files: columns, encodings, broken records and their numbers."""

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_assets.feeds import shipped_feeds
from ecom_assets.ingest import read_csv
from tests.unit.ingest.csv_files import FEED, HEADER, read, read_all, unreadable

Scratch = duckdb.DuckDBPyConnection

GOOD = "1,pen,2.50,\n"
PEN = ("1", "pen", "2.50", None)


# The header


def test_a_byte_order_mark_is_no_part_of_the_first_name(scratch: Scratch, tmp_path: Path) -> None:
    assert read(scratch, tmp_path, "\ufeff" + HEADER + GOOD).rows == {2: PEN}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(scratch: Scratch, tmp_path: Path, line_end: str) -> None:
    content = (HEADER + GOOD + GOOD).replace("\n", line_end)
    assert read(scratch, tmp_path, content).rows == {2: PEN, 3: PEN}


def test_the_last_line_needs_no_end(scratch: Scratch, tmp_path: Path) -> None:
    assert read(scratch, tmp_path, HEADER + GOOD.rstrip()).rows == {2: PEN}


def test_columns_are_found_by_name_in_any_order(scratch: Scratch, tmp_path: Path) -> None:
    assert read(scratch, tmp_path, "Note,Amount,Id,Text\n,2.50,1,pen\n").rows == {2: PEN}


def test_names_may_be_quoted(scratch: Scratch, tmp_path: Path) -> None:
    assert read(scratch, tmp_path, '"Id","Text","Amount","Note"\n' + GOOD).rows == {2: PEN}


def test_a_missing_optional_column_is_null(scratch: Scratch, tmp_path: Path) -> None:
    assert read(scratch, tmp_path, "Id,Text,Amount\n1,pen,2.50\n").rows == {2: PEN}


def test_columns_the_feed_does_not_know_are_kept_as_json(scratch: Scratch, tmp_path: Path) -> None:
    reading = read(scratch, tmp_path, 'Shelf,Id,Text,Amount,Note,Max "x"\nA,1,pen,2.50,,\n')
    assert reading.rows == {2: PEN}
    assert json.loads(str(reading.overflow[2])) == {"Shelf": "A", 'Max "x"': None}


@pytest.mark.parametrize("names", [("shelf", "Shelf"), ("it's",), ("",), ("a b", "{x}", "ü")])
def test_unknown_columns_may_have_any_name(
    scratch: Scratch, tmp_path: Path, names: tuple[str, ...]
) -> None:
    """Names that differ in case only, and a column without a name, stopped the whole load."""
    header = ",".join(["Id,Text,Amount,Note", *names])
    reading = read(scratch, tmp_path, f"{header}\n1,pen,2.50,{',x' * len(names)}\n")
    assert json.loads(str(reading.overflow[2])) == dict.fromkeys(names, "x")


def test_files_with_different_headers_are_read_together(scratch: Scratch, tmp_path: Path) -> None:
    contents = [HEADER + GOOD, "Text,Id,Amount\npen,1,2.50\n", HEADER + "x\n" + GOOD]
    assert [reading.rows for reading in read_all(scratch, tmp_path, contents)] == [
        {2: PEN},
        {2: PEN},
        {3: PEN},
    ]


def test_a_header_alone_is_a_file_without_rows(scratch: Scratch, tmp_path: Path) -> None:
    for content in (HEADER, HEADER.rstrip()):
        reading = read(scratch, tmp_path, content)
        assert (reading.rows, reading.broken, reading.refused) == ({}, {}, None)


@pytest.mark.parametrize(("folder", "other"), [("[1]", "1"), ("a*b", "a-b"), ("a?b", "a-b")])
def test_a_home_whose_name_looks_like_a_pattern_reads_its_own_files(
    scratch: Scratch, tmp_path: Path, folder: str, other: str
) -> None:
    """The files of every folder that matched were read, or of another one alone."""
    read(scratch, tmp_path / other, HEADER + "2,cup,1,\n")
    assert read(scratch, tmp_path / folder, HEADER + GOOD).rows == {2: PEN}


# Files that are set aside at first look


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty (0 bytes): deliver it again"),
        (b"\xef\xbb\xbf", "the file has no header line: deliver it again"),
        (b"\n" + HEADER.encode(), "the file has no header line: deliver it again"),
        (b"Id,Text,Amount,Id\n", "the header has Id more than once"),
        (b"Id,Text,Amount,,\n", "the header has a column without a name more than once"),
        (b"Id,Note\n", "the header lacks Text, Amount (it has: Id, Note)"),
        (b"id,text,amount\n", "the header lacks Id, Text, Amount (it has: id, text, amount)"),
    ],
)
def test_a_file_without_a_usable_header_is_set_aside(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    assert unreadable(tmp_path / "x.csv", content) == reason


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ((HEADER + GOOD).encode("utf-16"), "UTF-16"),
        ("\ufeff".encode("utf-16-be") + HEADER.encode("utf-16-be"), "big-endian UTF-16"),
        (HEADER.encode("utf-32"), "UTF-32"),
        (HEADER.encode("utf-16-le"), "a binary format or UTF-16"),
        (b"PK\x03\x04\x14\x00\x06\x00", "a binary format or UTF-16"),
        (HEADER.encode() + b"1,p\0n,2.50,\n", "a binary format or UTF-16"),
    ],
)
def test_a_file_in_another_encoding_is_set_aside_with_what_to_do(
    tmp_path: Path, content: bytes, found: str
) -> None:
    assert unreadable(tmp_path / "x.csv", content) == (
        f"the file is in {found}, feed 'till' reads utf-8: save it as utf-8, or change "
        "`encoding` in feed.yaml"
    )


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_the_wrong_delimiter_is_named(tmp_path: Path, mark: str) -> None:
    reason = unreadable(tmp_path / "x.csv", (HEADER + GOOD).replace(",", mark))
    assert reason.endswith(f"; the columns seem to be separated by {mark!r}, not ','")


def test_a_long_header_is_shown_in_part(tmp_path: Path) -> None:
    assert len(unreadable(tmp_path / "x.csv", "x" * 5000 + "\n")) < 300


# Other encodings


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("latin-1", "latin-1"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-16-le"),
    ],
)
def test_a_feed_may_read_another_encoding(
    scratch: Scratch, tmp_path: Path, encoding: str, codec: str
) -> None:
    feed = FEED.model_copy(update={"encoding": encoding})
    content = (HEADER + GOOD.replace("pen", "Füller") + "é\n").encode(codec)
    reading = read(scratch, tmp_path, content, feed)
    assert reading.rows == {2: ("1", "Füller", "2.50", None)}
    assert reading.broken[3][0] == "é"


def test_big_endian_utf_16_is_not_taken_for_an_empty_file(tmp_path: Path) -> None:
    """Its rows were silently lost: DuckDB reads little-endian UTF-16 only, and found none."""
    feed = FEED.model_copy(update={"encoding": "utf-16"})
    content = ("\ufeff" + HEADER + GOOD).encode("utf-16-be")
    assert "big-endian UTF-16" in unreadable(tmp_path / "x.csv", content, feed)


def test_a_file_of_windows_characters_is_no_latin_1(scratch: Scratch, tmp_path: Path) -> None:
    """It stopped the whole load; now it is set aside, and its neighbour is read."""
    feed = FEED.model_copy(update={"encoding": "latin-1"})
    contents = [(HEADER + "1,€,2.50,\n").encode("cp1252"), (HEADER + GOOD).encode()]
    windows, plain = read_all(scratch, tmp_path, contents, feed)
    assert windows.refused == "the file is no CSV that can be read: File is not latin-1 encoded"
    assert windows.rows == {}
    assert plain.rows == {2: PEN}


# Records


def test_quoted_texts_may_hold_anything(scratch: Scratch, tmp_path: Path) -> None:
    content = HEADER + '1,"a, ""b""\nc",2.50,"\r\n"\n' + GOOD
    assert read(scratch, tmp_path, content).rows == {
        2: ("1", 'a, "b"\nc', "2.50", "\r\n"),
        3: PEN,
    }


def test_a_quote_inside_a_bare_text_is_a_character(scratch: Scratch, tmp_path: Path) -> None:
    assert read(scratch, tmp_path, HEADER + '1,5" pen,2.50,\n').rows[2][1] == '5" pen'


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("1", "1 of 4 columns"),
        ("1,pen,2.50", "3 of 4 columns"),
        ("1,pen,2.50,,x", "5 columns, not 4"),
        ("1,pen,2.50,a,b,c,d", "7 columns, not 4"),
        ('1,"pen"x,2.50,', "a quoted text is not closed, or more follows its end"),
        ("   ", "1 of 4 columns"),
    ],
)
def test_a_record_that_is_no_row_is_kept_with_its_text_and_the_reason(
    scratch: Scratch, tmp_path: Path, record: str, reason: str
) -> None:
    reading = read(scratch, tmp_path, f"{HEADER}{GOOD}{record}\n{GOOD}")
    assert reading.rows == {2: PEN, 4: PEN}
    assert reading.broken == {3: (record, reason)}


def test_a_character_that_is_no_utf_8_takes_only_its_own_record(
    scratch: Scratch, tmp_path: Path
) -> None:
    content = HEADER.encode() + GOOD.encode() + b"1,p\xff,2.50,\n" + GOOD.encode()
    reading = read(scratch, tmp_path, content)
    assert reading.rows == {2: PEN, 4: PEN}
    assert reading.broken == {3: ("1,p?,2.50,", "a character is not in utf-8")}


def test_all_that_is_wrong_with_a_record_is_told(scratch: Scratch, tmp_path: Path) -> None:
    reading = read(scratch, tmp_path, HEADER.encode() + b"\xff,x\n")
    assert reading.broken == {2: ("?,x", "2 of 4 columns; a character is not in utf-8")}


def test_a_quote_that_is_never_closed_swallows_the_rest_of_the_file(
    scratch: Scratch, tmp_path: Path
) -> None:
    reading = read(scratch, tmp_path, HEADER + GOOD + '1,"pen,2.50,\n' + GOOD + GOOD)
    assert reading.rows == {2: PEN}
    assert reading.broken[3][0] == '1,"pen,2.50,\n' + GOOD + GOOD.rstrip()


def test_a_record_over_several_lines_counts_once(scratch: Scratch, tmp_path: Path) -> None:
    long = '1,"p\n\ne\nn",2.50,\n'
    reading = read(scratch, tmp_path, HEADER + long + "x\n" + long + GOOD + "y\n")
    assert [row for row, values in reading.rows.items() if values == PEN] == [5]
    assert {row: raw for row, (raw, _) in reading.broken.items()} == {3: "x", 6: "y"}


def test_a_file_of_nothing_but_broken_records_has_no_rows(scratch: Scratch, tmp_path: Path) -> None:
    reading = read(scratch, tmp_path, HEADER + "x\ny\n")
    assert (reading.rows, list(reading.broken)) == ({}, [2, 3])


def test_blank_lines_are_no_records(scratch: Scratch, tmp_path: Path) -> None:
    """Where a record was broken, they were counted there and nowhere else."""
    reading = read(scratch, tmp_path, HEADER + "\n" + GOOD + "\n\nx\n" + GOOD + "\n")
    assert reading.rows == {2: PEN, 4: PEN}
    assert list(reading.broken) == [3]


def test_a_file_of_mixed_line_ends_is_read(scratch: Scratch, tmp_path: Path) -> None:
    """DuckDB refuses such a file, which stopped the load of all others."""
    contents = [HEADER + GOOD + "1,pen,2.50,\r\n" + "x\r\n" + GOOD, HEADER + GOOD]
    mixed, plain = read_all(scratch, tmp_path, contents)
    assert mixed.rows == {2: PEN, 3: PEN, 5: PEN}
    assert mixed.broken == {4: ("x", "1 of 4 columns")}
    assert plain.rows == {2: PEN}


def test_a_broken_record_with_another_line_end_counts_once(
    scratch: Scratch, tmp_path: Path
) -> None:
    """DuckDB reads such a file, but counted the record as two."""
    reading = read(scratch, tmp_path, HEADER + "x\r\n" + GOOD + "y\n")
    assert reading.rows == {3: PEN}
    assert list(reading.broken) == [2, 4]


def test_tidying_a_file_leaves_quoted_line_ends_alone(scratch: Scratch, tmp_path: Path) -> None:
    content = HEADER + '\n1,"a ""b\r\n\r\nc""",2.50,\n\nx\n' + '2,5" pen,2.50,\n\n' + GOOD
    reading = read(scratch, tmp_path, content)
    assert reading.broken == {3: ("x", "1 of 4 columns")}
    assert reading.rows == {
        2: ("1", 'a "b\r\n\r\nc"', "2.50", None),
        4: ("2", '5" pen', "2.50", None),
        5: PEN,
    }


def test_a_space_behind_a_bare_return_is_kept(scratch: Scratch, tmp_path: Path) -> None:
    """DuckDB lost it in a file whose first line ends in CR LF and a later one in CR alone."""
    content = HEADER.replace("\n", "\r\n") + "1,pen,2.50,\r 2,ink,1.00,\r\n"
    assert read(scratch, tmp_path, content).rows == {2: PEN, 3: (" 2", "ink", "1.00", None)}


@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 4, 1_000_000])
@pytest.mark.parametrize(
    ("content", "look"),
    [
        (b"Id\r\n1\r\n22\r\n", read_csv.Look.PLAIN),
        (b"Id\r1\r22\r", read_csv.Look.PLAIN),
        (b"Id\r\n1\r22\r\n", read_csv.Look.MIXED_ENDS),
        (b'Id\r\n"1"\r\n"2"', read_csv.Look.MAY_END_QUOTED),
    ],
)
def test_line_ends_are_the_same_wherever_a_file_is_cut(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chunk_bytes: int,
    content: bytes,
    look: read_csv.Look,
) -> None:
    """A CR LF across the end of a chunk would be a bare CR: the whole file would be tidied."""
    monkeypatch.setattr(read_csv, "CHUNK_BYTES", chunk_bytes)
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert read_csv._look_through(path, FEED) is look


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le"])
def test_a_file_of_mixed_line_ends_may_be_in_utf_16(
    scratch: Scratch, tmp_path: Path, codec: str
) -> None:
    """Without a mark at its beginning, it ended the load."""
    feed = FEED.model_copy(update={"encoding": "utf-16"})
    content = (HEADER + GOOD + "1,pen,2.50,\r\n" + GOOD).encode(codec)
    assert read(scratch, tmp_path, content, feed).rows == {2: PEN, 3: PEN, 4: PEN}


def test_a_record_beyond_two_million_bytes_is_broken(scratch: Scratch, tmp_path: Path) -> None:
    reading = read(scratch, tmp_path, HEADER + GOOD.replace("pen", "x" * 2_000_000) + GOOD)
    assert reading.rows == {3: PEN}
    assert reading.broken[2][1].startswith("Maximum line size of 2000000 bytes exceeded")


# Every record has one number


LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
RECORDS = {
    "{},pen,1.5,": True,
    '{},"p\n\nen",1.5,"a ""b"""': True,
    '{},"p\r\nen",1.5,': True,
    '{},5" pen,1.5,': True,
    "{},pen": False,
    "{},pen,1.5,,x,": False,
    '{},"p"en,1.5,': False,
    "{},p\udcff,1.5,": False,
}


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[bool]]:
    """A file with randomly broken records, and whether each record is a row."""
    kinds = draw(st.lists(st.sampled_from(list(RECORDS)), max_size=25))
    ends = draw(st.lists(LINE_ENDS, min_size=1, max_size=3))
    blanks = draw(st.lists(st.integers(0, 2), min_size=len(kinds) + 1, max_size=len(kinds) + 1))
    text = draw(st.sampled_from(["", "\ufeff"])) + HEADER.rstrip()
    for no, (kind, blank) in enumerate(zip(kinds, blanks, strict=False)):
        text += ends[no % len(ends)] * (1 + blank) + kind.format(no + 2)
    text += draw(LINE_ENDS) * blanks[-1]
    return text.encode(errors="surrogateescape"), [RECORDS[kind] for kind in kinds]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(contents=st.lists(files(), min_size=1, max_size=3))
def test_every_record_has_its_number_whatever_is_broken_around_it(
    scratch: Scratch, tmp_path: Path, contents: list[tuple[bytes, list[bool]]]
) -> None:
    readings = read_all(scratch, tmp_path, [content for content, _ in contents])
    for reading, (_, is_row) in zip(readings, contents, strict=True):
        expected = dict(enumerate(is_row, start=2))
        found = dict.fromkeys(reading.rows, True) | dict.fromkeys(reading.broken, False)
        assert found == expected
        assert all(values[0] == f"{row}" for row, values in reading.rows.items())


def test_the_sample_feed_reads_its_own_header(tmp_path: Path, scratch: Scratch) -> None:
    feed = shipped_feeds()["online_retail"]
    header = ",".join(column.header for column in feed.columns)
    assert read(scratch, tmp_path, header + "\n" + "x," * 7 + "x\n", feed).rows[2][0] == "x"


@pytest.mark.parametrize("files", [1, 2, 3, 5, 9])
def test_a_record_cut_inside_a_quoted_text_is_broken_among_any_number_of_files(
    scratch: Scratch, tmp_path: Path, files: int
) -> None:
    """DuckDB loses it without a word where it reads three files or more."""
    cut = HEADER + GOOD + '2,"pen lar'
    readings = read_all(scratch, tmp_path, [cut, *[HEADER + GOOD] * (files - 1)])
    assert set(readings[0].rows) == {2}
    assert set(readings[0].broken) == {3}
    assert all((set(r.rows), set(r.broken)) == ({2}, set()) for r in readings[1:])
