"""Connections: their limits, and where they spill."""

import signal
import threading
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

from ecom_assets.duck import (
    interruptible,
    list_literal,
    make_room,
    make_table,
    scratch_connection,
    side_by_side,
    warehouse_connection,
)
from ecom_assets.home import Home
from ecom_assets.settings import Settings, settings


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    row = connection.execute(f"select current_setting('{name}')").fetchone()
    assert row
    return str(row[0])


def test_no_two_connections_spill_into_one_folder(tmp_path: Path) -> None:
    """They overwrote each other's pages: a load stood still or died of a segmentation fault."""
    home = Home(tmp_path)
    with scratch_connection(home) as one, scratch_connection(home) as other:
        folders = {setting(connection, "temp_directory") for connection in (one, other)}
        assert len(folders) == 2
        assert all(Path(folder).is_dir() for folder in folders)
    assert list(home.scratch.iterdir()) == []


def test_connections_side_by_side_share_the_memory(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with scratch_connection(home) as whole, scratch_connection(home, threads=1) as half:
        assert setting(whole, "memory_limit") == "953.6 MiB"
        assert setting(half, "memory_limit") == "476.8 MiB"


@pytest.mark.parametrize(
    ("rows", "said", "expected"),
    [
        (0, None, "953.6 MiB"),
        (10_000_000, None, "953.6 MiB"),
        (20_000_000, None, "1.5 GiB"),
        (20_000_000, "700MB", "667.5 MiB"),
    ],
)
def test_a_build_of_many_rows_has_more_memory_if_nobody_says_how_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, said: str | None, expected: str
) -> None:
    """Of ten times a year no model of the orders could be built."""
    if said:
        monkeypatch.setenv("ECOM_MEMORY_LIMIT", said)
    settings.cache_clear()
    with warehouse_connection(Home(tmp_path)) as connection:
        connection.execute(
            "create schema staging.raw; create table staging.raw.parts (rows bigint)"
        )
        connection.execute(f"insert into staging.raw.parts values ({rows // 2}), ({rows // 2})")
        make_room(connection)
        assert setting(connection, "memory_limit") == expected
    monkeypatch.undo()
    settings.cache_clear()


def test_cursors_of_a_database_share_no_temporary_tables(tmp_path: Path) -> None:
    """Batches are read in one database one after the other; rows of one must not be in the next."""
    with scratch_connection(Home(tmp_path), threads=1) as database:
        for _ in range(2):
            with database.cursor() as one, database.cursor() as other:
                for connection in (one, other):
                    connection.execute(
                        "create temp table t as select 1; create temp view v as from t"
                    )
                assert setting(one, "memory_limit") == "476.8 MiB"
        assert database.execute("show all tables").fetchall() == []


def test_a_table_is_made_anew_with_its_types(tmp_path: Path) -> None:
    types = {"no": "integer", "on": "date", "a name": "varchar"}
    rows = [(1, date(2026, 3, 1), 'it\'s "so"'), (2, None, None)]
    with scratch_connection(Home(tmp_path)) as connection:
        for given in (rows, rows, []):
            make_table(connection, '"t"', types, given)
            assert connection.execute("from t").fetchall() == given
        described = connection.execute("describe t").fetchall()
    assert [(name, kind.lower()) for name, kind, *_ in described] == list(types.items())


@pytest.mark.parametrize("limit", ["1.2.3GB", ".GB", "1.GB", "two GB", "2"])
def test_a_limit_that_is_no_number_of_bytes_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """`1.2.3GB` was let pass, and the first connection failed as no float."""
    monkeypatch.setenv("ECOM_MEMORY_LIMIT", limit)
    with pytest.raises(ValidationError, match="memory_limit"):
        Settings()


@pytest.mark.parametrize("limit", ["2GB", "1.5 GiB", "900000000B"])
def test_limits_are_taken_as_duckdb_writes_them(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setenv("ECOM_MEMORY_LIMIT", limit)
    assert Settings().memory_limit == limit


@pytest.mark.parametrize("texts", [[], ["a"], ["it's", 'a "b"', "a\\b", "['x', 'y']", "a\nb"]])
def test_texts_are_a_list_in_sql_whatever_they_hold(texts: list[str]) -> None:
    """The repr of a Python list was taken for SQL, which it is only where no text has a quote."""
    row = duckdb.execute(f"select {list_literal(texts)}").fetchone()
    assert row
    assert row[0] == texts


def test_ctrl_c_ends_a_statement_that_is_being_executed() -> None:
    """A long query went on for as long as it liked, whatever was pressed."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been ignored
    count = "select sum(a.range * b.range) from range(1000000) a, range(20000) b"
    started = time.monotonic()
    try:
        with duckdb.connect() as connection:
            press = [threading.main_thread().ident, signal.SIGINT]
            threading.Timer(0.2, signal.pthread_kill, press).start()
            with pytest.raises(KeyboardInterrupt):
                interruptible(connection, lambda: connection.execute(count).fetchall())
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - started < 5


# Side by side


def times_two(connection: duckdb.DuckDBPyConnection, number: int) -> int:
    return connection.execute(f"select a * {number} from t").fetchall()[0][0]


def test_what_is_done_side_by_side_comes_in_the_order_of_the_items(tmp_path: Path) -> None:
    with scratch_connection(Home(tmp_path)) as connection:
        connection.execute("create table t as select 2 as a")
        assert side_by_side(connection, range(20), times_two) == [2 * n for n in range(20)]
        assert side_by_side(connection, [], times_two) == []
        assert times_two(connection, 1) == 2  # it is still open


def test_what_fails_side_by_side_is_raised(tmp_path: Path) -> None:
    with (
        scratch_connection(Home(tmp_path)) as connection,
        pytest.raises(duckdb.CatalogException, match="Table with name t does not exist"),
    ):
        side_by_side(connection, range(3), times_two)
