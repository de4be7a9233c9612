"""Columns that nothing uses though they look like money, a rate, a day or a time: told loudly.

What a header is called counts where the sample has no values of it: refunds may come later.
"""

from collections.abc import Mapping, Sequence

import duckdb

from ecom_assets.feed_draft.column_types import LOCAL_TIMES, MONEY, NUMBERS, best_fit, told_sql
from ecom_assets.feed_draft.findings import AMOUNTS, DAYS
from ecom_assets.feed_draft.words import is_discount_rate, meanings
from ecom_assets.ingest.cast import is_dressed_sql

RATE = "a discount in percent (make its amount under `derived`)"
KINDS = ("money", RATE, "a day", "a time of day")
PERCENT = r"[+-]?\d+([.,]\d+)?\s*%?"


def unused_told(
    connection: duckdb.DuckDBPyConnection, headers: Mapping[int, str], mark: str
) -> str | None:
    """Returns a line about the columns that should perhaps be used; None where there is none.

    Args:
        connection: Holds ``delivered``.
        headers: The headers of the columns that nothing uses, by place.
        mark: The decimal mark.
    """
    found: dict[str, list[str]] = {}
    for at, header in headers.items():
        if kind := _looks_like(connection, f"d{at}", header, mark):
            found.setdefault(kind, []).append(header)
    told = [f"{kind}: {_listed(found[kind])}" for kind in KINDS if kind in found]
    return f"not used though it looks like {'; like '.join(told)}" if told else None


def _looks_like(
    connection: duckdb.DuckDBPyConnection, source: str, header: str, mark: str
) -> str | None:
    named = _named_like(header)
    row = connection.execute(f"select count(*) from {told_sql(source)}").fetchone()
    if not row or not row[0]:
        return RATE if is_discount_rate(header) else named
    is_percent = f"regexp_full_match(trim({source}), '{PERCENT}')"
    if is_discount_rate(header) and _is_mostly(connection, source, is_percent):
        return RATE
    times = connection.execute(
        f"select count(try_cast(trim({source}) as time)) "
        f"filter (regexp_full_match(trim({source}), '\\d{{1,2}}:\\d{{2}}.*')) "
        f"from {told_sql(source)}"
    ).fetchone()
    if times and times[0] * 2 > row[0]:
        return "a time of day"
    fit = best_fit(connection, source, (*NUMBERS, *LOCAL_TIMES), mark)
    if fit is None:
        is_money = _is_mostly(connection, source, is_dressed_sql(source, mark))
        return "money" if is_money else None
    if fit.kind.column().is_moment:
        return "a day"
    return "money" if fit.kind == MONEY or named == "money" else None


def _is_mostly(connection: duckdb.DuckDBPyConnection, source: str, is_one: str) -> bool:
    row = connection.execute(
        f"select count(*), count(*) filter ({is_one}) from {told_sql(source)}"
    ).fetchone()
    return bool(row and row[1] * 2 > row[0])


def _named_like(header: str) -> str | None:
    meaning = next(iter(meanings([header])), "")
    if meaning in AMOUNTS and meaning != "quantity":
        return "money"
    if meaning in DAYS:
        return "a day"
    return "a time of day" if meaning == "time_of_day" else None


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(headers)
