"""Every shipped question can be asked of every home, and its answer has one order only."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp, parse_one

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.home import Home
from ecom_assets.publish.versions import current_folder
from ecom_assets.questions.catalogue import shipped_questions
from ecom_assets.questions.question import Question
from ecom_assets.warehouse.project import load_project

pytestmark = pytest.mark.integration

QUESTIONS = list(shipped_questions().values())
every_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


def shuffled(version: Path) -> duckdb.DuckDBPyConnection:
    """Returns a published version with the rows of every table in another order."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute(f"attach '{version / 'warehouse.duckdb'}' as v (read_only)")
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'v'"
    ).fetchall()
    for (table,) in tables:
        connection.execute(
            f"create table {table} as select * from v.main.{table} order by hash({table})"
        )
    return connection


@pytest.fixture(scope="module")
def published(week: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    path = current_folder(week) / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def in_another_order(week: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with shuffled(current_folder(week)) as connection:
        yield connection


def settings_of(question: Question) -> Iterator[dict[str, str]]:
    """Yields all choices of a question's parameters."""
    choices = {name: p.choices for name, p in question.parameters.items() if p.choices}
    for chosen in product(*choices.values()):
        yield dict(zip(choices, chosen, strict=True))


def rows(
    connection: duckdb.DuckDBPyConnection, question: Question, chosen: dict[str, str], limit: int
) -> list[dict[str, Any]]:
    found = connection.execute(question.sql, question.values(chosen, None, limit))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def not_total(question: Question, found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Returns the sort keys that several rows share."""
    ordered = parse_one(question.sql, dialect="duckdb").args["order"].expressions
    names = [term.this.name for term in ordered]
    keys = [tuple(row[name] for name in names) for row in found]
    return sorted({key for key in keys if keys.count(key) > 1}, key=str)


def foreign_tables(sql: str, dialect: str) -> set[str]:
    """Returns the tables a query reads that are not published."""
    tree = parse_one(sql, dialect=dialect)
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    published = {*load_project().gold, *analytics_tables()}
    return {table.name for table in tree.find_all(exp.Table)} - own - published


@every_question
@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_it_is_sql_over_published_tables_for_both_engines(question: Question, dialect: str) -> None:
    assert foreign_tables(question.sql, dialect) == set()


def test_a_private_table_is_found() -> None:
    sql = "with a as (select 1) select * from a, int_orders"
    assert foreign_tables(sql, "duckdb") == {"int_orders"}


@every_question
def test_its_answer_does_not_depend_on_the_order_of_rows(
    question: Question,
    published: duckdb.DuckDBPyConnection,
    in_another_order: duckdb.DuckDBPyConnection,
) -> None:
    for chosen in settings_of(question):
        for limit in (3, 10_000):
            found = rows(published, question, chosen, limit)
            assert found == rows(in_another_order, question, chosen, limit)
            assert not_total(question, found) == []


def test_an_order_that_is_not_total_is_found(published: duckdb.DuckDBPyConnection) -> None:
    sales = shipped_questions()["refunds"]
    vague = sales.model_copy(
        update={"sql": re.sub(r"order by r\.store_id.*$", "order by r.store_id", sales.sql)}
    )
    assert not_total(vague, rows(published, vague, {}, 10)) == [("online_retail",)]


@every_question
def test_it_says_whose_money_it_is_and_of_which_store(
    question: Question, published: duckdb.DuckDBPyConnection
) -> None:
    published.execute(question.sql, question.values({}, None, None))
    names = [str(column[0]) for column in published.description or []]
    assert names[0] == "store_id"
    assert "currency_code" in names or not any("amount" in name for name in names)


@every_question
def test_one_store_or_a_smaller_limit_tells_a_part_of_the_same(
    question: Question, published: duckdb.DuckDBPyConnection
) -> None:
    everything = rows(published, question, {}, 10_000)
    one = published.execute(question.sql, question.values({}, "online_retail", 10_000)).fetchall()
    assert one == [tuple(row.values()) for row in everything]
    other = question.values({}, "nobody", 10_000)
    assert published.execute(question.sql, other).fetchall() == []
    few = rows(published, question, {}, 2)
    assert len(few) <= len(everything)
    assert all(row in everything or "of_segment_rate" in row for row in few)
