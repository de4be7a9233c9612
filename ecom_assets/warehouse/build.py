"""The state of change around a dbt invocation: what is being built, and what is built.

Changed keys stay changed until every model of the graph has been built for the same *generation*
(the hash of all inputs), so a kill or a partial run loses nothing. On Spark the same state lives in
tables of the same names.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ecom_assets.analytics.stored import make_analytics_tables
from ecom_assets.duck import insert_rows, warehouse_connection
from ecom_assets.home import Home
from ecom_assets.publish.versions import Unpublished
from ecom_assets.stores import Stores
from ecom_assets.warehouse.generation import Generation, current_generation
from ecom_assets.warehouse.project import load_project, project_fingerprint
from ecom_assets.warehouse.sources import STATE_TABLES, held_parts, make_sources


@dataclass(frozen=True)
class Build:
    """A build that has been opened.

    Attributes:
        generation: What it is made from.
        is_first: Whether no build of this warehouse was ever closed. Then all that it builds is
            built from all rows, with dbt's full refresh, and nobody looks for changed keys.
    """

    generation: Generation
    is_first: bool


def open_build(home: Home, stores: Stores) -> Build:
    """Makes the sources of the dbt project: raw views, changed keys, stores, deliveries.

    A warehouse of another version of the project, or of a lake that has been removed, is thrown
    away and built anew; the tables of the analytics are then empty until they are computed.
    """
    generation = current_generation(home)
    if _is_of_another_project(home) or _has_lost_parts(home):
        for path in (home.warehouse, home.staging):
            path.unlink(missing_ok=True)
            Path(f"{path}.wal").unlink(missing_ok=True)
    with warehouse_connection(home) as connection:
        is_first = not held_parts(connection)
        make_sources(connection, home, stores, generation, with_changed_keys=not is_first)
        make_analytics_tables(connection)
    return Build(generation, is_first)


def close_build(home: Home, generation: Generation) -> None:
    """Notes that every model has been built from these parts: nothing is changed any more."""
    with warehouse_connection(home) as connection:
        note_closed(connection, generation)


def note_closed(connection: duckdb.DuckDBPyConnection, generation: Generation) -> None:
    """Does what :func:`close_build` does, where ``staging`` is attached."""
    connection.execute(
        """
        begin transaction;
        insert into staging.state.unpublished by name
        select store_id, min(changed_on) as changed_on, min(orders_on) as orders_on
        from staging.state.changes group by store_id;
        delete from staging.state.changes;
        delete from staging.state.closed_parts;
        """
    )
    for name in ("documents", *load_project().followed):
        connection.execute(f"delete from staging.changed.{name}")
    parts = [(part.dataset, part.path) for part in generation.parts]
    insert_rows(connection, "staging.state.closed_parts", parts)
    connection.execute("commit")


def closed_parts(home: Home) -> set[str]:
    """Returns the parts that the warehouse was last wholly built from."""
    if not home.staging.is_file():
        return set()
    with warehouse_connection(home) as connection:
        return {path for _, path in held_parts(connection)}


def unpublished(home: Home) -> Unpublished:
    """Returns what has changed since the last publication."""
    with warehouse_connection(home) as connection:
        connection.execute(STATE_TABLES)
        rows = connection.execute(
            "select (select min(version) from staging.state.published), min(changed_on), "
            "min(orders_on) from staging.state.unpublished"
        ).fetchall()
    return Unpublished(*rows[0])


def forget_unpublished(home: Home, version: str) -> None:
    """Notes that everything built so far is published, as that version."""
    with warehouse_connection(home) as connection:
        connection.execute(STATE_TABLES)
        connection.execute(
            """
            begin transaction;
            delete from staging.state.unpublished;
            delete from staging.state.published;
            """
        )
        insert_rows(connection, "staging.state.published", [(version,)])
        connection.execute("commit")


def _is_of_another_project(home: Home) -> bool:
    if home.staging.is_file() != home.warehouse.is_file():  # one of the two files was lost
        return True
    if not home.staging.is_file():
        return False
    with warehouse_connection(home) as connection:
        connection.execute(STATE_TABLES)
        row = connection.execute("select fingerprint from staging.state.project").fetchone()
    return row is not None and row[0] != project_fingerprint()


def _has_lost_parts(home: Home) -> bool:
    """What has changed since is told by the parts built from; without them nobody can say."""
    return any(not (home.lake / path).is_file() for path in closed_parts(home))
