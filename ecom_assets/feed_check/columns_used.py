"""Which columns of a feed its SQL, its expressions or feed.yaml itself make use of."""

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from ecom_assets.feeds import Feed


def unused_columns(connection: duckdb.DuckDBPyConnection, feed: Feed) -> dict[int, str]:
    """Returns the headers of the declared columns that nothing uses, by place.

    Args:
        connection: Any one; it takes the SQL apart.
        feed: The feed.
    """
    texts = [
        *feed.sql.values(),
        *(f"select {sql}" for sql in feed.derived.values()),
        *(f"select {rule.sql}" for rule in feed.rules),
    ]
    used = {name for text in texts for name in _names_in(connection, text)}
    keys = (feed.document, feed.document_time, feed.currency, feed.delivered_on.column)
    used |= {name for name in keys if name}
    used |= {column.time for column in feed.columns if column.time}
    return {at: c.header for at, c in enumerate(feed.columns) if c.name not in used}


def _names_in(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    row = connection.execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {}
    yield from re.findall(r"\w+", sql) if tree.get("error") else _columns_in(tree)


def _columns_in(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _columns_in(each)
    elif isinstance(node, dict):
        if node.get("class") == "COLUMN_REF":
            yield str(node["column_names"][-1]).lower()
        for each in node.values():
            yield from _columns_in(each)
