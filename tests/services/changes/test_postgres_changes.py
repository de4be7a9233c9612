"""Pulling the changes of a real PostgreSQL: what each becomes, and in which order."""

import duckdb
import pytest

from ecom_assets.errors import SourceError
from tests.harness.changed_table import ChangedTable
from tests.harness.pulled import PulledTable

pytestmark = pytest.mark.services

PEN = "insert into t values (1, 'pen'), (2, 'ink')"


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


VALUES = {
    "numeric": ("123456789012345678901234567890.12345678901234567890123456789",) * 2,
    "numeric(12, 4)": ("1.5", "1.5000"),
    "double precision": ("0.1", "0.1"),
    "real": ("'NaN'", "NaN"),
    "bigint": ("9223372036854775807",) * 2,
    "boolean": ("true", "true"),
    "timestamp": ("'2026-03-29 01:30:00.123456'", "2026-03-29 01:30:00.123456"),
    "timestamptz": ("'2026-03-29 01:30:00+02'", "2026-03-28 23:30:00+00"),
    "date": ("'infinity'", "infinity"),
    "timestamptz[]": ("'{2026-01-01 00:00:00+01}'", '{"2025-12-31 23:00:00+00"}'),
    "boolean[]": ("'{t,f,null}'", "{t,f,NULL}"),
    "interval": ("'1 day 02:00'", "1 day 02:00:00"),
    "json": ("""'{"a":  1}'""", '{"a":  1}'),
    "jsonb": ("""'{"a": [1, null]}'""", '{"a": [1, null]}'),
    "bytea": (r"'\xdead00'", r"\xdead00"),
    "text": (r"E'Ünïcode 😀 %s \n\t\\'", "Ünïcode 😀 %s \n\t\\"),
    "varchar(3)": ("''", ""),
    "char(4)": ("'ab'", "ab"),
    "inet": ("'10.0.0.1'", "10.0.0.1/32"),
    "cidr": ("'10.0.0.0/8'", "10.0.0.0/8"),
    "mood": ("'fine'", "fine"),
    "checked": ("true", "true"),
}


def test_a_value_is_the_same_text_in_a_snapshot_and_in_a_change(table: ChangedTable) -> None:
    table.write("create type mood as enum ('fine')", "create domain flag as boolean")
    table.write("create domain checked as flag check (value)")
    kinds = dict(enumerate(VALUES))
    columns = ", ".join(f"v{index} {kind}" for index, kind in kinds.items())
    written = ", ".join(VALUES[kind][0] for kind in kinds.values())
    table.made(table=f"create table t (id int primary key, {columns})")
    table.write(f"insert into t values (1, {written})")
    table.deliver()
    table.write(f"insert into t values (2, {written})")
    table.deliver()
    names = [f"v{index}" for index in kinds]
    expected = tuple(VALUES[kind][1] for kind in kinds.values())
    assert [row[:-1] for row in table.landed(*names)] == [expected, expected]


def test_a_column_that_was_added_is_in_the_next_file_and_one_dropped_stays_in_it(
    table: ChangedTable,
) -> None:
    table.made(PEN).deliver()
    table.write("update t set big = 'before' where id = 1")
    table.write(
        "alter table t add column colour text", "insert into t values (3, 'nib', '', 'red')"
    )
    table.write("alter table t drop column big", "update t set colour = 'blue' where id = 2")
    assert table.pull("id", "big", "colour") == [
        ("1", "before", None, False),
        ("3", "", "red", False),
        ("2", None, "blue", False),
    ]


def test_a_required_column_that_is_gone_holds_the_changes_back_until_it_is_there(
    table: ChangedTable,
) -> None:
    table.made(PEN).deliver()
    table.write("insert into t values (3, 'nib')", "alter table t rename column id to number")
    table.pulls(key=["number"])
    with pytest.raises(SourceError, match="the header lacks id"):
        table.deliver()
    table.write("alter table t rename column number to id")
    assert table.pulls().pull() == [("3", "nib", False)]


