"""What changes do not say, from what is known: in the tables of a scratch database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ecom_assets.duck import file_literal
from ecom_assets.feeds import Pull
from ecom_assets.sources.change_rows import ChangeReader, ChangeRow, Emptied
from ecom_assets.sources.known_values import (
    changed_rows_sql,
    emptied_sql,
    filled_sql,
    held_sql,
    unsaid_sql,
)
from ecom_assets.sources.landed import Landed
from ecom_assets.sources.pgoutput import UNCHANGED, decode
from ecom_assets.sources.spill import ChangeSpill, Spill
from tests.unit.sources import pgoutput_messages as sent

SINCE = datetime(2026, 3, 29, 1, tzinfo=UTC)
COLUMNS = ["id", "name", "big"]
THINGS = sent.relation([(name, 25) for name in COLUMNS], ["id"])


@pytest.fixture
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def fill(scratch: duckdb.DuckDBPyConnection, folder: Path, *data: bytes) -> None:
    """Fills changes of a table of which nothing has landed."""
    reader = ChangeReader(sent.TABLE, "t", ["id"], {}, SINCE)
    spill = ChangeSpill(Spill(folder), ["id"])
    spill.has_columns(COLUMNS)
    messages = filter(None, map(decode, (sent.begin(0x28, SINCE), THINGS, *data)))
    found = list(reader.read(messages))
    for row in found:
        if isinstance(row, ChangeRow):
            spill.add(row)
    spill.flush()
    pieces = ", ".join(map(file_literal, spill.spill.pieces))
    scratch.execute(f"create table changes as from read_parquet([{pieces}])")
    emptied = [event for event in found if isinstance(event, Emptied)]
    scratch.execute(held_sql(Landed(), COLUMNS, ["id"], is_whole=bool(emptied)))
    for event in emptied:
        scratch.execute(emptied_sql(event, COLUMNS, ["id"]))
    scratch.execute(filled_sql(COLUMNS, ["id"]))


def rows(scratch: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    listed = ", ".join(COLUMNS)
    sql = changed_rows_sql(COLUMNS, Pull(table="t", key=("id",), deletes=True))
    return scratch.execute(f"select {listed}, _deleted from ({sql})").fetchall()


def unsaid(scratch: duckdb.DuckDBPyConnection) -> int:
    (count,) = scratch.execute(unsaid_sql(COLUMNS)).fetchone() or (-1,)
    return count


def test_a_value_that_stayed_is_what_the_row_said_last(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    fill(
        scratch,
        tmp_path,
        sent.insert("1", "a", "long"),
        sent.update("1", None, UNCHANGED),
        sent.update("2", "b", UNCHANGED, old=("1", None, None)),
        sent.insert("1", "c", "other"),
        sent.update("1", "d", UNCHANGED),
        sent.delete("2", None, None),
    )
    assert rows(scratch) == [
        ("1", "a", "long", False),
        ("1", None, "long", False),
        ("1", None, "long", True),
        ("2", "b", "long", False),
        ("1", "c", "other", False),
        ("1", "d", "other", False),
        ("2", "b", "long", True),
    ]
    assert unsaid(scratch) == 0


def test_a_missing_value_is_not_mistaken_for_one_that_nobody_says(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    fill(
        scratch,
        tmp_path,
        sent.insert("1", "a", "long"),
        sent.update("1", "a", None),
        sent.update("1", "b", UNCHANGED),
    )
    assert rows(scratch)[-1] == ("1", "b", None, False)


def test_a_large_value_that_nobody_ever_said_is_told(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    fill(scratch, tmp_path, sent.update("1", "a", UNCHANGED), sent.delete("7", None, None))
    assert unsaid(scratch) == 1


def test_an_emptied_table_has_only_the_rows_that_were_there_gone(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    empty = sent.truncate(sent.TABLE)
    fill(
        scratch,
        tmp_path,
        *(sent.insert("2", "b", "x"), sent.insert("1", "a", "y"), sent.delete("2", None, None)),
        *(empty, empty, sent.insert("2", "c", None), empty),
    )
    assert rows(scratch)[3:] == [
        ("1", "a", "y", True),
        ("2", "c", None, False),
        ("2", "c", None, True),
    ]
