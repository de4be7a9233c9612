"""Times a snapshot, and the changes after it, of a table in a PostgreSQL started for it.

Usage: ``python -m benchmarks.pull_changes``; needs the server that
``scripts/install_databases.sh`` installs.
"""

import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.changed_table import ChangedTable
from tests.services.database_servers import LogicalPostgres, serving

ROWS = 500_000
TABLE = """
    create table t (id int primary key, name text, hash text, price numeric(8, 2), flag boolean,
        at timestamptz, number int, kind text)
"""
FILL = f"""
    insert into t select g, 'thing ' || g, md5(g::text), g % 1000, g % 2 = 0, now(), g, 'x'
    from generate_series(1, {ROWS}) as g
"""
STEPS = {
    "100,000 updates": "update t set name = name || '!' where id <= 100000",
    "100,000 deletes": "delete from t where id <= 100000",
    "400,000 updates": "update t set name = name || '!'",
    "nothing new": "select 1",
    "an emptied table": "truncate t",
}


class PatientPostgres(LogicalPostgres):
    """A server that keeps all changes."""

    SETTINGS = ("wal_level=logical",)


def main() -> None:
    """Prints the seconds of each pull, and the most memory that any took."""
    with serving(PatientPostgres) as server, TemporaryDirectory() as folder:
        table = ChangedTable(Path(folder) / "home", server).made(table=TABLE)
        table.write(FILL)
        print(f"snapshot of {ROWS:,} rows of eight columns: {_seconds(table):.1f} s")
        for what, statement in STEPS.items():
            table.write(statement)
            print(f"  {what}: {_seconds(table):.1f} s")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  most memory: {most:,.0f} MB")


def _seconds(table: ChangedTable) -> float:
    began = time.monotonic()
    table.deliver()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
