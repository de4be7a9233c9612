"""Published versions: atomic, complete, pruned, and compared with the warehouse."""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from asset_checks.publication import publication_differences
from ecom_assets.duck import warehouse_connection
from ecom_assets.errors import QueryError
from ecom_assets.home import Home
from ecom_assets.publish.digest import digests
from ecom_assets.publish.parquet import Table
from ecom_assets.publish.query import ask
from ecom_assets.publish.versions import (
    Unchanged,
    Unpublished,
    Version,
    checksums,
    current_folder,
    current_version,
    draft_version,
    point_to,
    remove_drafts,
    remove_old_versions,
    switch_to,
    unchanged_since,
    version_in_place,
)

TABLES = [Table("facts", "day"), Table("dims", None)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A warehouse of two tables over two months."""
    home = Home(tmp_path)
    with warehouse_connection(home) as connection:
        connection.execute(
            """
            create table warehouse.main.facts (day date, id integer, amount decimal(18, 4));
            insert into warehouse.main.facts values
                ('2011-07-31', 1, 1.5), ('2011-08-01', 2, 2.5), ('2011-08-02', 3, 3.5);
            create table warehouse.main.dims (id integer, name varchar);
            insert into warehouse.main.dims values (1, 'one');
            """
        )
    return home


def publish(
    home: Home, name: str, unchanged: Unchanged | None = None, tables: Sequence[Table] = TABLES
) -> None:
    draft = draft_version(home, name, tables, unchanged)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    version = Version(
        version=name,
        generation=name,
        published_at=now,
        run_id="r",
        rows={},
        checksums=checksums(draft.folder),
        digests=draft.digests,
    )
    switch_to(home, draft, version)


def test_readers_see_the_version_that_was_switched_to(home: Home) -> None:
    publish(home, "v1")
    assert ask(home, "select count(*) from facts").rows == ((3,),)
    assert current_version(home).version == "v1"  # type: ignore[union-attr]


def test_an_older_version_can_be_pointed_to_again(home: Home) -> None:
    publish(home, "v1")
    publish(home, "v2")
    point_to(home, "v1")
    assert current_folder(home).name == "v1"


def test_before_the_first_publication_the_reader_is_told_what_to_do(home: Home) -> None:
    with pytest.raises(QueryError, match="ecom run"):
        ask(home, "select 1")


def test_a_link_that_leads_nowhere_is_named(home: Home) -> None:
    """Nothing was said to be published, while good versions lay beside it."""
    publish(home, "v1")
    point_to(home, "v0")
    with pytest.raises(QueryError, match="points at v0, which is not there; versions: v1"):
        ask(home, "select 1")


def test_a_link_that_is_gone_is_named_with_what_sets_it_anew(home: Home) -> None:
    """Files for the inbox were asked for, while good versions lay beside it."""
    publish(home, "v1")
    home.current_version.unlink()
    link = re.escape(f"{home.current_version}, the link to the version that is read, is not there")
    with pytest.raises(QueryError, match=rf"{link}; versions: v1\. `ecom run` publishes"):
        ask(home, "select 1")


@pytest.mark.parametrize("said", ["", "{}", '{"version": 1}'])
def test_a_damaged_version_is_none_and_named(home: Home, said: str) -> None:
    """Every command ended in a traceback, and nothing was published any more."""
    publish(home, "v1")
    (home.current_version / "version.json").write_text(said)
    assert version_in_place(home) is None
    assert unchanged_since(home, Unpublished("v1")) is None
    with pytest.raises(QueryError, match=r"version\.json is damaged: `ecom run` publishes anew"):
        ask(home, "select 1")


def test_a_wrong_query_is_an_error_in_words(home: Home) -> None:
    publish(home, "v1")
    with pytest.raises(QueryError, match="no_such_table"):
        ask(home, "select * from no_such_table")


def test_readers_cannot_write(home: Home) -> None:
    publish(home, "v1")
    with pytest.raises(QueryError, match="read-only"):
        ask(home, "delete from facts")


def test_readers_reach_no_file(home: Home) -> None:
    """A query overwrote the published Parquet files, which versions share."""
    publish(home, "v1")
    file = home.current_version / "parquet/dims/all.parquet"
    before = file.read_bytes()
    with pytest.raises(QueryError, match="disabled by configuration"):
        ask(home, f"copy (select 1 as one) to '{file}' (format parquet)")
    assert file.read_bytes() == before


def test_months_before_the_change_are_linked_not_written(home: Home) -> None:
    publish(home, "v1")
    publish(home, "v2", unchanged_since(home, Unpublished("v1", date(2011, 8, 2))))
    july = [home.published / v / "parquet/facts/2011-07.parquet" for v in ("v1", "v2")]
    august = [home.published / v / "parquet/facts/2011-08.parquet" for v in ("v1", "v2")]
    assert july[0].samefile(july[1])
    assert not august[0].samefile(august[1])


def test_a_month_of_which_the_last_days_may_have_changed_is_written(home: Home) -> None:
    """It was linked, and the whole publication was then made a second time, without links."""
    publish(home, "v1")
    unchanged = unchanged_since(home, Unpublished("v1", date(2011, 8, 1)))
    assert unchanged
    assert unchanged.file_of(TABLES[0], date(2011, 7, 1))
    looking_ahead = replace(TABLES[0], look_ahead_days=1)
    assert unchanged.file_of(looking_ahead, date(2011, 7, 1)) is None


def test_what_became_of_an_order_changes_tables_by_its_day_alone(home: Home) -> None:
    publish(home, "v1")
    known = Unpublished("v1", changed_from=date(2011, 8, 2), orders_from=date(2011, 7, 30))
    unchanged = unchanged_since(home, known)
    assert unchanged
    assert unchanged.file_of(TABLES[0], date(2011, 7, 1))
    by_order_day = replace(TABLES[0], is_by_order_day=True)
    assert unchanged.file_of(by_order_day, date(2011, 7, 1)) is None


def test_a_month_of_which_a_row_ends_anew_is_written(home: Home) -> None:
    """A later row ends it, on whatever day: its month lies before all that has changed."""
    spans = [replace(TABLES[0], has_spans=True)]
    publish(home, "v1", tables=spans)
    with warehouse_connection(home) as connection:
        connection.execute("update warehouse.main.facts set amount = 9 where id = 1")
    publish(home, "v2", unchanged_since(home, Unpublished("v1", date(2011, 9, 1))), spans)
    months = ("2011-07", "2011-08")
    before, after = (
        [home.published / v / f"parquet/facts/{m}.parquet" for m in months] for v in ("v1", "v2")
    )
    assert not before[0].samefile(after[0])
    assert before[1].samefile(after[1])
    assert duckdb.sql(f"select amount from '{after[0]}'").fetchall() == [(9,)]


def test_a_file_that_somebody_has_changed_is_not_linked(home: Home) -> None:
    publish(home, "v1")
    july = home.published / "v1/parquet/facts/2011-07.parquet"
    july.write_bytes(july.read_bytes()[:-1] + b"?")
    publish(home, "v2", unchanged_since(home, Unpublished("v1")))
    written = home.published / "v2/parquet/facts/2011-07.parquet"
    assert not written.samefile(july)
    assert duckdb.sql(f"select id from '{written}'").fetchall() == [(1,)]


def test_a_linked_month_of_other_rows_is_found(home: Home) -> None:
    publish(home, "v1")
    with warehouse_connection(home) as connection:
        connection.execute("insert into warehouse.main.facts values ('2011-07-30', 4, 1)")
    unchanged = unchanged_since(home, Unpublished("v1", date(2011, 8, 2)))
    draft = draft_version(home, "v2", TABLES, unchanged).folder
    with duckdb.connect() as connection:
        found = publication_differences(connection, home.warehouse, draft, TABLES, unchanged)
    assert [(row["table"], row["place"]) for row in found] == [("facts", "parquet")]


def test_a_written_month_of_other_values_is_found_beside_linked_ones(home: Home) -> None:
    publish(home, "v1")
    unchanged = unchanged_since(home, Unpublished("v1", date(2011, 8, 2)))
    draft = draft_version(home, "v2", TABLES, unchanged).folder
    august = draft / "parquet/facts/2011-08.parquet"
    changed = f"select day, id, amount + 1 as amount from '{august}'"
    duckdb.sql(f"copy ({changed}) to '{august}.new' (format parquet)")
    august.with_name(f"{august.name}.new").replace(august)
    with duckdb.connect() as connection:
        found = publication_differences(connection, home.warehouse, draft, TABLES, unchanged)
    assert [(row["table"], row["place"]) for row in found] == [("facts", "parquet")]


def test_months_are_linked_from_no_version_but_the_last_published(home: Home) -> None:
    """Linking from the one that readers see, or from the one of the highest name, brought back
    older months, and no load could publish any more.
    """
    publish(home, "v1")
    with warehouse_connection(home) as connection:
        connection.execute("update warehouse.main.facts set amount = 9 where id = 1")
    publish(home, "v2")
    point_to(home, "v1")
    publish(home, "v3", unchanged_since(home, Unpublished("v2", date(2011, 8, 2))))
    july = [home.published / v / "parquet/facts/2011-07.parquet" for v in ("v1", "v2", "v3")]
    assert july[1].samefile(july[2])
    shutil.rmtree(home.published / "v2")
    assert unchanged_since(home, Unpublished("v2", date(2011, 8, 2))) is None
    assert unchanged_since(home, Unpublished(None)) is None


def test_a_month_that_the_last_version_has_lost_is_written(home: Home) -> None:
    publish(home, "v1")
    (home.published / "v1/parquet/facts/2011-07.parquet").unlink()
    publish(home, "v2", unchanged_since(home, Unpublished("v1")))
    assert (home.published / "v2/parquet/facts/2011-07.parquet").is_file()


def test_only_the_newest_versions_stay_and_never_goes_the_current_one(home: Home) -> None:
    for number in range(1, 5):
        publish(home, f"v{number}")
    point_to(home, "v1")
    (home.published / ".v9").mkdir()
    removed = remove_old_versions(home, keep=2, keep_bytes=10**12)
    assert sorted(removed) == [".v9", "v2"]
    assert sorted(p.name for p in home.published.iterdir()) == ["current", "v1", "v3", "v4"]


def test_versions_beyond_the_bytes_go(home: Home) -> None:
    publish(home, "v1")
    publish(home, "v2")
    assert remove_old_versions(home, keep=5, keep_bytes=0) == ["v1"]


def test_equal_tables_have_equal_digests_whatever_the_order_of_rows(home: Home) -> None:
    publish(home, "v1")
    first = digests(current_folder(home))
    with warehouse_connection(home) as connection:
        connection.execute(
            """
            create or replace table warehouse.main.facts as
            select * from warehouse.main.facts order by id desc;
            update warehouse.main.dims set name = 'uno';
            """
        )
    publish(home, "v2")
    second = digests(current_folder(home))
    assert first["facts"] == second["facts"]
    assert first["dims"] != second["dims"]


def test_a_table_of_more_months_than_files_that_duckdb_keeps_open_has_one_file_each(
    tmp_path: Path,
) -> None:
    """It began a second file of a month: the others' rows had to be written first."""
    home = Home(tmp_path)
    with warehouse_connection(home) as connection:
        connection.execute(
            "create table warehouse.main.facts as select "
            "cast(date '2000-01-15' + to_months(cast(i % 150 as integer)) as date) as day, i as id "
            "from range(1_500_000) as t(i)"
        )
    draft = draft_version(home, "v1", TABLES[:1], None).folder
    assert len(list((draft / "parquet/facts").iterdir())) == 150
    with duckdb.connect() as connection:
        assert not publication_differences(connection, home.warehouse, draft, TABLES[:1])


def test_what_is_drafted_and_not_switched_to_is_removed(home: Home) -> None:
    """A draft that did not fit on the disk stayed, and each retry left another."""
    publish(home, "v1")
    with pytest.raises(duckdb.CatalogException):
        draft_version(home, "v2", [*TABLES, Table("gone", None)], None)
    others = home.published / f".{os.getppid()}-v2"
    others.mkdir()
    remove_drafts(home)
    assert sorted(path.name for path in home.published.iterdir()) == [
        others.name,
        "current",
        "v1",
    ]


def test_a_copy_that_differs_from_the_warehouse_is_found(home: Home) -> None:
    draft = draft_version(home, "v1", TABLES, None).folder
    with duckdb.connect(str(draft / "warehouse.duckdb")) as connection:
        connection.execute("update facts set amount = amount + 1 where id = 1")
    (draft / "parquet/facts/2011-08.parquet").unlink()
    with duckdb.connect() as connection:
        found = publication_differences(connection, home.warehouse, draft, TABLES)
    assert [(row["table"], row["place"]) for row in found] == [
        ("facts", "warehouse.duckdb"),
        ("facts", "parquet"),
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "update facts set amount = 4 - amount where id < 3",
        "update facts set day = day + 1",
        "update dims set name = 'two'",
    ],
)
def test_a_copy_of_equal_sums_that_differs_is_found(home: Home, sql: str) -> None:
    """Only rows and sums were compared."""
    draft = draft_version(home, "v1", TABLES, None).folder
    with duckdb.connect(str(draft / "warehouse.duckdb")) as connection:
        connection.execute(sql)
    with duckdb.connect() as connection:
        assert publication_differences(connection, home.warehouse, draft, TABLES)


