"""Pulling the changes of a real PostgreSQL: what each becomes, and in which order."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.harness.changed_table import ChangedTable
from tests.services.database_servers import LogicalPostgres, serving

pytestmark = pytest.mark.services

PEN = "insert into t values (1, 'pen'), (2, 'ink')"


@pytest.fixture(scope="module")
def server() -> Iterator[LogicalPostgres]:
    with serving(LogicalPostgres) as started:
        yield started  # type: ignore[misc]


@pytest.fixture
def table(server: LogicalPostgres, tmp_path: Path) -> Iterator[ChangedTable]:
    server.run("drop schema public cascade", "create schema public")
    server.run("grant usage on schema public to clerk")
    server.run("alter default privileges in schema public grant select on tables to clerk")
    yield ChangedTable(tmp_path / "home", server)
    server.run("drop publication if exists ecom")
    server.ask("select pg_drop_replication_slot(slot_name) from pg_replication_slots")


def test_a_snapshot_then_only_what_was_changed_since(table: ChangedTable) -> None:
    table.made(PEN)
    assert table.pull() == [("1", "pen", False), ("2", "ink", False)]
    assert table.deliver() is None
    table.write(
        "insert into t values (3, 'nib')",
        "update t set name = 'quill' where id = 1",
        "delete from t where id = 2",
    )
    assert table.pull() == [("3", "nib", False), ("1", "quill", False), ("2", "ink", True)]
    assert table.deliver() is None


def test_several_changes_of_a_key_come_in_their_order(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    table.write(
        "begin; update t set name = 'a' where id = 1; update t set name = 'b' where id = 1; "
        "delete from t where id = 1; insert into t values (1, 'c'); commit"
    )
    delivered = table.deliver()
    assert delivered is not None
    assert table.rows(delivered.path, "name", "_change") == [
        ("a", 1, False),
        ("b", 2, False),
        ("b", 3, True),
        ("c", 4, False),
    ]
    assert len(set(table.rows(delivered.path, "_lsn", "_committed_at"))) == 2


def test_a_transaction_counts_by_its_commit_and_a_rolled_back_one_not_at_all(
    table: ChangedTable,
) -> None:
    table.made(PEN).deliver()
    table.write("begin; insert into t values (3, 'never'); rollback")
    table.write("begin; savepoint s; insert into t values (4, 'never'); rollback to s; commit")
    assert table.deliver() is None


def test_a_transaction_under_way_when_the_slot_is_made_comes_once(table: ChangedTable) -> None:
    """It is in the snapshot or in the changes after it, whichever: here it ends before."""
    table.made(PEN)
    for number in range(3, 40):
        table.write(f"insert into t values ({number}, 'more')")
        if number % 9 == 0:
            table.deliver()
    table.deliver()
    assert sorted(int(row[0]) for row in table.landed("id")) == list(range(1, 40))


def test_a_key_that_changes_is_one_row_gone_and_another_come(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    table.write(
        "update t set id = 9 where id = 1",
        "insert into t values (1, 'again')",
        "update t set name = 'nine' where id = 9",
    )
    assert table.pull() == [
        ("1", "pen", True),
        ("9", "pen", False),
        ("1", "again", False),
        ("9", "nine", False),
    ]


BIG = "repeat(md5('1'), 4000)"
STORED_OUTSIDE = "alter table t alter big set storage external"


@pytest.mark.parametrize("identity", ["default", "full"])
def test_a_large_value_that_stayed_as_it_was_is_not_lost(
    table: ChangedTable, identity: str
) -> None:
    table.made(STORED_OUTSIDE, f"alter table t replica identity {identity}")
    table.write(f"insert into t values (1, 'pen', {BIG}), (2, 'ink', null)")
    table.deliver()
    table.write("update t set name = 'quill' where id = 1", "update t set id = 7 where id = 1")
    table.write("update t set name = 'last' where id = 7", "delete from t where id = 7")
    delivered = table.deliver()
    assert delivered is not None
    found = duckdb.sql(
        f"select id, name, length(big), _deleted from read_parquet('{delivered.path}')"
    ).fetchall()
    assert found == [
        ("1", "quill", 128_000, False),
        ("1", "quill", 128_000, True),
        ("7", "quill", 128_000, False),
        ("7", "last", 128_000, False),
        ("7", "last", 128_000, True),
    ]


def test_an_emptied_table_is_every_row_gone(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    table.write("insert into t values (3, 'nib'); delete from t where id = 2; truncate t")
    table.write("insert into t values (1, 'new'); truncate t; insert into t values (1, 'newer')")
    assert table.pull() == [
        ("3", "nib", False),
        ("2", "ink", True),
        ("1", "pen", True),
        ("3", "nib", True),
        ("1", "new", False),
        ("1", "new", True),
        ("1", "newer", False),
    ]
