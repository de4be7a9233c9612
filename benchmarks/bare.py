"""The data work of a load as one DuckDB script; prints its totals as JSON.

Usage: ``python -m benchmarks.bare SHOP INBOX OUTPUT``, with the shop's folder in the inbox of a
home. Same threads and memory limit as a load, but no contracts, tests, history, locks or atomic
switch.
"""

import json
import sys
from pathlib import Path

import duckdb

from benchmarks.sheets import unpack_sheets
from benchmarks.shops import SHOPS, SIMMART
from benchmarks.work import bare_totals
from ecom_assets.duck import Config, identifier, quote
from ecom_assets.settings import settings

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
LINE_KINDS = ROOT / "ecom_assets" / "feeds" / "online_retail" / "line_kinds.csv"
COUNTRIES = ROOT / "dbt" / "seeds" / "countries.csv"
KPI_SCRIPTS = ("bare_kpis.sql", "bare_categories_cohorts_pairs.sql")
# Of what not every shop delivers.
AREAS = {
    SIMMART.name: (
        "bare_marketing.sql",
        "bare_payments.sql",
        "bare_inventory.sql",
        "bare_fraud.sql",
    )
}
SEGMENTS = ROOT / "dbt" / "seeds" / "rfm_segments.csv"
FRAUD_RULES = ROOT / "dbt" / "seeds" / "fraud_rules.csv"


def build(connection: duckdb.DuckDBPyConnection, shop: str, inbox: Path, output: Path) -> None:
    """Reads the files of an inbox and makes every table of the shop's scripts."""
    variables = {
        "inbox": inbox,
        "sheets": unpack_sheets(inbox, output / "sheets"),
        "output": output / "parquet",
        "line_kinds": LINE_KINDS,
        "segments": SEGMENTS,
        "fraud_rules": FRAUD_RULES,
        "countries": COUNTRIES,
        "store": inbox.name,
        "currency": SHOPS[shop].currency,
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = {quote(str(value))}")
    for script in (f"bare_{shop}.sql", *KPI_SCRIPTS, *AREAS.get(shop, ())):
        connection.execute((FOLDER / script).read_text("utf-8"))


def export(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Writes every table of the result, and of the rows as delivered, to one Parquet file."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where not temporary or table_name like 'raw_%'"
    )
    for (name,) in tables.fetchall():
        target = quote(str(folder / f"{name}.parquet"))
        connection.execute(f"copy {identifier(name)} to {target} (format parquet)")


def main() -> None:
    """Builds, exports and prints one JSON object."""
    shop, inbox, output = SHOPS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    (output / "parquet").mkdir(parents=True)
    limits: Config = {"threads": settings().threads}  # and as much memory as DuckDB likes
    with duckdb.connect(str(output / "bare.duckdb"), config=limits) as connection:
        build(connection, shop.name, inbox, output)
        export(connection, output / "parquet")
        connection.execute("checkpoint")
        found = bare_totals(shop, lambda sql: connection.execute(sql).fetchall()[0][0])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
