"""The contract of a raw dataset: what a row must be to be accepted.

Belongs here: the shape of the YAML files beside this module and their loader. Does not belong
here: SQL (see ``ingest/judge_rows.py``) and Dagster (see ``ingest/assets.py``).
"""

from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

ColumnType = Literal["text", "integer", "quantity", "money", "rate", "boolean", "date", "timestamp"]

SQL_TYPES: dict[ColumnType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "quantity": "decimal(18,4)",
    "money": "decimal(18,4)",
    "rate": "decimal(18,8)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}

LINEAGE_COLUMNS: dict[str, str] = {
    "store_id": "varchar",
    "feed": "varchar",
    "document_id": "varchar",
    "overflow": "varchar",
    "delivered_on": "date",
    "landed_at": "timestamp",
    "source_file": "varchar",
    "source_row": "bigint",
}


class Column(BaseModel):
    """One column: its type and what a value must satisfy.

    Attributes:
        name: Column name in the raw dataset.
        type: Logical type; timestamps are UTC, money has four decimals.
        required: A missing value rejects the row.
        default: SQL literal taken where the value is missing.
        description: What it means, in words a newcomer understands.
        pii: Kind of personal data, if any.
        one_of: The allowed values.
        minimum: Smallest allowed value.
        maximum: Largest allowed value.
        pattern: Regular expression that the whole text must match.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: ColumnType
    description: str
    required: bool = False
    default: str | None = None
    pii: Literal["name", "email", "phone", "birth", "address", "network", "payment"] | None = None
    one_of: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None

    @property
    def sql_type(self) -> str:
        """The column's type in SQL."""
        return SQL_TYPES[self.type]


class Rule(BaseModel):
    """A rule over several columns of a row.

    Attributes:
        name: Short name, shown as the reason's rule.
        sql: Boolean SQL expression; false rejects the row, null accepts it.
        reason: Sentence shown with the rejected row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sql: str
    reason: str


class Freshness(BaseModel):
    """Hours after the last materialisation at which a dataset is late, then stale."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    warn_after_hours: float = 30
    fail_after_hours: float = 54


class Contract(BaseModel):
    """The contract of one raw dataset.

    Attributes:
        dataset: Name, equal to the asset key (``raw_...``).
        description: What the dataset holds.
        grain: One row per what.
        owner: Dagster owner (``team:...``).
        key: Natural key, without the store.
        replaced_by: The column by which staging replaces rows, where that is not the key: all rows
            of a value are made anew when one of them changes.
        is_history: Rows of one key in one file with equal ``updated_at`` are versions in row
            order; elsewhere differing rows of one key are quarantined as ``conflicting_key``.
        gathers_lines: A row may stand for several lines of a document, as an order does; it says
            nothing of what became of each of them.
        columns: The business columns.
        rules: Rules over several columns.
        freshness: When the dataset counts as late.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(pattern=r"^raw_[a-z_]+$")
    description: str
    grain: str
    owner: str
    key: tuple[str, ...]
    replaced_by: tuple[str, ...] = ()
    is_history: bool = False
    gathers_lines: bool = False
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    freshness: Freshness = Freshness()

    @model_validator(mode="after")
    def _key_columns_exist(self) -> "Contract":
        names = [column.name for column in self.columns]
        unknown = [name for name in self.key + self.replaced_by if name not in names]
        if unknown:
            raise ValueError(f"{self.dataset}: {', '.join(unknown)} is no column of the dataset")
        if len(set(names)) != len(names):
            raise ValueError(f"{self.dataset}: a column is declared twice")
        return self

    @property
    def name(self) -> str:
        """The dataset's name without ``raw_``: the name of a feed's SQL file."""
        return self.dataset.removeprefix("raw_")

    @property
    def has_updated_at(self) -> bool:
        """Whether rows say when they were last changed."""
        return any(column.name == "updated_at" for column in self.columns)

    def table_schema(self) -> dict[str, str]:
        """Returns all column names with their SQL types: business columns, then lineage."""
        return {column.name: column.sql_type for column in self.columns} | LINEAGE_COLUMNS


@lru_cache(maxsize=1)
def load_contracts() -> dict[str, Contract]:
    """Reads all contracts of the package, by dataset name, in alphabetical order."""
    folder = files("ecom_assets.contracts")
    texts = sorted(
        item.read_text("utf-8") for item in folder.iterdir() if item.name[-5:] == ".yaml"
    )
    contracts = [Contract.model_validate(yaml.safe_load(text)) for text in texts]
    return {contract.dataset: contract for contract in sorted(contracts, key=lambda c: c.dataset)}
