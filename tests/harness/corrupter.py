"""Changes one value of a column of the published tables, and tells which data tests notice."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecom_assets.duck import identifier
from ecom_assets.warehouse.project import load_project
from tests.harness.nodes import data_tests
from tests.harness.warehouse import Warehouse, judging_all

# What a changed value becomes, by its type; a number is one more.
CHANGED = {
    "boolean": "not {}",
    "date": "{} + 1",
    "timestamp": "{} + interval 400 day",
    "varchar": "{} || 'x'",
}
OF_THE_VALUES = "statistics_propagation,compressed_materialization"


@dataclass(frozen=True, order=True)
class Column:
    """A column of a published table that is no part of its grain."""

    table: str
    name: str
    kind: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def columns() -> Iterator[Column]:
    """Yields every column of gold that is no part of a grain."""
    project = load_project()
    for table in project.gold:
        for name, kind in project.columns(table).items():
            if name not in project.grain(table):
                yield Column(table, name, kind.lower())


class Corrupter:
    """Breaks a warehouse that is whole, one value at a time, and takes each damage back.

    The blocking tests are prepared once: planning them takes longer than running them. What the
    plan would take from the values that were there at the time is left out of it.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._run = warehouse.connection.execute
        self._run("use warehouse")
        self._run(f"set disabled_optimizers = '{OF_THE_VALUES}'")
        blocking = {test.name: test.models for test in load_project().tests if test.blocking}
        self._tests = {t.name: blocking[t.name] for t in data_tests() if t.name in blocking}
        for test in data_tests():
            if test.name in self._tests:
                query = f"select 1 from ({judging_all(test.sql)}) limit 1"
                self._run(f"prepare {identifier(test.name)} as {query}")

    def red_after_a_change(self, column: Column) -> frozenset[str] | None:
        """Changes the newest value of a column; returns the blocking tests that go red.

        Returns:
            None where the column has no value to change.
        """
        table, name = identifier(column.table), identifier(column.name)
        row = self._run(
            f"select rowid from {table} where {name} is not null "
            f"order by {newest_first(column.table)} limit 1"
        ).fetchone()
        if row is None:
            return None
        change = CHANGED.get(column.kind, "{} + 1").format(name)
        self._run("begin transaction")
        try:
            self._run(f"update {table} set {name} = {change} where rowid = {row[0]}")
            return self.red(column.table)
        finally:
            self._run("rollback")

    def red(self, table: str | None = None) -> frozenset[str]:
        """Returns the blocking tests, or those of them that read a table, that are red."""
        return frozenset(
            test
            for test, models in self._tests.items()
            if table in (None, *models)
            and self._run(f"execute {identifier(test)}").fetchone() is not None
        )


def newest_first(table: str) -> str:
    """Returns the order in which the newest row of a table comes first, an unknown member last."""
    project = load_project()
    config = project.manifest["nodes"][f"model.ecom.{table}"]["config"]
    grain = project.grain(table)
    unknown = [f"{key} = '0'" for key in grain if table.startswith("dim_")]
    day = [f"{config['tail_column']} desc"] if config.get("tail_column") else []
    return ", ".join([*day, *unknown, *grain])
