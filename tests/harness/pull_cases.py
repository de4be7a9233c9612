"""What must hold of a pull whatever the database; each kind of database inherits these cases.

A subclass has a fixture ``table``: a :class:`PulledTable` of an empty database.
"""

from datetime import timedelta

import duckdb
import pytest

from ecom_assets.errors import SourceError
from tests.harness.pulled import PulledTable

THINGS = "create table t (id integer primary key, name varchar(40), updated_at {moment})"
DAYS_AGO = "2025-12-28 10:00:00"
AT_10 = "2026-01-01 10:00:00"
AT_11 = "2026-01-01 11:00:00"
AT_12 = "2026-01-01 12:00:00"


def insert(number: int, name: str, at: str | None = AT_10) -> str:
    changed = f"'{at}'" if at else "null"
    return f"insert into t values ({number}, '{name}', {changed})"


class PullCases:
    """Cases over a table of things that have a name and a time of change."""

    def test_the_first_pull_delivers_all_rows_and_the_next_one_nothing(
        self, table: PulledTable
    ) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink"))
        table.pulls(watermark="updated_at")
        assert table.pull("id", "name") == [("1", "pen", False), ("2", "ink", False)]
        assert table.deliver() is None
        assert len(list(table.inbox.iterdir())) == 1

    def test_a_row_written_since_is_delivered_alone(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"))
        table.pulls(watermark="updated_at").deliver()
        table.write(insert(2, "ink", AT_11))
        assert table.pull("id") == [("2", False)]

    def test_a_changed_row_is_delivered_again(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink"))
        table.pulls(watermark="updated_at", key=["id"]).deliver()
        table.write(f"update t set name = 'quill', updated_at = '{AT_11}' where id = 1")
        assert table.pull("id", "name") == [("1", "quill", False)]

    def test_a_row_that_is_back_as_it_was_counts_from_its_pull(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink"))
        table.pulls(watermark="updated_at", key=["id"], deletes=True)
        assert table.pull("id", "_counts_from") == [("1", None, False), ("2", None, False)]
        table.write("delete from t where id = 1")
        assert table.pull("id", "_counts_from") == [("1", None, True)]
        table.write(insert(1, "pen"), f"update t set updated_at = '{AT_11}' where id = 2")
        now = (table.now + timedelta(hours=1)).replace(tzinfo=None)
        assert table.pull("id", "_counts_from") == [("1", now, False), ("2", None, False)]

    def test_a_row_committed_late_is_caught_by_the_overlap(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen", AT_10), insert(2, "ink", AT_12))
        table.pulls(watermark="updated_at", overlap="1 hour").deliver()
        table.write(insert(3, "late", AT_11), insert(4, "too late", DAYS_AGO))
        assert table.pull("name") == [("late", False)]
        assert table.deliver() is None

    def test_rows_without_a_watermark_are_delivered_once(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "undated", None))
        table.pulls(watermark="updated_at").deliver()
        assert table.deliver() is None
        table.write(insert(3, "undated too", None))
        assert table.pull("name") == [("undated too", False)]

    def test_numbers_can_be_a_watermark(self, table: PulledTable) -> None:
        table.write(THINGS, insert(9, "pen"), insert(10, "ink"))
        table.pulls(watermark="id", overlap=1).deliver()
        table.write(insert(100, "new"), insert(8, "before the overlap"))
        assert table.pull("id") == [("100", False)]
        assert table.manifest().window_from == "9"

    def test_a_row_that_is_gone_is_delivered_as_deleted_with_its_last_values(
        self, table: PulledTable
    ) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink", AT_11))
        table.pulls(watermark="updated_at", key=["id"], deletes=True).deliver()
        table.write("delete from t where id = 1")
        assert table.pull("id", "name") == [("1", "pen", True)]
        assert table.deliver() is None

    def test_a_row_that_comes_back_as_it_was_is_delivered_again(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink", AT_12))
        table.pulls(watermark="updated_at", key=["id"], deletes=True).deliver()
        table.write("delete from t where id = 1")
        table.deliver()
        table.write(insert(1, "pen"))
        assert table.pull("id", "name") == [("1", "pen", False)]
        assert table.deliver() is None

    def test_where_deletes_count_no_row_stays_missed_however_late(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen", AT_12))
        table.pulls(watermark="updated_at", key=["id"], deletes=True).deliver()
        table.write(insert(2, "dated days ago", DAYS_AGO))
        assert table.pull("id") == [("2", False)]

    def test_a_table_that_was_set_back_is_read_whole(self, table: PulledTable) -> None:
        table.write(THINGS, insert(100, "pen"))
        table.pulls(watermark="id").deliver()
        table.write("delete from t", insert(1, "numbered anew"))
        assert table.pull("name") == [("numbered anew", False)]

    def test_a_row_from_the_future_hides_none_that_come_after_it(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "a slip of the pen", "2062-01-01 00:00:00"))
        table.pulls(watermark="updated_at").deliver()
        table.write(insert(2, "ink", f"{table.now:%Y-%m-%d %H:%M:%S}"))
        assert table.pull("name") == [("ink", False)]

    def test_equal_rows_of_a_table_without_a_key_are_all_delivered(
        self, table: PulledTable
    ) -> None:
        table.write("create table t (id integer, updated_at {moment})")
        table.write(f"insert into t values (1, '{AT_10}')")
        table.pulls(watermark="updated_at").deliver()
        table.write(f"insert into t values (1, '{AT_10}')")
        assert table.pull("id") == [("1", False)]

    def test_a_whole_table_is_delivered_whenever_it_differs_also_when_it_is_as_before(
        self, table: PulledTable
    ) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink"))
        before = [("1", "pen", False), ("2", "ink", False)]
        assert table.pull("id", "name") == before
        assert table.deliver() is None
        table.write("update t set name = 'quill' where id = 1")
        assert table.pull("id", "name") == [("1", "quill", False), ("2", "ink", False)]
        table.write("update t set name = 'pen' where id = 1")
        assert table.pull("id", "name") == before

    def test_a_whole_table_tells_what_is_gone_from_it(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink"))
        table.pulls(key=["id"], deletes=True).deliver()
        table.write("delete from t where id = 2")
        assert table.pull("id", "name") == [("1", "pen", False), ("2", "ink", True)]
        assert table.deliver() is None

    def test_a_column_added_is_in_the_next_file_and_one_dropped_is_not(
        self, table: PulledTable
    ) -> None:
        table.write(THINGS, insert(1, "pen"))
        table.pulls(watermark="updated_at", key=["id"], deletes=True).deliver()
        table.write("alter table t add column shelf varchar(9)")
        table.write(f"insert into t values (2, 'ink', '{AT_11}', 'B')")
        assert table.pull("id", "shelf") == [("2", "B", False)]
        table.write("alter table t drop column name", "delete from t where id = 1")
        table.write(f"insert into t values (3, '{AT_12}', 'C')")
        delivered = table.deliver()
        assert delivered is not None
        found = duckdb.sql(f"select id, shelf, name from '{delivered.path}' order by id")
        assert found.fetchall() == [("1", None, "pen"), ("2", "B", None), ("3", "C", None)]

    def test_the_file_says_what_was_read_but_not_where(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "ink", AT_11))
        table.pulls(watermark="updated_at", overlap="5 minutes").deliver()
        table.write(insert(3, "nib", AT_12))
        table.deliver()
        manifest = table.manifest()
        assert (manifest.table, manifest.watermark, manifest.rows) == ("t", "updated_at", 1)
        assert (manifest.window_from, manifest.window_to) == ("2026-01-01 10:55:00", AT_12)
        assert list(manifest.columns) == ["id", "name", "updated_at"]
        assert table.database.url not in next(table.inbox.iterdir()).read_bytes().decode("latin-1")

    @pytest.mark.parametrize(
        ("pull", "fault"),
        [
            ({"table": "nothing"}, "has no table nothing: see `pull` in feed.yaml"),
            ({"watermark": "changed"}, "has no column changed in t: see `pull`"),
            ({"key": ["number"]}, "has no column number in t"),
            ({"watermark": "name"}, "'name' of t is neither a time nor a number in 1 of 1 rows"),
            ({"watermark": "updated_at", "overlap": 5}, "is a time, and an overlap of 5"),
            ({"watermark": "id", "overlap": "5 days"}, "is a number, and an overlap of 5 days"),
        ],
    )
    def test_what_cannot_be_pulled_is_told(
        self, table: PulledTable, pull: dict[str, object], fault: str
    ) -> None:
        table.write(THINGS, insert(1, "pen"))
        table.pulls(**pull)
        with pytest.raises(SourceError, match=fault):
            _ = table.deliver(), table.deliver()

    def test_a_key_that_several_rows_have_is_refused(self, table: PulledTable) -> None:
        table.write(THINGS, insert(1, "pen"), insert(2, "pen"))
        table.pulls(key=["name"])
        with pytest.raises(SourceError, match="key name of t is not unique, 1 values come twice"):
            table.deliver()

    def test_a_table_without_a_column_the_feed_requires_delivers_nothing_until_it_is_back(
        self, table: PulledTable
    ) -> None:
        table.write("create table t (number integer)", "insert into t values (1)")
        with pytest.raises(SourceError, match="the header lacks id"):
            table.deliver()
        table.write("alter table t rename column number to id")
        assert table.pull() == [("1", False)]
