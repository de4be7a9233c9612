"""Pulling from SQLite: what holds of every database, and the values that SQLite may hold."""

from pathlib import Path

import pytest

from ecom_assets.errors import SourceError
from tests.harness.pull_cases import PullCases
from tests.harness.pulled import PulledTable, SqliteFile


@pytest.fixture
def table(tmp_path: Path) -> PulledTable:
    return PulledTable(tmp_path / "home", SqliteFile(tmp_path / "shop.db"))


class TestSqlite(PullCases):
    pass


def test_every_value_is_the_text_of_sqlite_whatever_its_column_declares(
    table: PulledTable,
) -> None:
    table.write(
        "create table t (id, amount decimal(10, 2), on_day date, flag boolean, huge, bytes blob)",
        "insert into t values (9223372036854775807, 3.10, '2026-01-01', true, 1e300, x'dead00')",
        "insert into t values ('text', 'n/a', 20454, 'yes', 0.1, 'a' || char(0) || 'b')",
    )
    assert table.pull() == [
        ("9223372036854775807", "3.1", "2026-01-01", "1", "1.0e+300", "DEAD00", False),
        ("text", "n/a", "20454", "yes", "0.1", "a\0b", False),
    ]


@pytest.mark.parametrize(
    ("key", "row"), [([], ""), (["id"], ", in the row of id 2"), (["name"], "")]
)
def test_a_text_that_is_no_utf_8_is_told_with_its_row(
    table: PulledTable, key: list[str], row: str
) -> None:
    """The table could not be pulled, and nothing said where the text was."""
    table.write(
        "create table t (id, name text, bytes)",
        "insert into t values (1, 'a' || char(0) || 'b', x'ff'), (2, cast(x'ff41' as text), '')",
    )
    with pytest.raises(SourceError, match=f"no UTF-8 in t, column name{row}: write it anew there"):
        table.pulls(key=key).deliver()
    table.write("update t set name = 'A' where id = 2")
    assert len(table.pull("id")) == 2


def test_times_as_text_may_have_zones_and_a_t(table: PulledTable) -> None:
    table.write(
        "create table t (id, at text)",
        "insert into t values (1, '2026-01-01T10:00:00Z'), (2, '2026-01-01 11:00:00+00:00')",
    )
    table.pulls(watermark="at", overlap="1 minute").deliver()
    table.write("insert into t values (3, '2026-01-01 08:30:00-03:00')")
    assert table.pull("id") == [("3", False)]
    assert table.manifest().window_to == "2026-01-01 11:30:00"


def test_a_watermark_that_was_a_time_and_is_a_number_now_is_told(table: PulledTable) -> None:
    table.write("create table t (id, at)", "insert into t values (1, '2026-01-01')")
    table.pulls(watermark="at").deliver()
    table.write("delete from t", "insert into t values (1, 20454)")
    with pytest.raises(SourceError, match="was a time in what has landed and is a number now"):
        table.deliver()


def test_names_with_quotes_and_a_reserved_word_are_names(table: PulledTable) -> None:
    table.write(
        'create table "or""der\'s" (id, "select" text, "it\'s" text)',
        "insert into \"or\"\"der's\" values (1, 'a', 'b')",
    )
    table.pulls(table="or\"der's", watermark="id", key=["id"], deletes=True)
    assert table.pull() == [("1", "a", "b", False)]


@pytest.mark.parametrize(
    ("columns", "fault"),
    [("id, _deleted", "has a column _deleted in t, a name of ours"), ("id, _inside", "_inside")],
)
def test_a_column_with_a_name_of_ours_is_told(table: PulledTable, columns: str, fault: str) -> None:
    table.write(f"create table t ({columns})")
    with pytest.raises(SourceError, match=fault):
        table.deliver()


def test_a_file_that_is_no_database_is_told(tmp_path: Path, table: PulledTable) -> None:
    (tmp_path / "shop.db").write_text("no database " * 100)
    with pytest.raises(SourceError, match="MY_SHOP_DB names is none: there is no database"):
        table.deliver()


def test_a_file_that_is_missing_is_told_and_not_made(tmp_path: Path, table: PulledTable) -> None:
    with pytest.raises(SourceError, match="no such file"):
        table.deliver()
    assert not (tmp_path / "shop.db").exists()


def test_what_a_killed_pull_left_is_removed_by_the_next(table: PulledTable) -> None:
    table.write("create table t (id)", "insert into t values (1)")
    table.inbox.mkdir(parents=True)
    (table.inbox / "20260101T000000000000Z.parquet.part").write_bytes(b"PAR1")
    table.deliver()
    assert [path.name for path in table.inbox.iterdir()] == ["20260329T020000000000Z.parquet"]


def test_a_clock_that_went_back_does_not_put_a_pull_before_the_last(table: PulledTable) -> None:
    table.write("create table t (id)", "insert into t values (1)")
    table.deliver()
    table.now = table.now.replace(year=2025)
    table.write("insert into t values (2)")
    table.deliver()
    names = sorted(path.name for path in table.inbox.iterdir())
    assert names == ["20260329T020000000000Z.parquet", "20260329T020000000001Z.parquet"]


def test_a_file_pulled_before_that_is_damaged_is_told(table: PulledTable) -> None:
    table.write("create table t (id)", "insert into t values (1)")
    delivered = table.deliver()
    assert delivered is not None
    delivered.path.write_bytes(b"PAR1 damaged PAR1")
    with pytest.raises(SourceError, match="what has been pulled before cannot be read"):
        table.deliver()
