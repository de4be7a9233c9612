"""Digests: one hash per published table, equal if and only if the tables are equal.

The rows are written as CSV in the order of the table's grain, so that neither the order of loads
nor the layout of files shows.
"""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ecom_assets.duck import identifier, published_connection, quote


def digests(version: Path) -> dict[str, str]:
    """Returns the SHA-256 of every table of a published version, by table name."""
    with published_connection(version) as connection, TemporaryDirectory() as folder:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main' order by 1"
        ).fetchall()
        return {str(name): table_digest(connection, str(name), Path(folder)) for (name,) in names}


def table_digest(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> str:
    """Returns the SHA-256 of one table; `folder` holds its rows for a moment."""
    target = folder / "rows.csv"
    connection.execute(
        f"copy (select * from {identifier(table)} order by all) to {quote(str(target))} "
        "(format csv, header true)"
    )
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
