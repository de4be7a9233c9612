"""The stored nodes of the compiled dbt project, in the order in which they can be built."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

import jinja2

from ecom_assets.warehouse.project import PROJECT_DIR, load_project


@dataclass(frozen=True)
class Node:
    """A seed, table, view or incremental model, or a data test, with its compiled SQL."""

    unique_id: str
    name: str
    kind: str
    relation: str
    sql: str
    reads: frozenset[str]
    config: Mapping[str, Any]
    columns: Mapping[str, Any]
    path: str

    @property
    def ddl_columns(self) -> str:
        """The columns that the model's contract promises, as in ``create table``."""
        return ", ".join(
            f"{name} {column['data_type']}"
            + "".join(" not null" for c in column["constraints"] if c["type"] == "not_null")
            for name, column in self.columns.items()
        )


@lru_cache(maxsize=1)
def stored_nodes() -> tuple[Node, ...]:
    """Returns seeds and models in dependency order; ephemeral ones are part of the SQL."""
    project = load_project()
    nodes = {
        node["name"]: _node(node)
        for node in project.manifest["nodes"].values()
        if node["resource_type"] in ("seed", "model") and node["name"] in project.models
    }
    graph = {name: sorted(parents) for name, parents in sorted(project.models.items())}
    return tuple(nodes[name] for name in TopologicalSorter(graph).static_order())


@lru_cache(maxsize=1)
def data_tests() -> tuple[Node, ...]:
    """Returns the compiled data tests."""
    found = load_project().manifest["nodes"].values()
    return tuple(_node(node) for node in found if node["resource_type"] == "test")


def _node(node: Mapping[str, Any]) -> Node:
    return Node(
        unique_id=node["unique_id"],
        name=node["name"],
        kind=node["config"]["materialized"],
        relation=node.get("relation_name") or "",
        sql=node.get("compiled_code") or "",
        reads=frozenset(node["depends_on"].get("nodes", [])),
        config=node["config"],
        columns=node["columns"] if node["config"].get("contract", {}).get("enforced") else {},
        path=str(PROJECT_DIR / node["original_file_path"]),
    )


def common_table(sql: str, name: str) -> tuple[int, int]:
    """Returns where the body of a common table begins and ends in a query.

    Raises:
        ValueError: There is no such table in it, or its parenthesis is never closed.
    """
    start = sql.index("(", sql.index(f"{name} as (")) + 1
    depth = 1
    for token in re.compile(r"--[^\n]*|'[^']*'|[()]").finditer(sql, start):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0:
            return start, token.start()
    raise ValueError(f"the parenthesis of {name} is never closed")


class _Returned(Exception):  # noqa: N818
    """What a macro hands back through dbt's ``return``."""


@dataclass(frozen=True)
class _Column:
    name: str

    @property
    def quoted(self) -> str:
        return json.dumps(self.name)


@dataclass(frozen=True)
class _This:
    """dbt's ``this``: written out it is the relation."""

    relation: str
    identifier: str

    def __str__(self) -> str:
        return self.relation


@lru_cache(maxsize=100)
def strategy_sql(name: str, new_rows: str, columns: tuple[str, ...]) -> str:
    """Returns what the project's own macro for a model's incremental strategy renders to."""
    node = next(node for node in stored_nodes() if node.name == name)
    macros = load_project().manifest["macros"]
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])  # noqa: S701
    context: dict[str, Any] = {
        "config": node.config,
        "this": _This(node.relation, node.name),
        "ref": lambda other: _relation_read_by(node, other),
        "return": _hand_back,
    }

    def macro(name: str) -> Any:
        sql = macros[f"macro.ecom.{name}"]["macro_sql"]

        def call(*arguments: Any) -> Any:
            module = environment.from_string(sql, globals=context).module
            try:
                return str(getattr(module, name)(*arguments))
            except _Returned as returned:
                return returned.args[0]

        return call

    context |= {name: macro(name) for name in ("lineage_columns", "same_key")}
    context["and_not_before"] = lambda *_: ""  # what it says more, it says to be faster
    return macro(f"get_incremental_{node.config['incremental_strategy']}_sql")(
        {
            "target_relation": node.relation,
            "temp_relation": new_rows,
            "dest_columns": [_Column(column) for column in columns],
        }
    )


def _relation_read_by(node: Node, name: str) -> str:
    """dbt refuses a ``ref`` that a strategy makes and the model itself does not."""
    read = next(other for other in stored_nodes() if other.name == name)
    if read.unique_id not in node.reads:
        raise LookupError(f"{node.name} lacks the hint -- depends_on: {{{{ ref('{name}') }}}}")
    return read.relation


def _hand_back(value: Any) -> None:
    raise _Returned(value)
