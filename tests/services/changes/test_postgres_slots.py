"""Slots of a real PostgreSQL: what is refused, what is lost, and what outlives a kill."""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.sources.changes.lsn import parse_lsn
from ecom_assets.sources.changes.replication import replication
from ecom_assets.sources.databases.address import parse_address
from tests.harness.changed_table import SLOT, THINGS, ChangedTable
from tests.harness.pulled import FIRST_PULL
from tests.services.database_servers import PASSWORD, QUOTED, until

pytestmark = pytest.mark.services

PEN = "insert into t values (1, 'pen'), (2, 'ink')"
SECRETS = (PASSWORD, QUOTED, "clerk", "127.0.0.1")
CHANGES = 100_000


def faults(table: ChangedTable) -> str:
    with pytest.raises(SourceError) as caught:
        table.deliver()
    told = repr(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)
    assert not [secret for secret in SECRETS if secret in told]
    return str(caught.value)


def slots(table: ChangedTable) -> str:
    return table.database.ask("select slot_name from pg_replication_slots")


def test_a_home_restored_without_its_notes_tells_that_changes_are_lost(
    table: ChangedTable, tmp_path: Path
) -> None:
    """What was pulled after the backup was lost without a word: only a note told of it."""
    table.made(PEN).deliver()
    shutil.copytree(table.inbox, tmp_path / "backup")
    table.write("insert into t values (3, 'between')")
    table.deliver()
    restored = ChangedTable(tmp_path / "restored", table.database).pulls()
    restored.now = table.now
    shutil.copytree(tmp_path / "backup", restored.inbox)
    assert "does not stand where what has landed ends" in faults(restored)
    assert restored.pull(anew=True) == [("3", "between", False)]
    table.write("insert into t values (4, 'later')")
    assert restored.pull() == [("4", "later", False)]


def test_a_home_without_its_notes_reads_on_where_nothing_was_read_since(
    table: ChangedTable,
) -> None:
    table.made(PEN).deliver()
    table.home.confirmed_changes.unlink()
    table.write("insert into t values (3, 'later')")
    assert table.pull() == [("3", "later", False)]


def test_a_table_that_others_inherit_from_is_refused(table: ChangedTable) -> None:
    """Rows of the others came with the snapshot, and their changes never."""
    table.made("create table child () inherits (t)")
    assert "has tables that inherit from t, whose rows show in it" in faults(table)


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        ((), "has no table t: see `pull` in feed.yaml"),
        ((THINGS,), "has no publication ecom: its owner makes one with: create publication ecom"),
        (
            (THINGS, "create table u (id int)", "create publication ecom for table u"),
            "does not have t: alter publication ecom add table t",
        ),
        (
            (THINGS, "create publication ecom for table t with (publish = 'insert')"),
            "leaves out a kind of change: alter publication ecom set (publish = 'insert, update",
        ),
        (
            (THINGS, "create publication ecom for table t where (id > 5)"),
            "lets only some rows of t through: publish the table without `where`",
        ),
        (
            ("create table t (id int, name text)", "create publication ecom for table t"),
            "gone by nothing, and the feed by id: make these the primary key, or: alter table t",
        ),
        (
            (
                "create table t (id int, no int, name text, primary key (id, no))",
                "create publication ecom for table t",
            ),
            "gone by id, no, and the feed by id: make these the primary key",
        ),
        (
            (THINGS, "create publication ecom for table t", "revoke select on t from clerk"),
            "does not let this user read t: grant select on it",
        ),
    ],
)
def test_what_cannot_be_read_is_told_before_anything_is_made(
    table: ChangedTable, statements: tuple[str, ...], fault: str
) -> None:
    table.write("select 1", *statements)
    assert fault in faults(table)
    assert slots(table) == ""


def test_who_may_not_replicate_is_told(table: ChangedTable) -> None:
    table.made()
    table.database.ask("alter user clerk noreplication")
    try:
        assert "does not let this user read changes: alter role ... with" in faults(table)
    finally:
        table.database.ask("alter user clerk replication")


def test_a_key_that_several_rows_have_is_refused(table: ChangedTable) -> None:
    table.made(
        "alter table t replica identity full",
        "insert into t values (1, 'pen'), (1, 'ink')",
        table="create table t (id int, name text)",
    )
    assert "key id of t is not unique, 1 values come twice" in faults(table)
    assert slots(table) == ""


