"""A variable that names another database than at the last pull."""

from pathlib import Path

from tests.harness.pulled import PulledTable, SqliteFile

THINGS = "create table t (id integer primary key, updated_at)"


def test_another_database_is_read_as_a_whole_and_told(tmp_path: Path) -> None:
    """Its rows older than the newest of the other one were never read."""
    staging, shop = SqliteFile(tmp_path / "staging.db"), SqliteFile(tmp_path / "shop.db")
    staging.run(THINGS, "insert into t values (900, '2026-01-05')")
    shop.run(THINGS, "insert into t values (1, '2026-01-01'), (2, '2026-01-06')")
    table = PulledTable(tmp_path / "home", staging, key=["id"], watermark="updated_at")
    assert "another" not in str(table.deliver())
    table.database = shop
    told = str(table.deliver())
    assert told == (
        "pulled 2 rows from another database than last time, whose whole table was read"
    )
    shop.run("insert into t values (3, '2026-01-07')")
    assert str(table.deliver()) == "pulled 1 rows"


def test_a_manifest_tells_databases_apart_and_not_where_they_are(tmp_path: Path) -> None:
    shop = SqliteFile(tmp_path / "secret-name.db")
    shop.run(THINGS, "insert into t values (1, '2026-01-01')")
    table = PulledTable(tmp_path / "home", shop)
    table.deliver()
    manifest = table.manifest()
    assert manifest.database
    assert "secret-name" not in manifest.model_dump_json()
