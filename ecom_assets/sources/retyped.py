"""Whether a needed column of a source has become another one under its old name.

Rows with a wrong value are rejected one by one, by the feed. Where none of them has a right one,
and their kind of value is new, the column is meant: then nothing is delivered, so that what is
pulled when it is mended counts.
"""

from collections.abc import Mapping

import duckdb

from ecom_assets.duck import identifier
from ecom_assets.feeds import Feed, Pull
from ecom_assets.ingest.cast import cast_sql


def retyped_fault(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    pull: Pull,
    columns: Mapping[str, str],
    landed: Mapping[str, str],
) -> str | None:
    """Returns what is wrong with the kinds of values, as the end of a sentence about a source.

    Args:
        connection: Where ``pulled`` is.
        feed: Whose columns they are.
        pull: How they were read.
        columns: Kinds of JSON values by column.
        landed: Those of what has been pulled before.
    """
    for column in feed.columns:
        now = _kinds(columns.get(column.header, ""))
        before = _kinds(landed.get(column.header, ""))
        if not column.required or not now or now & before:
            continue
        cast = cast_sql(column, identifier(column.header), feed.decimal_mark)
        row = connection.execute(f"select count({cast}) from pulled").fetchone()
        is_list_now = before and now == {"array"}
        if is_list_now or not (row and row[0]):
            was = f", where it was {' or '.join(sorted(before))}" if before else ""
            return (
                f"gives {column.header} in {pull.place} as {' or '.join(sorted(now))}{was}: feed "
                f"'{feed.feed}' needs {column.type} there, so change the feed or the API"
            )
    return None


def _kinds(said: str) -> set[str]:
    return set(said.split(" or ")) - {"null", ""}
