"""Column lineage of the dbt models, computed once for each version of the project.

Read off the compiled SQL; ephemeral models are part of the SQL of their readers, so lineage leads
from stored table to stored table.
"""

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import dagster as dg
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from ecom_assets.contracts import load_contracts
from ecom_assets.warehouse.project import PREPARED, Project, load_project, project_fingerprint

Sources = list[tuple[str, str]]
Schema = dict[str, Any]

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def column_lineage() -> dict[str, dg.TableColumnLineage]:
    """Returns the columns that each column of a model is made from, by model name."""
    return {
        model: dg.TableColumnLineage(
            {
                column: [
                    dg.TableColumnDep(asset_key=dg.AssetKey(table), column_name=source)
                    for table, source in sources
                ]
                for column, sources in columns.items()
            }
        )
        for model, columns in stored_lineage().items()
    }


def stored_lineage() -> Mapping[str, Mapping[str, Sources]]:
    """Returns the lineage of the present project, from its file if that is up to date."""
    path = PREPARED / "column_lineage.json"
    fingerprint = project_fingerprint()
    if path.is_file():
        stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if stored["fingerprint"] == fingerprint:
            return stored["lineage"]
    project = load_project()
    computed = {model: model_lineage(project, model) for model in project.sql_models}
    path.write_text(json.dumps({"fingerprint": fingerprint, "lineage": computed}), "utf-8")
    return computed


def model_lineage(project: Project, model: str) -> dict[str, Sources]:
    """Returns, by column of a model, the (table, column) pairs it is made from.

    A model whose SQL the parser does not understand has no lineage; that is logged.
    """
    try:
        query = qualify(
            parse_one(project.compiled_sql(model), dialect="duckdb"),
            schema=_schema(project),
            dialect="duckdb",
            validate_qualify_columns=False,
            identify=False,
        )
        scope = build_scope(query)
        names = [column.alias_or_name for column in query.find_all(exp.Select).__next__().selects]
        return {
            name: _leaves(lineage(name, query, {}, dialect="duckdb", scope=scope)) for name in names
        }
    except (SqlglotError, ValueError) as error:
        logger.warning("no column lineage for %s: %s", model, error)
        return {}


def _leaves(root: Node) -> Sources:
    found = {
        (node.expression.name, node.name.split(".")[-1].strip('"'))
        for node in root.walk()
        if isinstance(node.expression, exp.Table)
    }
    return sorted(found)


@lru_cache(maxsize=1)
def _schema(project: Project) -> Schema:
    schema: Schema = {"staging": {"main": {}, "raw": {}, "changed": {}}, "warehouse": {"main": {}}}
    for model in project.sql_models:
        schema[project.database(model)]["main"][model] = project.columns(model)
    for name, contract in load_contracts().items():
        schema["staging"]["raw"][name] = contract.table_schema()
    return schema
