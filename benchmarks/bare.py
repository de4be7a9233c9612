"""The year's data work as one DuckDB script (``bare.sql``); prints its seconds and totals as JSON.

Usage: ``python -m benchmarks.bare CSV_FOLDER OUTPUT_FOLDER``. Same threads and memory limit as a
load, but no contracts, tests, history, locks or atomic switch.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.usage import cpu_seconds, peak_kib
from benchmarks.work import totals
from ecom_assets.duck import Config, identifier, quote
from ecom_assets.settings import settings

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(__file__).with_name("bare.sql")
LINE_KINDS = ROOT / "ecom_assets" / "feeds" / "online_retail" / "line_kinds.csv"
SEGMENTS = ROOT / "dbt" / "seeds" / "rfm_segments.csv"


def build(connection: duckdb.DuckDBPyConnection, files: Path) -> None:
    """Reads the daily CSVs of a folder and makes every table of ``bare.sql``."""
    variables = {"files": files / "*.csv", "line_kinds": LINE_KINDS, "segments": SEGMENTS}
    for name, value in variables.items():
        connection.execute(f"set variable {name} = {quote(str(value))}")
    connection.execute(SCRIPT.read_text("utf-8"))


def export(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Writes every table to one Parquet file."""
    folder.mkdir()
    tables = connection.execute("select table_name from duckdb_tables() where not temporary")
    for (name,) in tables.fetchall():
        target = quote(str(folder / f"{name}.parquet"))
        connection.execute(f"copy {identifier(name)} to {target} (format parquet)")


def main() -> None:
    """Builds, exports and prints one JSON object."""
    files, output = (Path(argument) for argument in sys.argv[1:3])
    limits: Config = {"threads": settings().threads, "memory_limit": settings().memory_limit}
    started = time.monotonic()
    with duckdb.connect(str(output / "bare.duckdb"), config=limits) as connection:
        build(connection, files)
        built = time.monotonic()
        export(connection, output / "parquet")
        connection.execute("checkpoint")
        seconds = {"build": built - started, "export": time.monotonic() - built}
        found = totals(lambda sql: connection.execute(sql).fetchall()[0][0])
    used = {"peak_kib": peak_kib(), "cpu": cpu_seconds()}
    print(json.dumps({"seconds": seconds, **used, "totals": found}))


if __name__ == "__main__":
    main()
