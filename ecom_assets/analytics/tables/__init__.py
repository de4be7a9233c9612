"""What the tables of the analytics are: one YAML file for each, and their loader.

A table's columns, types and descriptions stand here once: the table is made from them, Dagster
shows them, and what is computed is cast to them.
"""

from functools import lru_cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict


class Column(BaseModel):
    """A column: its SQL type, what it means, and whether every row has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    data_type: str
    description: str
    required: bool = False

    @property
    def definition(self) -> str:
        """The column in ``create table``."""
        return f"{self.name} {self.data_type}{' not null' if self.required else ''}"


class AnalyticsTable(BaseModel):
    """A table of the analytics.

    Attributes:
        table: Its name in the warehouse.
        description: What a row is and what it is good for.
        grain: The columns that identify a row.
        owner: Who answers for it.
        reads: The tables it is computed from.
        columns: Its columns, in order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    description: str
    grain: tuple[str, ...]
    owner: str
    reads: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def types(self) -> dict[str, str]:
        """The SQL type of each column, by its name."""
        return {column.name: column.data_type for column in self.columns}


@lru_cache(maxsize=1)
def analytics_tables() -> dict[str, AnalyticsTable]:
    """Returns all tables of the analytics by name, in alphabetical order."""
    found = sorted(
        (path for path in files(__name__).iterdir() if path.name.endswith(".yaml")),
        key=lambda path: path.name,
    )
    tables = [AnalyticsTable(**yaml.safe_load(path.read_text("utf-8"))) for path in found]
    return {table.table: table for table in tables}
