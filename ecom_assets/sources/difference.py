"""What of the rows just read is to be delivered. Pure functions that return SQL.

They read the table ``pulled`` (the source's columns as text, and ``_inside``) and the files that
have landed. Rows are compared as they are, a missing value being equal to a missing value.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ecom_assets.duck import file_literal, identifier, quote
from ecom_assets.feeds.changes import COMMITTED_AT
from ecom_assets.feeds.pull import COUNTS_FROM, DELETED, PULLED_AT, Pull
from ecom_assets.sources.databases.dialect import INSIDE
from ecom_assets.sources.landed import Landed

ROWS_READ = f"select * exclude ({INSIDE}) from pulled where cast({INSIDE} as varchar) = '1'"
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
PLACE = "file_row_number"  # a file of changes may hold several rows of a key, in their order
NO_DATE = "0000-00-00%"  # how MySQL writes that there is none


def landed_sql(landed: Landed, columns: Iterable[str]) -> str:
    """Returns the rows of files in some columns, empty where a file has none of that name.

    Beside them are the marks of its pull that order versions, and its place in its file.
    """
    known = {name.lower(): name for name in landed.columns}
    listed = ", ".join(
        f"{identifier(name) if name.lower() in known else 'cast(null as varchar)'} as "
        f"{identifier(name)}"
        for name in columns
    )
    marks = f"{DELETED}, {PULLED_AT}, {COUNTS_FROM}, {COMMITTED_AT}, {PLACE}"
    return f"select {listed}, {marks} from {_files(landed.paths)}"


def all_columns(landed: Landed, columns: Sequence[str]) -> list[str]:
    """Returns the columns of the table, then those that only files have, whatever their case."""
    present = {name.lower() for name in columns}
    return [*columns, *(name for name in landed.columns if name.lower() not in present)]


def current_sql(rows: str, key: Sequence[str]) -> str:
    """Returns, of rows that have landed, those in the table: of each key the last, if not gone."""
    if not key:
        return f"select * from ({rows}) where not {DELETED}"
    return (
        f"select * from (select * from ({rows}) qualify row_number() over "
        f"(partition by {_listed(key)} order by {PULLED_AT} desc, {PLACE} desc) = 1) "
        f"where not {DELETED}"
    )


def known_keys_sql(landed: Landed, key: Sequence[str]) -> str:
    """Returns the keys that the files say are in the table."""
    return (
        f"select {_listed(key)} from ({landed_sql(landed, key)}) "
        f"group by all having not arg_max({DELETED}, ({PULLED_AT}, {PLACE}))"
    )


def fresh_sql(landed: Landed, columns: Sequence[str], pull: Pull) -> str:
    """Returns the rows just read that had not landed exactly so.

    Only landed rows of their keys, or of their watermarks, can be the same.
    """
    if not landed.files:
        return ROWS_READ
    names = all_columns(landed, columns)
    absent = "".join(f", cast(null as varchar) as {identifier(n)}" for n in names[len(columns) :])
    by = pull.key or (pull.watermark,) if pull.watermark else ()
    rows = landed_sql(landed, names)
    if by:
        rows = f"select * from ({rows}) as held semi join ({ROWS_READ}) as pulled on {_same(by)}"
    return (
        f"select {_listed(columns)} from (select *{absent} from ({ROWS_READ}) except all "
        f"select {_listed(names)} from ({current_sql(rows, pull.key)}))"
    )


def gone_sql(landed: Landed, columns: Sequence[str], key: Sequence[str]) -> str:
    """Returns the rows that the files hold and whose key the table has no more."""
    known = f"({known_keys_sql(landed, key)}) as held"
    gone = f"select * from {known} anti join pulled on {_same(key)}"
    rows = f"({landed_sql(landed, columns)}) as held semi join ({gone}) as pulled on {_same(key)}"
    return f"select {_listed(columns)} from ({current_sql(f'select * from {rows}', key)})"


def dated_sql(rows: str, landed: Landed, columns: Sequence[str], pull: Pull, at: datetime) -> str:
    """Returns rows to deliver with ``COUNTS_FROM``: none lies before what landed of its key.

    A row may come back, or be set back, as it was: by its own time it would then stay gone, or as
    it was in between. A row's own time is never later than its pull, and one that is gone has none.

    Args:
        rows: The rows, as SQL.
        landed: What has been pulled before.
        columns: The columns of the source.
        pull: How they are read.
        at: The moment of the pull, after that of all files.
    """
    column = pull.dated_by or pull.watermark
    if not (landed.files and pull.key):
        return f"select *, cast(null as timestamp) as {COUNTS_FROM} from ({rows})"
    moment = f"cast({quote(str(at.astimezone(UTC).replace(tzinfo=None)))} as timestamp)"
    own, read = "{}", [*pull.key]
    if column and column in columns:
        own, read = f"least({as_time(identifier(column))}, {{}})", [*read, column]
    dated = f"""
        select {_listed(pull.key)}, max(coalesce({COUNTS_FROM}, {COMMITTED_AT},
            case when {DELETED} then {PULLED_AT} end, {own.format(PULLED_AT)})) as newest
        from ({landed_sql(landed, dict.fromkeys(read))}) group by all
    """
    return f"""
        select pulled.*, case when held.newest > case when {DELETED} then {moment}
            else {own.format(moment)} end then greatest(held.newest, {moment}) end as {COUNTS_FROM}
        from ({rows}) as pulled left join ({dated}) as held on {_same(pull.key)}
    """


def missed_sql(landed: Landed, key: Sequence[str]) -> str:
    """Returns how many rows outside the window have a key of which the files know nothing."""
    return (
        f"select count(*) from pulled as held anti join ({known_keys_sql(landed, key)}) as pulled "
        f"on {_same(key)} where cast(held.{INSIDE} as varchar) <> '1'"
    )


def repeated_sql(key: Sequence[str]) -> str:
    """Returns how many keys of the rows just read are not unique."""
    repeated = f"select {_listed(key)} from pulled group by all having count(*) > 1"
    return f"select count(*) from ({repeated})"


def watermarks_sql(column: str) -> str:
    """Returns what the watermarks of the rows just read are.

    Six values: how many rows have one, how many of these are times, how many numbers, how many
    rows have none, the newest time, the newest number.
    """
    name = identifier(column)
    time, number = as_time(name), as_number(name)
    return f"""
        select count({name}), count({time}), count({number}), count(*) - count({name}),
            max({time}) filter (where isfinite({time})), max({number})
        from (select case when {name} not like '{NO_DATE}' then {name} end as {name}
            from ({ROWS_READ}))
    """


def as_time(text: str) -> str:
    """Returns a text as time in UTC, without zone; null where it is none."""
    return f"timezone('UTC', try_cast({text} as timestamptz))"


def as_number(text: str) -> str:
    """Returns a text as number; null where it is none.

    Whole numbers take the fast way: casting 500,000 of them to a wide decimal takes seconds.
    """
    return f"""case
        when regexp_full_match({text}, '[+-]?[0-9]{{1,18}}') then try_cast({text} as bigint)
        when regexp_full_match({text}, '{NUMBER}') then try_cast({text} as decimal(38, 9))
    end"""


def _files(paths: Sequence[Path]) -> str:
    listed = ", ".join(file_literal(path) for path in paths)
    optional = (f"cast(null as timestamp) as {name}" for name in (COUNTS_FROM, COMMITTED_AT))
    return (
        f"(from read_parquet([{listed}], union_by_name = true, hive_partitioning = false, "
        f"{PLACE} = true) union all by name select {', '.join(optional)} where false)"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(identifier(name) for name in names)


def _same(key: Sequence[str]) -> str:
    return " and ".join(
        f"held.{identifier(name)} is not distinct from pulled.{identifier(name)}" for name in key
    )
