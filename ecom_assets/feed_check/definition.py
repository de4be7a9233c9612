"""What is wrong with the SQL of a feed, told before any file has come."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ecom_assets.contracts import Column, Contract, load_contracts
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import Feed
from ecom_assets.ingest.judge_lines import lines_sql
from ecom_assets.ingest.judge_rows import dataset_rows_sql
from ecom_assets.ingest.judging import (
    FAULTY_SQL,
    UNCOMPUTABLE,
    make_seeds,
    produced_columns,
    shape_faults,
    type_lines,
)
from ecom_assets.ingest.read import read_files
from ecom_assets.stores import Store

_NUMBERS = ("integer", "quantity", "money", "rate")
_MOMENTS = ("date", "timestamp")
# What SQL yields for a column, by how its type begins, and the contract's types it can be.
_CASTS = {
    "VARCHAR": ("text", *_NUMBERS, *_MOMENTS, "boolean"),
    "BOOLEAN": ("text", "boolean", "integer"),
    "DATE": ("text", *_MOMENTS),
    "TIMESTAMP": ("text", *_MOMENTS),
    **dict.fromkeys(("DECIMAL", "DOUBLE", "FLOAT"), ("text", *_NUMBERS)),
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT", "UTINYINT"),
        ("text", *_NUMBERS, "boolean"),
    ),
    '"NULL"': ("text", *_NUMBERS, *_MOMENTS, "boolean"),
}


@dataclass(frozen=True)
class Definition:
    """What a feed's files say.

    Attributes:
        faults: What keeps it from being loaded.
        filled: The datasets, and the columns as ``dataset.column``, that it fills.
    """

    faults: Sequence[str]
    filled: frozenset[str]


def check_definition(connection: duckdb.DuckDBPyConnection, feed: Feed, store: Store) -> Definition:
    """Checks rules and SQL of a feed over no lines at all; leaves ``lines`` and the seeds."""
    read_files(connection, feed.model_copy(update={"format": "csv"}), {})
    try:
        type_lines(connection, feed, store)
    except ConfigurationError as error:
        return Definition([_near(str(error), [c.name for c in feed.columns])], frozenset())
    connection.execute(lines_sql(feed))
    make_seeds(connection, feed)
    faults: list[str] = []
    filled: set[str] = set()
    if not feed.sql:
        faults.append(
            f"feeds/{feed.feed} fills no dataset: write one SQL file for each dataset it fills, "
            "as orders.sql"
        )
    for contract in (load_contracts()[dataset] for dataset in sorted(feed.sql)):
        produced = _produced(connection, feed, contract, faults)
        filled |= {contract.name} | {f"{contract.name}.{name}" for name in produced}
    return Definition(faults, frozenset(filled))


def filled_by(
    connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed], store: Store
) -> set[str]:
    """Returns what feeds fill: datasets, and their columns as ``dataset.column``."""
    return {name for feed in feeds for name in check_definition(connection, feed, store).filled}


def _produced(
    connection: duckdb.DuckDBPyConnection, feed: Feed, contract: Contract, faults: list[str]
) -> Mapping[str, str]:
    """Returns what the SQL of a dataset yields, and notes what is wrong with it."""
    place = f"feeds/{feed.feed}/{contract.name}.sql"
    try:
        produced = produced_columns(connection, feed, contract)
    except ConfigurationError as error:
        faults.append(_near(str(error), _names(connection)))
        return {}
    shape = shape_faults(feed, contract, produced)
    faults.extend(_near(fault, _names_of(contract)) for fault in shape)
    faults.extend(f"{place} {fault}" for fault in _contract_faults(contract, produced))
    if shape:
        return produced
    try:
        connection.execute(dataset_rows_sql(contract, produced, feed.sql[contract.dataset]))
    except (*FAULTY_SQL, *UNCOMPUTABLE) as error:
        faults.append(f"{place} cannot be computed: {str(error).splitlines()[0]}")
    return produced


def _contract_faults(contract: Contract, produced: Mapping[str, str]) -> Iterator[str]:
    for column in contract.columns:
        if column.name not in produced:
            if column.required and column.default is None:
                yield (
                    f"does not fill {column.name}, which {contract.dataset} requires: "
                    f"{column.description.strip()} Add `<column> as {column.name}`"
                )
        elif not _fits(produced[column.name], column):
            yield (
                f"yields {column.name} as {produced[column.name]}, but in {contract.dataset} it "
                f"is {column.type} ({column.sql_type})"
            )


def _fits(produced: str, column: Column) -> bool:
    kinds = next((kinds for begin, kinds in _CASTS.items() if produced.startswith(begin)), ())
    return column.type in kinds


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(row[0]) for row in connection.execute("describe lines").fetchall()]


def _names_of(contract: Contract) -> list[str]:
    return [column.name for column in contract.columns]


def _near(message: str, names: Sequence[str]) -> str:
    """Returns what DuckDB says without its drawing, with the names like those it does not know."""
    first = re.split(r"\n\n|\nLINE ", message)[0].replace("\n", " ")
    first = re.sub(r" ?Candidate bindings: .*", "", first)
    unknown = re.search(r'column "([^"]+)" not found|yields (\w+)', first, re.IGNORECASE)
    if not unknown:
        return first
    wrong = unknown[1] or unknown[2]
    near = difflib.get_close_matches(wrong.lower(), names, n=3, cutoff=0.5)
    return f"{first}; near '{wrong}': {', '.join(near)}" if near else first