def test_changes_that_wait_in_the_log_of_the_warehouse_are_compared_too(home: Home) -> None:
    """The file is that of the copy, byte for byte; what the warehouse holds is not."""
    draft = draft_version(home, "v1", TABLES, None).folder
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute("update dims set name = 'two'")
    with duckdb.connect() as connection:
        found = publication_differences(connection, home.warehouse, draft, TABLES)
    assert [(row["table"], row["place"]) for row in found] == [
        ("dims", "warehouse.duckdb"),
        ("dims", "parquet"),
    ]


def test_a_copy_with_other_bytes_and_equal_tables_has_no_differences(home: Home) -> None:
    draft = draft_version(home, "v1", TABLES, None).folder
    with duckdb.connect(str(draft / "warehouse.duckdb")) as connection:
        connection.execute("create table scribbled as select 1 as one; drop table scribbled")
    with duckdb.connect() as connection:
        assert not publication_differences(connection, home.warehouse, draft, TABLES)


def test_an_equal_copy_has_no_differences(home: Home) -> None:
    draft = draft_version(home, "v1", TABLES, None).folder
    with duckdb.connect() as connection:
        assert not publication_differences(connection, home.warehouse, draft, TABLES)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("parquet/facts/2011-08.parquet", b"PAR1"),
        ("parquet/facts/2011-08.parquet", None),
        ("warehouse.duckdb", b"no database " * 1000),
        ("warehouse.duckdb", None),
    ],
)
def test_a_copy_that_cannot_be_read_differs(home: Home, name: str, content: bytes | None) -> None:
    """The comparison ended in an error of DuckDB, and so did every load from then on."""
    draft = draft_version(home, "v1", TABLES, None).folder
    for file in (draft / name).parent.iterdir():
        if content is None and file.is_file():
            file.unlink()
    if content:
        (draft / name).write_bytes(content)
    with duckdb.connect() as connection:
        found = publication_differences(connection, home.warehouse, draft, TABLES)
    assert [row["place"] for row in found] == [Path(name).parts[0]]


@pytest.mark.parametrize("name", ["warehouse.duckdb", "parquet/facts/2011-08.parquet"])
@pytest.mark.parametrize("part", [0.1, 0.25, 0.5])
def test_a_copy_that_was_cut_short_or_overwritten_anywhere_differs(
    home: Home, name: str, part: float
) -> None:
    """DuckDB tells of that with whatever error it comes to, or with an error of Python."""
    draft = draft_version(home, "v1", TABLES, None).folder
    whole = (draft / name).read_bytes()
    cut = int(len(whole) * part)
    for content in (whole[:cut], whole[:cut] + bytes([255]) * (len(whole) - cut)):
        (draft / name).write_bytes(content)
        with duckdb.connect() as connection:
            found = publication_differences(connection, home.warehouse, draft, TABLES)
        assert {row["place"] for row in found} == {Path(name).parts[0]}
