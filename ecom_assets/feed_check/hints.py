"""What may be the cause of rejected values, and what accepted ones leave open."""

from collections.abc import Iterator

import duckdb

from ecom_assets.duck import quote
from ecom_assets.feed_draft.column_types import MOMENTS, Kind, best_fit, other_formats
from ecom_assets.feed_draft.decimal_marks import UNCLEAR, mark_of
from ecom_assets.feeds import Feed, FeedColumn
from ecom_assets.ingest.cast import cast_sql

MOST_VALUES = 1_000
NUMBERS = ("integer", "money", "decimal")


def hints(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[str]:
    """Returns what to try for columns with values of another type, and for broken records.

    Values that are accepted but may be meant otherwise are told too: no load can tell.

    Args:
        connection: Holds what ``judge_lines`` leaves there.
        feed: The feed.
    """
    told = [*_encoding(connection, feed)]
    for at, column in enumerate(feed.columns):
        told.extend(_of_column(connection, feed, column, f"d{at}"))
    return [*told, *_unclear_mark(connection, feed), *_unclear_days(connection, feed)]


def _unclear_mark(connection: duckdb.DuckDBPyConnection, feed: Feed) -> Iterator[str]:
    numbers = [f"d{at}" for at, column in enumerate(feed.columns) if column.type in NUMBERS]
    if remark := mark_of(connection, numbers, feed.format, feed.decimal_mark).remark:
        yield f"hint: {remark}"


def _unclear_days(connection: duckdb.DuckDBPyConnection, feed: Feed) -> Iterator[str]:
    for at, column in enumerate(feed.columns):
        if column.is_moment and column.format:
            others = other_formats(connection, f"d{at}", Kind(column.type, column.format))
            if others:
                yield (
                    f"hint: {column.header}: its days are read as {column.format}, and fit "
                    f"{' and '.join(others)} as well: is its `format` right?"
                )


def _encoding(connection: duckdb.DuckDBPyConnection, feed: Feed) -> Iterator[str]:
    row = connection.execute(
        f"select count(*) from broken where contains(reason, 'is not in {feed.encoding}')"
    ).fetchone()
    if row and row[0]:
        likely = "cp1252, that of Windows" if feed.encoding == "utf-8" else "utf-8"
        yield f"hint: records are not in {feed.encoding}: set `encoding`, perhaps to {likely}"


def _of_column(
    connection: duckdb.DuckDBPyConnection, feed: Feed, column: FeedColumn, source: str
) -> Iterator[str]:
    rows = connection.execute(
        f"select distinct d.{source} from delivered as d join rejected as r "
        "on d.file_no = r.file_no and d.source_row = r.source_row "
        f"where r.rule = 'type' and r.column = {quote(column.header)} limit {MOST_VALUES}"
    ).fetchall()
    if not rows:
        return
    connection.execute("create or replace temp table refused_values (x varchar)")
    connection.executemany("insert into refused_values values (?)", rows)
    if column.is_moment:
        yield from _other_format(connection, feed, column, source)
    elif column.type != "text":
        other = "." if feed.decimal_mark == "," else ","
        value = cast_sql(column, "x", other)
        row = connection.execute(
            f"select count(*), count({value}), "
            f"count(*) filter (regexp_full_match(trim(x), '{UNCLEAR}')) from refused_values"
        ).fetchone()
        if row and row[0] == row[1] != row[2]:  # 1,200 alone may be thousands
            yield (
                f"hint: {column.header}: all of them are numbers with '{other}' before the "
                f'decimals: set `decimal_mark: "{other}"`'
            )


def _other_format(
    connection: duckdb.DuckDBPyConnection, feed: Feed, column: FeedColumn, source: str
) -> Iterator[str]:
    fit = best_fit(connection, "x", MOMENTS, feed.decimal_mark, table="refused_values")
    if fit is None:
        return
    written = fit.kind.format or "YYYY-MM-DD"
    row = connection.execute(f"select count({cast_sql(column, source)}) from delivered").fetchone()
    if row and row[0]:
        yield (
            f"hint: {column.header}: its days are written in two ways, as feed.yaml says and as "
            f"{written}; one column has one: let the shop write it one way, or declare it as text "
            "and make a time of both under `derived`"
        )
    else:
        told = f"format: '{fit.kind.format}'" if fit.kind.format else "no format"
        yield f"hint: {column.header}: its days are written as {written}: set {told}"
