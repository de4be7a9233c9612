"""Questions to the published version: always read-only, always one complete version."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from ecom_assets.duck import interruptible, published_connection
from ecom_assets.errors import QueryError
from ecom_assets.home import Home
from ecom_assets.publish.versions import current_folder


@dataclass(frozen=True)
class Answer:
    """The result of a query: column names and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_csv(self) -> str:
        """Returns the rows as CSV with a header."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue()

    def as_json(self) -> str:
        """Returns the rows as a JSON list of objects; decimals and dates as text."""
        objects = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return json.dumps(objects, default=str, ensure_ascii=False, indent=1)


Parameters = Sequence[object] | Mapping[str, object]  # of ``?``, or of ``$name`` by name


def ask(home: Home, sql: str, parameters: Parameters = ()) -> Answer:
    """Answers one SQL query from the published version.

    Raises:
        QueryError: Nothing is published, or DuckDB cannot answer the query.
    """
    if not sql.strip(" \t\r\n;"):
        raise QueryError('the query is empty: try "show tables"')
    try:
        with published_connection(current_folder(home)) as connection:
            if len(connection.extract_statements(sql)) > 1:
                raise QueryError("one query at a time: the answer of the last would hide the rest")
            return interruptible(connection, lambda: _answer(connection, sql, parameters))
    except duckdb.CatalogException as error:
        raise QueryError(f"{error}{_where_instead(home, str(error))}") from error
    except duckdb.Error as error:
        raise QueryError(f"{error}") from error


def _answer(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters) -> Answer:
    cursor = connection.execute(sql, parameters)
    columns = tuple(str(column[0]) for column in cursor.description or [])
    return Answer(columns, tuple(cursor.fetchall()))


def _where_instead(home: Home, message: str) -> str:
    """Returns where the rows of a table lie that is built and not published."""
    found = re.match(r"Catalog Error: Table with name (raw|stg|int)_", message)
    if not found:
        return ""
    published = '\nPublished are dimensions, facts and KPI tables: ecom query "show tables".'
    if found[1] != "raw":
        return published
    return (
        f"{published} What was delivered lies as it came in {home.landing}, its accepted rows as "
        f"Parquet in {home.lake / 'raw'}; rejected ones: ecom quarantine."
    )
