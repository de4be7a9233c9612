"""The analytics of a warehouse that is attached, computed by the product's queries and models."""

from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from ecom_assets.analytics.models import MODELS
from ecom_assets.analytics.stored import DRAFT, draft_tables
from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.home import Home
from tests.integration.recomputed.facts import Rows, published


def computed(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> Rows:
    """Returns the rows of a table of the analytics by its grain, in the types of its columns.

    Args:
        connection: One in which ``warehouse`` and ``staging`` are attached.
        table: The table.
        folder: Where files may be left.
    """
    frame = computed_frame(connection, table, folder)
    draft_tables(connection, Home(folder), {table: frame})
    return published(connection, f"{DRAFT}{table}", *analytics_tables()[table].grain)


def computed_frame(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> pl.DataFrame:
    """Returns a table of the analytics as its model computes it, to the last digit."""
    frames: dict[str, pl.DataFrame] = {}
    for query in MODELS[table].queries:
        sql = files("ecom_assets.analytics").joinpath("sql", f"{query}.sql").read_text("utf-8")
        target = folder / f"{query}.parquet"
        connection.execute(f"copy ({sql}) to '{target}' (format parquet)")
        frames[query] = pl.read_parquet(target)
    return MODELS[table].computed(frames).frame
