"""What changes do not say, from what is known: in the tables of a scratch database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ecom_assets.errors import SourceError
from ecom_assets.feeds import Pull
from ecom_assets.sources.changes.change_rows import ChangeReader
from ecom_assets.sources.changes.gathering import Gathering
from ecom_assets.sources.changes.known_values import changed_rows_sql
from ecom_assets.sources.changes.pgoutput import UNCHANGED, decode
from ecom_assets.sources.landed import Landed
from tests.unit.sources import pgoutput_messages as sent

SINCE = datetime(2026, 3, 29, 1, tzinfo=UTC)
COLUMNS = ["id", "name", "big"]
THINGS = sent.relation([(name, 25) for name in COLUMNS], ["id"])


@pytest.fixture
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def fill(scratch: duckdb.DuckDBPyConnection, folder: Path, *data: bytes) -> list[str]:
    """Gathers changes of a table of which nothing has landed; returns their columns."""
    reader = ChangeReader(sent.TABLE, "t", ["id"], {}, SINCE)
    messages = filter(None, map(decode, (sent.begin(0x28, SINCE), THINGS, *data)))
    return Gathering(scratch, Landed(), folder).gather(reader, messages, COLUMNS)


def rows(scratch: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    listed = ", ".join(COLUMNS)
    sql = changed_rows_sql(COLUMNS, Pull(table="t", key=("id",), deletes=True))
    return scratch.execute(f"select {listed}, _deleted from ({sql})").fetchall()


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
    with pytest.raises(SourceError, match="1 changes of t leave out large values that stayed"):
        fill(scratch, tmp_path, sent.update("1", "a", UNCHANGED), sent.delete("7", None, None))


def test_changes_that_are_none_of_the_table_are_none(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert fill(scratch, tmp_path, sent.insert("1", oid=7)) == []


def test_a_column_that_comes_or_goes_is_empty_elsewhere(
    scratch: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = fill(
        scratch,
        tmp_path,
        sent.insert("1", "a", "long"),
        sent.relation([("id", 25), ("NAME", 25), ("colour", 25)], ["id"]),
        sent.insert("2", "b", "red"),
    )
    assert found == ["id", "name", "big", "colour"]
    colours = "select id, name, big, colour.said from filled order by _change"
    assert [row[3] for row in scratch.execute(colours).fetchall()] == [None, "red"]
    assert rows(scratch) == [("1", "a", "long", False), ("2", "b", None, False)]


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
