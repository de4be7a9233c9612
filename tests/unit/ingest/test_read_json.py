"""Reading delivered JSON lines: members, broken lines and their numbers."""

import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.ingest.csv_files import FEED, Reading, read, read_all, unreadable

JSON = FEED.model_copy(update={"format": "jsonl"})
PEN = b'{"Id": "1", "Text": "pen", "Amount": 2.5}'
PEN_ROW = ("1", "pen", "2.5", None)

Scratch = duckdb.DuckDBPyConnection


def read_lines(scratch: Scratch, path: Path, *lines: bytes) -> Reading:
    return read(scratch, path, b"\n".join(lines), JSON)


def test_each_line_is_a_row_with_its_number(scratch: Scratch, tmp_path: Path) -> None:
    assert read_lines(scratch, tmp_path, PEN, PEN).rows == {1: PEN_ROW, 2: PEN_ROW}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_may_end_as_on_any_system(scratch: Scratch, tmp_path: Path, end: bytes) -> None:
    assert read(scratch, tmp_path, PEN + end + PEN + end, JSON).rows == {1: PEN_ROW, 2: PEN_ROW}


def test_a_byte_order_mark_is_no_part_of_the_first_line(scratch: Scratch, tmp_path: Path) -> None:
    assert read(scratch, tmp_path, b"\xef\xbb\xbf" + PEN, JSON).rows == {1: PEN_ROW}


def test_blank_lines_count_and_are_no_rows(scratch: Scratch, tmp_path: Path) -> None:
    reading = read_lines(scratch, tmp_path, b"", PEN, b"  ", b"", PEN, b"")
    assert reading.rows == {2: PEN_ROW, 5: PEN_ROW}
    assert reading.broken == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"a, \\"b\\" | c"', 'a, "b" | c'),
        ("null", None),
        ("true", "true"),
        ("12345678901234567890123", "12345678901234567890123"),
        ('{"a": [1, 2]}', '{"a":[1,2]}'),
        ('"line\\nbreak"', "line\nbreak"),
        ('"\\u00fc"', "ü"),
    ],
)
def test_a_value_is_its_text(
    scratch: Scratch, tmp_path: Path, value: str, text: str | None
) -> None:
    line = f'{{"Id": "1", "Text": "pen", "Amount": 1, "Note": {value}}}'
    assert read_lines(scratch, tmp_path, line.encode()).rows[1][3] == text


