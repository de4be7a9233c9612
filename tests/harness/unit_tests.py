"""dbt's unit tests run in memory: the compiled SQL of a model over the rows that a test gives.

A hundred of them take the time in which dbt starts. Inputs that a test does not give are empty.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from ecom_assets.duck import identifier
from ecom_assets.warehouse.project import load_project
from tests.harness.nodes import common_table

Fixture = Mapping[str, Any]
INPUT = re.compile(r"(ref|source)\('(\w+)'(?:, *'(\w+)')?\)")


def unit_tests(models: Sequence[str] | None = None) -> list[Fixture]:
    """Returns the unit tests of some models, or of all, in the order of their names."""
    found: Sequence[Fixture] = list(load_project().manifest["unit_tests"].values())
    chosen = [test for test in found if models is None or test["model"] in models]
    return sorted(chosen, key=lambda test: (test["model"], test["name"]))


def passes(empty: duckdb.DuckDBPyConnection, test: Fixture) -> bool:
    """Whether a unit test passes; SQL that cannot be run does not.

    Args:
        empty: A warehouse with every table and no delivered row: the types of inputs are its.
        test: The unit test, as in dbt's manifest.
    """
    with empty.cursor() as connection:
        connection.execute("use warehouse")
        try:
            return _differences(connection, test) == 0
        except duckdb.Error:
            return False


def _differences(connection: duckdb.DuckDBPyConnection, test: Fixture) -> int:
    sql = str(load_project().manifest["nodes"][f"model.ecom.{test['model']}"]["compiled_code"])
    for number, given in enumerate(test["given"]):
        of = f"ref('{test['model']}')" if given["input"] == "this" else given["input"]
        sql = _given(connection, sql, {**given, "input": of}, f"given_{number}")
    connection.execute(f"create or replace temp table actual as {sql}")
    rows = test["expect"]["rows"]
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["*"]
    names = ", ".join(columns)
    connection.execute(
        f"create or replace temp table expected as select {names} from actual limit 0"
    )
    _insert(connection, "expected", rows)
    result = connection.execute(
        f"""
        select count(*) from (
            (select {names} from actual except all select {names} from expected)
            union all
            (select {names} from expected except all select {names} from actual)
        )
        """
    ).fetchone()
    return int(result[0]) if result else 0


def _given(connection: duckdb.DuckDBPyConnection, sql: str, given: Fixture, table: str) -> str:
    """Makes an input as table; returns the SQL reading that."""
    relation, ephemeral = _relation(given["input"])
    if given["format"] == "sql":
        connection.execute(f"create or replace temp table {table} as {given['rows']}")
    else:
        connection.execute(f"create or replace temp table {table} as from {relation} limit 0")
        _insert(connection, table, given["rows"])
    if ephemeral:
        return _with_cte(sql, ephemeral, f"select * from {table}")
    # a view names what lies beside it without its database
    return sql.replace(relation, table).replace(relation.split(".", 1)[-1], table)


def _relation(text: str) -> tuple[str, str]:
    """Returns the relation of an input, or the name of the common table that stands for it."""
    parsed = INPUT.fullmatch(text)
    if parsed is None:
        raise ValueError(f"{text} is neither a ref nor a source")
    manifest = load_project().manifest
    if parsed[1] == "source":
        return str(manifest["sources"][f"source.ecom.{parsed[2]}.{parsed[3]}"]["relation_name"]), ""
    names = (f"{kind}.ecom.{parsed[2]}" for kind in ("model", "seed"))
    node = next(manifest["nodes"][name] for name in names if name in manifest["nodes"])
    if node["config"]["materialized"] == "ephemeral":
        return "", f"__dbt__cte__{parsed[2]}"
    return str(node["relation_name"]), ""


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Fixture]) -> None:
    for row in rows:
        values = [None if value is None else str(value) for value in row.values()]
        names = ", ".join(identifier(name) for name in row)
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into {table} ({names}) values ({marks})", values)


def _with_cte(sql: str, name: str, body: str) -> str:
    """Returns the SQL with another body of a common table."""
    if f"{name} as (" not in sql:
        return sql
    start, end = common_table(sql, name)
    return f"{sql[:start]}{body}{sql[end:]}"
