"""A real PostgreSQL whose changes are read, and its table ``t``, made anew for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.changed_table import ChangedTable
from tests.services.database_servers import LogicalPostgres, serving


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
