"""A PostgreSQL that is started again, and one that is restored from a copy of its disk."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecom_assets.errors import SourceError
from tests.harness.changed_table import ChangedTable
from tests.services.database_servers import LogicalPostgres, serving

pytestmark = pytest.mark.services

MUCH = "insert into filler select repeat('x', 1000) from generate_series(1, 5000)"


@pytest.fixture
def table(tmp_path: Path) -> Iterator[ChangedTable]:
    with serving(LogicalPostgres) as server:
        yield ChangedTable(tmp_path / "home", server)


def copied(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)


def test_changes_where_others_had_landed_are_told(table: ChangedTable) -> None:
    """Its log passed the position that had been read; what was written before that was lost."""
    server = table.database
    table.made("create table filler (x text)").deliver()
    data, copy = server.folder / "data", server.folder / "copy"
    server.stop()
    copied(data, copy)
    server.start()
    table.write("insert into t values (1, 'forgotten')", MUCH)
    assert len(table.pull()) == 1
    server.stop()
    shutil.rmtree(data)
    copied(copy, data)
    server.start()
    table.write("insert into t values (2, 'new')", MUCH, MUCH, "insert into t values (3, 'later')")
    with pytest.raises(SourceError, match="was restored from a copy: its log has other changes"):
        table.deliver()
    assert sorted(table.pull(anew=True)) == [
        ("1", "forgotten", True),
        ("2", "new", False),
        ("3", "later", False),
    ]


def test_a_server_that_was_killed_sends_again_what_has_landed(table: ChangedTable) -> None:
    server = table.database
    table.made().deliver()
    for number in range(3):
        table.write(f"insert into t values ({number}, 'pen')")
        assert len(table.pull()) == 1
    server.stop(server.KILL)
    server.start()
    table.write("insert into t values (9, 'ink')")
    assert table.pull() == [("9", "ink", False)]
