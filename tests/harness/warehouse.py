"""A warehouse in memory that does what ``dbt build`` does, forty times as fast.

It takes the compiled SQL of the project and executes it in order; sources, changed keys and the
closing are the product's own code. ``tests/integration/warehouse/test_harness_equals_dbt.py``
proves it equal to the real thing, table by table.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import duckdb

from ecom_assets.contracts import load_contracts
from ecom_assets.duck import attach_warehouse, identifier, limits, quote
from ecom_assets.home import Home
from ecom_assets.publish.digest import table_digest
from ecom_assets.publish.gate import Gate, unbuilt
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.build import note_closed
from ecom_assets.warehouse.generation import current_generation
from ecom_assets.warehouse.project import load_project
from ecom_assets.warehouse.sources import changed_key, make_sources
from tests.harness.nodes import Node, data_tests, stored_nodes, strategy_sql

Row = tuple[Any, ...]


class Warehouse:
    """The warehouse of a home, kept in memory from load to load, or in the home's own files."""

    def __init__(self, home: Home, *, in_memory: bool = True) -> None:
        self.home = home
        self.connection = duckdb.connect(":memory:", config=limits(home.scratch, threads=1))
        if in_memory:
            self.connection.execute("attach ':memory:' as staging; attach ':memory:' as warehouse")
        else:
            attach_warehouse(self.connection, home)
        self._gate = Gate()
        self._built: set[str] = set()

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def build(self, only: Collection[str] | None = None) -> bool:
        """Builds the models (all, or some as a partial or killed run does) from the lake.

        Returns:
            Whether the whole graph is now built from what the lake holds.
        """
        generation = current_generation(self.home)
        make_sources(self.connection, self.home, load_stores(self.home), generation)
        nodes = [n for n in stored_nodes() if only is None or n.name in only]
        self._gate.about_to_write(n.name for n in nodes)
        for node in nodes:
            self._build(node)
            self._gate.wrote(node.name, generation.id)
        complete = not unbuilt(self._gate, load_project().models, generation.id)
        if complete:
            note_closed(self.connection, generation)
        return complete

    def build_first(self, nodes: int | None) -> bool:
        """Builds as many nodes as a run that is killed after them; all without a number."""
        return self.build(None if nodes is None else {n.name for n in stored_nodes()[:nodes]})

    def digests(self) -> dict[str, str]:
        """Returns the digest of every gold table, as the publication's ``digests`` would."""
        self.connection.execute("use warehouse")
        with TemporaryDirectory() as folder:
            found = {
                table: table_digest(self.connection, table, Path(folder))
                for table in load_project().gold
            }
        self.connection.execute("use memory")
        return found

    def failing_tests(self, *, in_tail: bool = False) -> dict[str, list[Row]]:
        """Returns some offending rows of every data test that fails.

        Args:
            in_tail: Judge what the last build has written, as it does, not tables as a whole.
        """
        results = {
            test.name: self.connection.execute(
                f"select * from ({test.sql if in_tail else judging_all(test.sql)}) limit 3"
            ).fetchall()
            for test in data_tests()
        }
        return {name: rows for name, rows in results.items() if rows}

    def rows(self, table: str) -> list[Row]:
        """Returns a gold table, ordered."""
        return self.connection.execute(
            f"select * from warehouse.main.{identifier(table)} order by all"
        ).fetchall()

    def scalar(self, sql: str) -> Any:
        """Returns the one value that a query yields."""
        row = self.connection.execute(sql).fetchone()
        return row[0] if row else None

    def _build(self, node: Node) -> None:
        run = self.connection.execute
        if node.kind == "incremental" and node.name in self._built:
            new_rows = identifier(f"{node.name}__new_rows")
            run(f"create or replace temp table {new_rows} as {node.sql}")
            run(f"begin transaction; {self._strategy(node, new_rows)}; commit")
            run(f"drop table {new_rows}")
        elif node.kind == "seed":
            if node.name not in self._built:
                kinds = _comma(node.config["column_types"])
                run(f"create table {node.relation} ({kinds})")
                run(f"copy {node.relation} from {quote(node.path)} (format csv, header true)")
        elif node.kind == "view":
            run(f"create or replace view {node.relation} as {node.sql}")
        elif node.columns:
            run(f"create or replace table {node.relation} ({node.ddl_columns})")
            run(f"insert into {node.relation} by name {node.sql}")
        else:
            run(f"create or replace table {node.relation} as {node.sql}")
        self._built.add(node.name)

    def _strategy(self, node: Node, new_rows: str) -> str:
        described = self.connection.execute(f"describe {node.relation}").fetchall()
        return strategy_sql(node.name, new_rows, tuple(str(row[0]) for row in described))


def judging_all(test: str) -> str:
    """Returns a data test that judges all rows, as after a first load."""
    beginnings = ", ".join(
        f"date '1900-01-01' as {name}" for name in ("changed_on", "changed_month", "rebuild_on")
    )
    told = test.replace(
        '"staging"."main"."rebuild_from"',
        f"(select store_id, {beginnings} from staging.raw.stores)",
    )
    for dataset in load_project().followed:
        key = ", ".join(("store_id", *changed_key(load_contracts()[dataset])))
        places, staged = [f"staging.raw.{dataset}"], dataset.replace("raw_", "stg_")
        if staged in load_project().models:
            places.append(f"staging.main.{staged}")
        if load_contracts()[dataset].replaced_by:
            key += ", cast('0001-01-01' as timestamp) as changed_from"
        keys = " union ".join(f"select distinct {key} from {place}" for place in places)
        told = told.replace(f'"staging"."changed"."{dataset}"', f"({keys})")
    return told


def _comma(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
