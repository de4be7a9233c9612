"""Pulling from a real MariaDB: what holds of every database, its own types, and its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.pull_cases import PullCases
from tests.harness.pulled import PulledTable
from tests.services.database_servers import MariaDb, serving
from tests.services.server_cases import ServerCases

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDb]:
    with serving(MariaDb) as started:
        yield started  # type: ignore[misc]


@pytest.fixture
def table(server: MariaDb, tmp_path: Path) -> PulledTable:
    server.ask(
        "create or replace database shop character set utf8mb4",
        "grant select on shop.* to clerk@'127.0.0.1'",
    )
    return PulledTable(tmp_path / "home", server)


class TestMariaDb(PullCases, ServerCases):
    MAY_WRITE = "grant all on shop.* to clerk@'127.0.0.1'"
    SERIES = """
        select seq as id, concat('thing ', seq) as name,
            '2026-01-01 00:00:00' + interval seq second as updated_at,
            (seq % 1000) * 1.25 as price, seq % 2 = 0 as flag
        from seq_1_to_{}
    """
    SLOW = "create view slow as select t.* from t where sleep(0.01) = 0"
    READING = """
        select count(*) > 0 from information_schema.processlist
        where user = 'clerk' and command <> 'Sleep' and info like '%slow%'
    """
    YES = "1"

    def forbid(self, table: PulledTable) -> None:
        table.write("revoke select on shop.* from clerk@'127.0.0.1'")
        table.write(
            "create table others (id int)", "grant select on shop.others to clerk@'127.0.0.1'"
        )


VALUES = {
    "bigint unsigned": ("18446744073709551615",) * 2,
    "decimal(65, 30)": ("12345678901234567890123456789012345.123456789012345678901234567890",) * 2,
    "decimal(12, 4)": ("1.5", "1.5000"),
    "double": ("0.1", "0.1"),
    "tinyint(1)": ("2", "2"),
    "boolean": ("true", "1"),
    "bit(1)": ("b'1'", "1"),
    "bit(16)": ("b'1000000000000001'", "8001"),
    "date": ("'0000-00-00'", "0000-00-00"),
    "datetime": ("'2026-00-00 00:00:00'", "2026-00-00 00:00:00"),
    "datetime(6)": ("'2026-03-29 01:30:00.123456'", "2026-03-29 01:30:00.123456"),
    "timestamp null": ("'2026-03-29 01:30:00'", "2026-03-28 20:30:00"),
    "time": ("'838:59:59'", "838:59:59"),
    "year": ("2026", "2026"),
    "json": ("""'{"a": [1, null]}'""", '{"a": [1, null]}'),
    "blob": ("x'dead00'", "DEAD00"),
    "varbinary(9)": ("x'00ff'", "00FF"),
    "text": ("concat('a', char(0), 'b')", "a\0b"),
    "varchar(20)": ("'Ünïcode 😀'", "Ünïcode 😀"),
    "enum('x', 'y')": ("'y'", "y"),
    "set('x', 'y')": ("'x,y'", "x,y"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_arrives_as_the_text_of_mariadb(table: PulledTable, kind: str) -> None:
    written, text = VALUES[kind]
    table.write(f"create table t (id int, value {kind})", f"insert into t values (1, {written})")
    assert table.pull("value") == [(text, False)]


def test_a_zero_date_is_no_watermark(table: PulledTable) -> None:
    table.write(
        "create table t (id int, at datetime)",
        "insert into t values (1, '0000-00-00'), (2, '2026-01-01')",
    )
    table.pulls(watermark="at").deliver()
    assert table.deliver() is None
    assert table.manifest().window_to == "2026-01-01 00:00:00"


def test_a_timestamp_is_a_watermark_in_utc_whatever_the_zone_of_the_server(
    table: PulledTable,
) -> None:
    table.write(
        "create table t (id int, at timestamp null)",
        "insert into t values (1, '2026-01-01 10:00:00')",
    )
    table.pulls(watermark="at", overlap="1 hour").deliver()
    table.write("insert into t values (2, '2026-01-01 09:30:00'), (3, '2026-01-01 08:30:00')")
    assert table.pull("id") == [("2", False)]
    assert table.manifest().window_from == "2026-01-01 04:00:00"


def test_a_table_of_another_database_is_named_with_it(table: PulledTable) -> None:
    table.write(
        "create or replace database old",
        "create table old.`T``s` (id int)",
        "insert into old.`T``s` values (1)",
        "grant select on old.* to clerk@'127.0.0.1'",
    )
    assert table.pulls(table="old.T`s").pull() == [("1", False)]
