"""Digests: one hash per published table, equal if and only if the tables are equal.

The rows are written as CSV in the order of all their columns, so that neither the order of loads
nor the layout of files shows.
"""

import hashlib
from pathlib import Path

import duckdb

from ecom_assets.duck import identifier, published_connection, quote, scratch_folder
from ecom_assets.home import Home


def digests(version: Path) -> dict[str, str]:
    """Returns the SHA-256 of every table of a published version, by table name."""
    home = Home(version.parents[1])
    with (
        published_connection(version, sealed=False) as connection,
        scratch_folder(home) as folder,
    ):
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main' order by 1"
        ).fetchall()
        return {str(name): table_digest(connection, str(name), folder) for (name,) in names}


def table_digest(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> str:
    """Returns the SHA-256 of one table; `folder` holds its rows for a moment."""
    target = folder / "rows.csv"
    connection.execute(
        f"copy (select * from {identifier(table)} order by all) to {quote(str(target))} "
        "(format csv, header true)"
    )
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
