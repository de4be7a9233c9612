"""Times a pull of a whole table against one bare DuckDB COPY of it, and a pull that finds nothing.

Usage: ``python -m benchmarks.pull VARIABLE TABLE WATERMARK KEY``, where the environment variable
holds the URL of a database. The bare COPY takes DuckDB's types, which lose what the pull keeps.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ecom_assets.duck import file_literal, identifier
from ecom_assets.feeds import Feed
from ecom_assets.home import Home
from ecom_assets.settings import source_secret
from ecom_assets.sources.databases.address import Address, parse_address
from ecom_assets.sources.databases.connection import SOURCE, source_connection
from ecom_assets.sources.databases.pull_table import pull_table

REPEATS = 3
SCHEMAS = {"sqlite": "main", "postgres": "public"}


def main() -> None:
    """Prints the best seconds of each."""
    variable, table, watermark, key = sys.argv[1:5]
    address = parse_address(variable, source_secret(variable))
    feed = _feed(table, watermark, key)
    print(f"{address.kind}: best of {REPEATS}, without connecting")
    bare = _best(address, lambda home, connection: _copy(home, connection, address, table))
    print(f"  bare COPY of {table}: {bare:.2f} s")
    whole = _best(address, lambda home, connection: _pull(home, connection, address, feed))
    print(f"  first pull:       {whole:.2f} s, {whole / bare:.1f} times that")
    again = _best(address, lambda home, connection: _pull(home, connection, address, feed), again=1)
    print(f"  nothing new:      {again:.2f} s")


def _best(
    address: Address, work: Callable[[Home, duckdb.DuckDBPyConnection], object], again: int = 0
) -> float:
    found: list[float] = []
    for _ in range(REPEATS):
        with (
            TemporaryDirectory() as folder,
            source_connection(Home(Path(folder)), address) as open_,
        ):
            for _ in range(again):
                work(Home(Path(folder)), open_)
            started = time.monotonic()
            work(Home(Path(folder)), open_)
            found.append(time.monotonic() - started)
    return min(found)


def _copy(home: Home, open_: duckdb.DuckDBPyConnection, address: Address, table: str) -> None:
    schema = SCHEMAS.get(address.kind, address.place.get("database", ""))
    rows = f"{SOURCE}.{identifier(schema)}.{identifier(table)}"
    open_.execute(f"copy (from {rows}) to {file_literal(home.root / 'bare.parquet')}")


def _pull(home: Home, open_: duckdb.DuckDBPyConnection, address: Address, feed: Feed) -> None:
    pull_table(open_, home, address, ("shop", feed), datetime.now(UTC))


def _feed(table: str, watermark: str, key: str) -> Feed:
    return Feed.model_validate(
        {
            "feed": "things",
            "description": "What is timed.",
            "owner": "team:benchmarks",
            "format": "parquet",
            "pattern": r".*\.parquet",
            "example": "things.parquet",
            "delivered_on": {"from": "landed"},
            "columns": [{"name": "key", "header": key, "required": True}],
            "pull": {
                "table": table,
                "watermark": watermark,
                "overlap": "15 minutes",
                "key": [key],
                "deletes": True,
            },
        }
    )


if __name__ == "__main__":
    main()
