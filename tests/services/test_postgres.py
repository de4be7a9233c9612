"""Pulling from a real PostgreSQL: what holds of every database, its own types, and its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.pull_cases import PullCases
from tests.harness.pulled import PulledTable
from tests.services.database_servers import Postgres, serving
from tests.services.server_cases import ServerCases

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with serving(Postgres) as started:
        yield started  # type: ignore[misc]


@pytest.fixture
def table(server: Postgres, tmp_path: Path) -> Iterator[PulledTable]:
    server.run("drop schema public cascade", "create schema public")
    server.run("grant usage on schema public to clerk")
    server.run("alter default privileges in schema public grant select on tables to clerk")
    return PulledTable(tmp_path / "home", server)


class TestPostgres(PullCases, ServerCases):
    MAY_WRITE = "grant create on schema public to clerk"
    SERIES = """
        select g as id, 'thing ' || g as name, timestamp '2026-01-01' + g * interval '1 s'
            as updated_at, (g % 1000) * 1.25 as price, g % 2 = 0 as flag
        from generate_series(1, {}) as g
    """
    SLOW = "create view slow as select t.* from t where pg_sleep(0.01) is not null"
    READING = """
        select count(*) > 0 from pg_stat_activity
        where usename = 'clerk' and state = 'active' and query like '%slow%'
    """
    YES = "t"

    def forbid(self, table: PulledTable) -> None:
        table.write("revoke select on t from clerk")


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
    "interval": ("'1 day 02:00'", "1 day 02:00:00"),
    "time": ("'10:00'", "10:00:00"),
    "jsonb": ("""'{"a": [1, null]}'""", '{"a": [1, null]}'),
    "bytea": (r"'\xdead00'", r"\xdead00"),
    "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "text": ("'Ünïcode 😀'", "Ünïcode 😀"),
    "char(4)": ("'ab'", "ab"),
    "inet": ("'10.0.0.1'", "10.0.0.1/32"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_arrives_as_the_text_of_postgres(table: PulledTable, kind: str) -> None:
    written, text = VALUES[kind]
    table.write(f"create table t (id int, value {kind})", f"insert into t values (1, {written})")
    assert table.pull("value") == [(text, False)]


def test_far_times_and_those_before_christ_are_not_bent(table: PulledTable) -> None:
    """DuckDB's own type made the year 290279 before Christ of the last moment of Postgres."""
    table.write(
        "create table t (id int, at timestamptz)",
        "insert into t values (1, '294276-12-31 23:59:59.999999+00'), (2, '0044-03-15 BC')",
    )
    found = [row[0] for row in table.pull("at")]
    assert found == ["0044-03-15 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00"]


def test_a_table_of_another_schema_is_named_with_it(table: PulledTable) -> None:
    table.write(
        'drop schema if exists "Old" cascade; create schema "Old"',
        'create table "Old"."T" (id int)',
        'insert into "Old"."T" values (1)',
        'grant usage on schema "Old" to clerk; grant select on "Old"."T" to clerk',
    )
    assert table.pulls(table="Old.T").pull() == [("1", False)]


def test_times_with_a_zone_are_a_watermark_in_utc(table: PulledTable) -> None:
    table.write(
        "create table t (id int, at timestamptz)",
        "insert into t values (1, '2026-01-01 10:00:00+05')",
    )
    table.pulls(watermark="at", overlap="1 hour").deliver()
    table.write("insert into t values (2, '2026-01-01 04:30:00Z'), (3, '2026-01-01 03:30:00Z')")
    assert table.pull("id") == [("2", False)]
    assert table.manifest().window_from == "2026-01-01 04:00:00"
