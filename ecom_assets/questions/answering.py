"""Answering a question from the published version, and saying of whom there is nothing to tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.duck import identifier, list_literal
from ecom_assets.errors import QueryError
from ecom_assets.home import Home
from ecom_assets.publish.query import Answer, ask
from ecom_assets.questions.question import STORE, Question, Value
from ecom_assets.wording import counted

STORES = "select store_id from dim_stores where store_id <> '0' order by store_id"
WAITING = "select count(*) from pending_rows where store_id = $store and dataset in {}"
FILLED_BY = {
    "fact_sales": ("raw_orders", "raw_order_items"),
    "fact_returns": ("raw_refunds",),
    "fact_payments": ("raw_payments",),
    "fact_shipments": ("raw_shipments",),
}
NOTHING = "the data hold nothing of the kind"
# That nothing is pending is no want, nor are tables that no delivery fills.
NEVER_WANTING = ("pending_rows", "store_horizon", *analytics_tables())


@dataclass(frozen=True)
class Told:
    """What a question came to.

    Attributes:
        answer: Its rows.
        silent: A sentence for each store that has no row in them, and why.
    """

    answer: Answer
    silent: tuple[str, ...]


def answer_question(home: Home, question: Question, values: dict[str, Value]) -> Told:
    """Answers a question.

    Args:
        home: The home whose published version is asked.
        question: The question.
        values: Those of the parameters its query uses.

    Raises:
        QueryError: Nothing is published, there is no such store, or the query cannot be answered.
    """
    stores = [str(row[0]) for row in ask(home, STORES).rows]
    store = values.get(STORE)
    if store is not None and store not in stores:
        raise QueryError(f"There is no store '{store}'. Stores: {', '.join(stores)}")
    answer = ask(home, question.sql, values)
    wanted = [store] if store else stores
    return Told(answer, _silent(home, question, answer, wanted))


def _silent(
    home: Home, question: Question, answer: Answer, stores: Sequence[Value]
) -> tuple[str, ...]:
    if "store_id" not in answer.columns:
        return () if answer.rows else (f"There is nothing to tell: {NOTHING}.",)
    place = answer.columns.index("store_id")
    told = {row[place] for row in answer.rows}
    missing = [str(store) for store in stores if store not in told]
    return tuple(_sentence(home, question, store) for store in missing)


def _sentence(home: Home, question: Question, store: str) -> str:
    empty = [table for table in needed_tables(question.sql) if not _has_rows(home, table, store)]
    if not empty:
        return f"Of {store} there is nothing to tell: {NOTHING}."
    lacking = ", ".join(empty)
    datasets = [dataset for table in empty for dataset in FILLED_BY.get(table, ())]
    waiting = ask(home, WAITING.format(list_literal(datasets)), {"store": store}).rows[0][0]
    if waiting:
        return (
            f"Of {store} there is nothing to tell: {counted(waiting, 'row')} that would fill "
            f"{lacking} wait for others, see pending_rows."
        )
    return f"Of {store} there is nothing to tell: it delivers nothing that fills {lacking}."


def needed_tables(sql: str) -> list[str]:
    """Returns the tables a query reads without which it has no answer; dimensions alone have none.

    DuckDB tells the tables of queries without parameters only.
    """
    with duckdb.connect(":memory:") as connection:
        tables = connection.get_table_names(re.sub(r"\$\w+", "null", sql))
    return sorted(t for t in tables if not t.startswith("dim_") and t not in NEVER_WANTING)


def _has_rows(home: Home, table: str, store: str) -> bool:
    sql = f"select 1 from {identifier(table)} where store_id = $store limit 1"
    return bool(ask(home, sql, {"store": store}).rows)