def test_a_slot_that_was_dropped_asks_for_a_new_snapshot(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    table.write("delete from t where id = 1", "insert into t values (3, 'nib')")
    table.database.ask(f"select pg_drop_replication_slot('{SLOT}')")
    assert "has no slot ecom_shop_things any more" in (fault := faults(table))
    assert "take a new snapshot with: ecom pull --snapshot" in fault
    assert sorted(table.pull(anew=True)) == [("1", "pen", True), ("3", "nib", False)]
    table.write("insert into t values (4, 'cap')")
    assert table.pull() == [("4", "cap", False)]


def test_a_log_that_was_thrown_away_asks_for_a_new_snapshot(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    table.write("create table other (v text)")
    for _ in range(12):
        table.write("insert into other select repeat('x', 1000) from generate_series(1, 12000)")
        table.write("select pg_switch_wal()")
    table.write("checkpoint")
    assert "has thrown away changes that slot ecom_shop_things had not read" in faults(table)
    assert table.pull(anew=True) == []
    table.write("insert into t values (4, 'cap')")
    assert table.pull() == [("4", "cap", False)]


def test_a_table_made_anew_asks_for_a_new_snapshot(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    table.write("drop table t", THINGS, "alter publication ecom add table t")
    table.write("insert into t values (2, 'ink')")
    assert "has made the table anew since the last pull" in faults(table)
    assert table.pull(anew=True) == [("1", "pen", True)]


def test_a_slot_of_another_home_is_not_taken_away(table: ChangedTable, tmp_path: Path) -> None:
    table.made(PEN).deliver()
    other = ChangedTable(tmp_path / "other", table.database)
    assert "has a slot ecom_shop_things already, and nothing that has landed here" in faults(other)
    other.pulls(changes={"publication": "ecom", "slot": "another"})
    assert len(other.pull()) == 2
    table.write("insert into t values (3, 'nib')")
    assert table.pull() == other.pull() == [("3", "nib", False)]


def test_a_home_restored_from_a_backup_is_told_what_it_lacks(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    noted = table.home.confirmed_changes.read_bytes()
    table.write("insert into t values (3, 'nib')")
    lost = table.deliver()
    assert lost is not None
    lost.path.unlink()
    table.home.confirmed_changes.write_bytes(noted)
    assert "was read on, but not by this home" in faults(table)
    assert table.pull(anew=True) == [("3", "nib", False)]


def test_a_table_nobody_writes_lets_the_server_forget(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    before = parse_lsn(table.confirmed())
    table.write("create table other (v text)", "insert into other values ('x')")
    assert table.deliver() is None
    assert parse_lsn(table.confirmed()) > before
    assert table.deliver() is None


def test_a_slot_that_somebody_reads_is_told(
    table: ChangedTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecom_assets.sources.changes.slot.PATIENCE_SECONDS", 0.5)
    table.made(PEN).deliver()
    with replication(parse_address("X", table.database.url)) as stream:
        options = {"proto_version": "1", "publication_names": "ecom"}
        stream.start_replication(slot_name=SLOT, options=options)
        assert "is being read by somebody else: pull again" in faults(table)


def test_changes_confirmed_to_the_server_were_on_disk_before(table: ChangedTable) -> None:
    table.made(PEN)
    table.deliver()
    table.write("insert into t values (3, 'nib')")
    table.deliver()
    stream = table.manifest().stream
    assert stream is not None
    assert parse_lsn(table.confirmed()) >= parse_lsn(stream.end)


KILLED = """
import sys
from pathlib import Path
from datetime import timedelta
from tests.harness.changed_table import ChangedTable

class Database:
    url = sys.argv[2]

table = ChangedTable(Path(sys.argv[1]), Database())
table.now += timedelta(hours=int(sys.argv[3]))
table.deliver()
"""


def killed_at(table: ChangedTable, point: str) -> None:
    """Pulls in a process of its own that kills itself at a point."""
    table.now += timedelta(hours=1)
    hours = int((table.now - FIRST_PULL).total_seconds()) // 3600
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(table.home.root), table.database.url, str(hours)],
        env={**os.environ, "ECOM_CRASH_POINT": point},
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    table.now += timedelta(hours=1)


@pytest.mark.parametrize("point", ["snapshot_written", "slot_kept"])
def test_a_pull_killed_at_its_snapshot_leaves_no_slot_behind_and_delivers_once(
    table: ChangedTable, point: str
) -> None:
    table.made(PEN)
    killed_at(table, point)
    until(lambda: "snapshot" not in slots(table))
    assert slots(table) == (SLOT if point == "slot_kept" else "")
    table.write("insert into t values (3, 'nib')")
    table.deliver()
    table.write("insert into t values (4, 'cap')")
    table.deliver()
    assert table.landed("id") == [(str(number), False) for number in range(1, 5)]


def test_a_pull_killed_between_file_and_confirmation_delivers_nothing_twice(
    table: ChangedTable,
) -> None:
    table.made(PEN).deliver()
    table.write("insert into t values (3, 'nib')", "update t set name = 'quill' where id = 1")
    before = table.confirmed()
    killed_at(table, "changes_handed_over")
    assert table.confirmed() == before
    table.write("delete from t where id = 2")
    assert table.pull() == [("2", "ink", True)]
    assert table.landed("id")[2:] == [("3", False), ("1", False), ("2", True)]
    assert parse_lsn(table.confirmed()) > parse_lsn(before)


def test_a_server_killed_before_it_was_told_hears_it_at_the_next_pull(
    table: ChangedTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said that nothing of the pull was kept, of which the file lay in the inbox."""
    table.made(PEN).deliver()
    table.write("insert into t values (3, 'nib')")
    server = table.database
    with monkeypatch.context() as patch:
        stop = "ecom_assets.sources.changes.streamed.crash_point"
        patch.setattr(stop, lambda _point: server.stop(server.KILL))
        with pytest.raises(SourceError, match="told that 1 changes of t have been delivered and"):
            table.deliver()
    server.start()
    assert table.deliver() is None
    assert table.landed("id") == [("1", False), ("2", False), ("3", False)]


def test_a_server_killed_in_the_middle_of_the_stream_leaves_nothing_and_is_read_on(
    table: ChangedTable,
) -> None:
    table.made(PEN).deliver()
    server = table.database
    table.write(
        f"insert into t select g, 'thing ' || g from generate_series(3, {3 * CHANGES}) as g"
    )
    reading = "select count(*) > 0 from pg_stat_replication where sent_lsn is not null"
    with ThreadPoolExecutor(1) as pool:
        pulling = pool.submit(table.deliver)
        until(lambda: server.ask(reading) == "t")
        server.stop(server.KILL)
        with pytest.raises(SourceError, match="nothing of this pull was kept, the next one goes"):
            pulling.result(timeout=60)
    assert len(list(table.inbox.glob("*"))) == 1
    server.start()
    delivered = table.deliver()
    assert delivered is not None
    assert delivered.rows == 3 * CHANGES - 2
    assert table.deliver() is None


def test_a_hundred_thousand_changes(
    table: ChangedTable, capsys: pytest.CaptureFixture[str]
) -> None:
    table.made()
    table.deliver()
    each = CHANGES // 4
    table.write(
        f"insert into t select g, 'thing ' || g, md5(g::text) from generate_series(1, {each}) g",
        f"update t set name = name || '!' where id <= {each}",
        f"update t set big = null where id <= {each}",
        f"delete from t where id <= {each}",
    )
    began = time.monotonic()
    delivered = table.deliver()
    with capsys.disabled():
        print(f"\n{CHANGES:,} changes: {time.monotonic() - began:.1f} s")  # noqa: T201
    assert delivered is not None
    assert (delivered.rows, delivered.deleted) == (CHANGES, each)


def test_no_part_of_the_url_is_in_the_home(table: ChangedTable) -> None:
    table.made(PEN).deliver()
    table.write("insert into t values (3, 'nib')")
    table.deliver()
    written = [p.read_bytes().decode("latin-1") for p in table.home.root.rglob("*") if p.is_file()]
    assert len(written) >= 3
    assert not [secret for secret in SECRETS if any(secret in text for text in written)]