def test_a_composite_key_and_names_of_any_kind(table: ChangedTable) -> None:
    table.write(
        'create table t (id int, "Line ""no""" int, "select" text)',
        'alter table t add primary key (id, "Line ""no""")',
        "insert into t values (1, 1, 'a'), (1, 2, 'b')",
        "create publication ecom for table t",
    )
    table.pulls(key=["id", 'Line "no"']).deliver()
    table.write('delete from t where "Line ""no""" = 2', "update t set \"select\" = 'c'")
    assert table.pull("id", "select") == [("1", "b", True), ("1", "c", False)]


def test_a_table_of_another_schema_and_a_publication_of_any_name(table: ChangedTable) -> None:
    table.write(
        'drop schema if exists "Old" cascade; create schema "Old"',
        'create table "Old"."T" (id int primary key, name text)',
        'grant usage on schema "Old" to clerk; grant select on "Old"."T" to clerk',
        'create publication "My ""shop""" for table "Old"."T"',
    )
    table.pulls(table="Old.T", changes={"publication": 'My "shop"'})
    assert table.pull() == []
    table.write("""insert into "Old"."T" values (1, 'pen')""", "create table t (id int)")
    table.write("insert into t values (1)")
    assert table.pull() == [("1", "pen", False)]
    table.write('drop publication "My ""shop"""')


def test_a_partitioned_table_comes_under_its_own_name(table: ChangedTable) -> None:
    table.made(
        "create table t1 partition of t for values from (1) to (100)",
        "create table t2 partition of t for values from (100) to (200)",
        table="create table t (id int primary key, name text) partition by range (id)",
    )
    with pytest.raises(SourceError, match=r"or set \(publish_via_partition_root = true\)"):
        table.deliver()
    table.write("alter publication ecom set (publish_via_partition_root = true)")
    table.write("insert into t values (1, 'pen')")
    table.deliver()
    table.write("update t set id = 150 where id = 1", "insert into t values (2, 'ink')")
    assert table.pull() == [("1", "pen", True), ("150", "pen", False), ("2", "ink", False)]


def test_only_the_columns_of_the_publication_are_read(table: ChangedTable) -> None:
    table.write(
        "create table t (id int primary key, name text, secret text, "
        "twice int generated always as (id * 2) stored)",
        "create publication ecom for table t (id, name)",
        "insert into t values (1, 'pen', 'hidden')",
    )
    table.deliver()
    table.write("insert into t values (2, 'ink', 'hidden')")
    table.deliver()
    assert list(table.manifest().columns) == ["id", "name"]
    assert table.landed() == [("1", "pen", False), ("2", "ink", False)]


def test_a_table_compared_until_now_goes_on_with_what_differs(table: ChangedTable) -> None:
    """A change of how a table is pulled delivers nothing twice and loses nothing."""
    table.made(PEN)
    compared = PulledTable(table.home.root, table.database, key=["id"], deletes=True)
    compared.now = table.now
    assert len(compared.pull()) == 2
    table.now = compared.now
    table.write("delete from t where id = 1", "insert into t values (3, 'nib')")
    assert sorted(table.pull()) == [("1", "pen", True), ("3", "nib", False)]
    table.write("update t set name = 'a' where id = 3", "update t set name = 'b' where id = 3")
    assert table.pull() == [("3", "a", False), ("3", "b", False)]
    compared.now = table.now
    assert compared.pull("id", "name") == [("2", "ink", False), ("3", "b", False)]
    table.write("delete from t where id = 3")
    assert compared.pull("id", "name") == [("2", "ink", False), ("3", "b", True)]


def test_the_last_of_several_changes_is_what_a_later_pull_compares_with(
    table: ChangedTable,
) -> None:
    table.made(PEN).deliver()
    table.write("update t set name = 'b' where id = 1", "update t set name = 'a' where id = 1")
    table.deliver()
    table.write("delete from t where id = 1")
    assert table.pull() == [("1", "a", True)]


def test_a_feed_that_does_not_count_deletes_gets_none(table: ChangedTable) -> None:
    """It would take the last values of a row that is gone for a row that is there."""
    table.pulls(deletes=False).made(PEN).deliver()
    table.write("delete from t where id = 1")
    assert table.deliver() is None
    table.write("insert into t values (3, 'nib'); truncate t")
    assert table.pull() == [("3", "nib", False)]
