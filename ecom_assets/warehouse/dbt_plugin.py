"""dbt-duckdb plugin: lets dbt see the databases of the current home, within our limits."""

import os

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from ecom_assets.crash import crash_point
from ecom_assets.duck import attach_warehouse, limits, make_room, quote
from ecom_assets.home import Home


class Plugin(BasePlugin):
    """Attaches ``warehouse`` and ``staging`` to dbt's in-memory database."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Sets the limits and attaches the databases of the home that ``ECOM_HOME`` names."""
        home = Home.current()
        home.warehouse.parent.mkdir(parents=True, exist_ok=True)
        spill = home.scratch / f"{os.getpid()}-dbt"
        spill.mkdir(parents=True, exist_ok=True)
        for name, value in limits(spill).items():
            conn.execute(f"set {name} = {quote(str(value))}")
        attach_warehouse(conn, home)
        make_room(conn)
        crash_point("dbt_connected")  # kills dbt, not the run that waits for it