@pytest.mark.parametrize(
    "number",
    [
        "12345678901234.5678",
        "-12345678901234.5678",
        "100000000000000000000.25",
        "0.1234567890123456789",
        "1234567.890123456789e3",
        "2.5",
    ],
)
def test_no_digit_of_a_number_is_lost(scratch: Scratch, tmp_path: Path, number: str) -> None:
    """Numbers went through a double: an amount of 14 digits and 4 decimals came out as another."""
    long = "x: 12345678901234.5678"
    line = f'{{"Id": "{long}", "Text": "a \\" 1.23456789012345678", "Amount": {number}}}'
    reading = read_lines(scratch, tmp_path, PEN, line.encode())
    assert reading.rows[2] == (long, 'a " 1.23456789012345678', number, None)
    assert reading.rows[1] == PEN_ROW


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Numbers of about as many digits as a double holds, with or without point and exponent."""
    digits = str(draw(st.integers(10**14, 10**18 - 1)))
    before = draw(st.integers(0, len(digits)))
    whole, fraction = digits[:before] or "0", digits[before:]
    sign = draw(st.sampled_from(["", "-"]))
    exponent = draw(st.just("") | st.from_regex(r"[eE][+-]?[0-9]{1,2}", fullmatch=True))
    return f"{sign}{whole}{'.' if fraction else ''}{fraction}{exponent}"


@settings(max_examples=40, deadline=None)
@given(amounts=st.lists(numbers(), min_size=1, max_size=20))
@example(amounts=["123456789012345.6", "9.007199254740995", "9007199254740995E-9"])
@example(amounts=["123456789012345678e-2", "123456789012345678E2", "1234567890123457e-2"])
def test_a_number_has_the_value_of_its_text(scratch: Scratch, amounts: list[str]) -> None:
    """Of digits without a point, as in 123456789012345678e-2, the last ones were lost."""
    lines = "\n".join(f'{{"Amount": {amount}}}' for amount in amounts)
    with TemporaryDirectory() as folder:
        reading = read(scratch, Path(folder), lines, JSON)
    found = [Decimal(str(row[2])) for row in reading.rows.values()]
    assert found == [Decimal(amount) for amount in amounts]


def test_a_line_with_a_long_number_may_be_broken(scratch: Scratch, tmp_path: Path) -> None:
    line = b'{"Amount": 12345678901234.5678, "Id": "1'
    assert read_lines(scratch, tmp_path, PEN, line).broken[2][0] == line.decode()


def test_a_header_with_dots_leads_into_objects(scratch: Scratch, tmp_path: Path) -> None:
    nested = JSON.columns[3].model_copy(update={"header": "meta.note"})
    feed = JSON.model_copy(update={"columns": (*JSON.columns[:3], nested)})
    line = b'{"Id": "1", "Text": "pen", "Amount": 1, "meta": {"note": "x"}}'
    reading = read(scratch, tmp_path, line, feed)
    assert reading.rows[1][3] == "x"
    assert reading.overflow == {1: None}


def test_members_the_feed_does_not_know_are_kept(scratch: Scratch, tmp_path: Path) -> None:
    line = b'{"Id": "1", "Text": "pen", "Amount": 1, "shelf": {"row": 2}, "new": null}'
    reading = read_lines(scratch, tmp_path, PEN, line)
    assert json.loads(str(reading.overflow[2])) == {"shelf": {"row": 2}, "new": None}
    assert reading.overflow[1] is None


def test_what_is_no_object_is_broken_and_the_rest_is_read(scratch: Scratch, tmp_path: Path) -> None:
    reading = read_lines(scratch, tmp_path, PEN, b'{"Id": ', b"[1]", b'"x"', b"\xff", PEN)
    assert reading.rows == {1: PEN_ROW, 6: PEN_ROW}
    assert set(reading.broken) == {2, 3, 4, 5}
    assert reading.broken[2] == ('{"Id": ', "the line is no JSON object")
    assert reading.broken[5][1] == "a character is not in utf-8"


def test_files_are_read_side_by_side(scratch: Scratch, tmp_path: Path) -> None:
    first, second = read_all(scratch, tmp_path, [PEN + b"\n\xff\n" + PEN, PEN + b"\nno"], JSON)
    assert (set(first.rows), set(first.broken)) == ({1, 3}, {2})
    assert (set(second.rows), set(second.broken)) == ({1}, {2})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"Id,Text\n1,pen\n", "begins with Id,Text"),
        (b"[\n{}\n]", "begins with ["),
        (b"\n \n", "begins with nothing"),
        ('{"Id": 1}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_of_another_kind_is_set_aside(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in unreadable(tmp_path / "file.jsonl", content, JSON)


def test_a_line_longer_than_the_reader_holds_is_broken(scratch: Scratch, tmp_path: Path) -> None:
    """One that filled the reader's buffer was lost, and the lines behind it had wrong numbers."""
    reading = read_lines(scratch, tmp_path, PEN, b'{"Text": "' + b"x" * 40_000_000 + b'"}', PEN)
    assert reading.rows == {1: PEN_ROW, 3: PEN_ROW}
    text, reason = reading.broken[2]
    assert reason == "the line is longer than 16,000,000 bytes"
    assert text.startswith('{"Text": "xxx')


@pytest.mark.parametrize(
    ("line", "overflow"),
    [
        (b'{"Id": "1", "Text": "pen", "Amount": 2.5, "Note": null}', None),
        (b'{"Note": null, "Id": "1", "Text": "pen", "Amount": 2.5}', None),
        (b'{"Id": "1", "Text": "pen", "Amount": 2.5, "Note": null, "by": 7}', '{"by":7}'),
        (b'{"by": 7, "Id": "1", "Text": "pen", "Amount": 2.5}', '{"by":7}'),
    ],
)
def test_members_may_come_in_any_order_with_others_among_them(
    scratch: Scratch, tmp_path: Path, line: bytes, overflow: str | None
) -> None:
    reading = read_lines(scratch, tmp_path, line, PEN)
    assert reading.rows == {1: PEN_ROW, 2: PEN_ROW}
    assert reading.overflow == {1: overflow, 2: None}


LINES = st.lists(
    st.sampled_from([PEN, b"", b"   ", b"{", b"[]", b"\xff", b'{"Id": "\xff"}']),
    max_size=12,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=LINES)
def test_every_line_is_a_row_or_broken_or_blank(scratch: Scratch, lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        reading = read_lines(scratch, Path(folder), PEN, *lines, PEN)
    wanted = dict(enumerate([PEN, *lines, PEN], start=1))
    assert set(reading.rows) == {no for no, line in wanted.items() if line == PEN}
    blank = {no for no, line in wanted.items() if not line.strip()}
    assert set(reading.broken) == set(wanted) - set(reading.rows) - blank
