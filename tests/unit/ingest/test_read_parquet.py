"""Reading delivered Parquet files: values as text, rows by their number, what is set aside."""

import json
from pathlib import Path

import duckdb
import pytest

from ecom_assets.ingest.read import read_files
from ecom_assets.ingest.readable import Readable
from tests.unit.ingest.csv_files import FEED, Reading, read, read_all, unreadable

COLUMNAR = FEED.model_copy(update={"format": "parquet"})
PEN = "select '1' as Id, 'pen' as Text, 2.5 as Amount"
PEN_ROW = ("1", "pen", "2.5", None)

Scratch = duckdb.DuckDBPyConnection


def parquet(folder: Path, select: str) -> bytes:
    target = folder / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy ({select}) to '{target}' (format parquet)")
    return target.read_bytes()


def read_rows(scratch: Scratch, folder: Path, select: str) -> Reading:
    return read(scratch, folder, parquet(folder, select), COLUMNAR)


def test_each_row_has_its_number(scratch: Scratch, tmp_path: Path) -> None:
    reading = read_rows(scratch, tmp_path, f"{PEN} from range(3)")
    assert reading.rows == {1: PEN_ROW, 2: PEN_ROW, 3: PEN_ROW}
    assert reading.overflow == {1: None, 2: None, 3: None}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("null", None),
        ("' x, \"y\" '", ' x, "y" '),
        ("true", "true"),
        ("cast(12345678901234567890 as decimal(38, 0))", "12345678901234567890"),
        ("cast(1.10 as decimal(18, 4))", "1.1000"),
        ("date '2026-03-29'", "2026-03-29"),
        ("timestamp '2026-03-29 02:30:15'", "2026-03-29 02:30:15"),
        ("timestamptz '2026-03-29 02:30:15+02'", "2026-03-29T00:30:15.000000Z"),
    ],
)
def test_a_value_is_its_text(
    scratch: Scratch, tmp_path: Path, value: str, text: str | None
) -> None:
    assert read_rows(scratch, tmp_path, f'{PEN}, {value} as "Note"').rows[1][3] == text


def test_a_declared_column_that_it_lacks_is_told(scratch: Scratch, tmp_path: Path) -> None:
    path = tmp_path / "pens.parquet"
    path.write_bytes(parquet(tmp_path, PEN))
    (found,) = read_files(scratch, COLUMNAR, {0: (path, Readable())}).values()
    assert found == Readable(("Id", "Text", "Amount"), (), ("Note",))


def test_columns_the_feed_does_not_know_are_kept(scratch: Scratch, tmp_path: Path) -> None:
    reading = read_rows(scratch, tmp_path, f"{PEN}, 7 as shelf")
    assert json.loads(str(reading.overflow[1])) == {"shelf": "7"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty (0 bytes): deliver it again"),
        (b"Id,Text\n1,pen\n", "no Parquet file, or not whole"),
        (b"PAR", "no Parquet file, or not whole"),
        (b"PAR1 cut shor", "no Parquet file, or not whole"),
    ],
)
def test_a_file_of_another_kind_is_set_aside(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in unreadable(tmp_path / "file.parquet", content, COLUMNAR)


def test_what_shows_inside_sets_a_file_aside_and_the_rest_is_read(
    scratch: Scratch, tmp_path: Path
) -> None:
    contents: list[bytes | str] = [
        parquet(tmp_path, PEN),
        parquet(tmp_path, "select 1 as Id"),
        b"PAR1 damaged inside PAR1",
    ]
    whole, lacking, damaged = read_all(scratch, tmp_path, contents, COLUMNAR)
    assert whole.rows == {1: PEN_ROW}
    assert (lacking.rows, damaged.rows) == ({}, {})
    assert lacking.refused == "the header lacks Text, Amount (it has: Id)"
    assert str(damaged.refused).startswith("the file is no Parquet that can be read: ")
