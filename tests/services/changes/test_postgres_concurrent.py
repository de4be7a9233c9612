"""Changes of a real PostgreSQL that is written while it is read: none is lost, none comes twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from ecom_assets.errors import SourceError
from tests.harness.changed_table import ChangedTable
from tests.services.database_servers import Postgres, serving, until

pytestmark = pytest.mark.services

WRITERS = 3
ADD = "insert into t values (%s, %s)"
WAITING = (
    "select count(*) > 0 from pg_stat_activity where query like 'CREATE_REPL%' and state = 'active'"
)


def opened(server: Postgres) -> Any:
    """Opens a connection of the shop's own, who may write."""
    place = {"host": str(server.folder), "port": server.port, "user": "root", "dbname": "shop"}
    return closing(psycopg2.connect(**place))


def keep_writing(server: Postgres, first: int, done: threading.Event) -> list[int]:
    """Writes rows, some in long transactions and some rolled back; returns what was committed."""
    committed: list[int] = []
    with opened(server) as connection, connection.cursor() as cursor:
        for number in range(first, first + 100_000, 3):
            for key in range(number, number + 3):
                cursor.execute(ADD, (key, f"of {number}"))
            cursor.execute("update t set name = name || '!' where id = %s", (number,))
            if number % 7 == 0:
                connection.rollback()
                continue
            connection.commit()
            committed += range(number, number + 3)
            if done.is_set():
                break
    return committed


def test_nothing_is_lost_or_doubled_while_others_write(table: ChangedTable) -> None:
    table.made()
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        starts = [1_000_000 * writer for writer in range(1, WRITERS + 1)]
        writing = [pool.submit(keep_writing, table.database, start, done) for start in starts]
        until(lambda: table.database.ask("select count(*) > 50 from t", database="shop") == "t")
        for _ in range(4):
            table.deliver()
        done.set()
        committed = [key for future in writing for key in future.result(timeout=60)]
    table.deliver()
    assert table.deliver() is None
    found = table.landed("id", "name")
    now = table.database.ask("select id, name from t order by id", database="shop").splitlines()
    last = {key: name for key, name, _ in found}
    assert sorted(f"{key}|{name}" for key, name in last.items()) == sorted(now)
    assert sorted(map(int, last)) == sorted(committed)
    seen = [(key, name) for key, name, _ in found]
    assert len(set(seen)) == len(seen)


def test_a_transaction_that_began_before_the_slot_is_waited_for_and_comes_once(
    table: ChangedTable,
) -> None:
    table.made()
    with (
        opened(table.database) as connection,
        connection.cursor() as cursor,
        ThreadPoolExecutor(1) as pool,
    ):
        cursor.execute(ADD, (1, "early"))
        pulling = pool.submit(table.deliver)
        until(lambda: table.database.ask(WAITING) == "t")
        connection.commit()
        pulling.result(timeout=60)
    table.write("insert into t values (2, 'late')")
    table.deliver()
    assert table.landed() == [("1", "early", False), ("2", "late", False)]


def test_a_transaction_that_does_not_end_is_not_waited_for_forever(
    table: ChangedTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecom_assets.sources.changes.replication.LOCK_TIMEOUT", "1s")
    table.made()
    with opened(table.database) as connection, connection.cursor() as cursor:
        cursor.execute(ADD, (1, "early"))
        with pytest.raises(SourceError, match="is locked by a writer: pull again when that is"):
            table.deliver()
    assert table.database.ask("select slot_name from pg_replication_slots") == ""


def test_transactions_count_in_the_order_of_their_commits(table: ChangedTable) -> None:
    """The one that began and wrote first is committed last, and so is in a later pull."""
    table.made("insert into t values (1, 'a'), (2, 'b')").deliver()
    with opened(table.database) as connection, connection.cursor() as cursor:
        cursor.execute("update t set name = 'slow' where id = 1")
        table.write("update t set name = 'quick' where id = 2")
        assert table.pull() == [("2", "quick", False)]
        connection.commit()
    table.write("update t set name = 'last' where id = 1")
    assert table.pull() == [("1", "slow", False), ("1", "last", False)]


def test_a_server_that_keeps_no_changes_is_told(tmp_path: Path) -> None:
    with serving(Postgres) as server:
        table = ChangedTable(tmp_path / "home", server).made()
        with pytest.raises(SourceError, match=r"\(wal_level is replica\): set wal_level = logical"):
            table.deliver()
