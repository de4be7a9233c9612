"""What of the rows just read is to be delivered. Pure functions that return SQL.

They read the table ``pulled`` (the source's columns as text, and ``_inside``) and the files that
have landed. Rows are compared as they are, a missing value being equal to a missing value.
"""

from collections.abc import Sequence
from pathlib import Path

from ecom_assets.duck import file_literal, identifier
from ecom_assets.feeds.pull import DELETED, PULLED_AT
from ecom_assets.sources.dialect import INSIDE
from ecom_assets.sources.landed import Landed

ROWS_READ = f"select * exclude ({INSIDE}) from pulled where cast({INSIDE} as varchar) = '1'"
NO_DATE = "0000-00-00%"  # how MySQL writes that there is none


def landed_sql(landed: Landed, columns: Sequence[str]) -> str:
    """Returns the rows of files in some columns, empty where a file has none of that name."""
    known = {name.lower(): name for name in landed.columns}
    listed = ", ".join(
        f"{identifier(name) if name.lower() in known else 'cast(null as varchar)'} as "
        f"{identifier(name)}"
        for name in columns
    )
    return f"select {listed}, {DELETED}, {PULLED_AT} from {_files(landed.paths)}"


def all_columns(landed: Landed, columns: Sequence[str]) -> list[str]:
    """Returns the columns of the table, then those that only files have, whatever their case."""
    present = {name.lower() for name in columns}
    return [*columns, *(name for name in landed.columns if name.lower() not in present)]


def current_sql(landed: Landed, columns: Sequence[str], key: Sequence[str]) -> str:
    """Returns the rows that the files say are in the table: of each key the last, if not gone."""
    rows = landed_sql(landed, columns)
    if not key:
        return f"select * from ({rows}) where not {DELETED}"
    keys = ", ".join(identifier(name) for name in key)
    return (
        f"select * from ({rows} qualify row_number() over "
        f"(partition by {keys} order by {PULLED_AT} desc) = 1) where not {DELETED}"
    )


def fresh_sql(landed: Landed, columns: Sequence[str], key: Sequence[str]) -> str:
    """Returns the rows just read that had not landed exactly so."""
    if not landed.files:
        return ROWS_READ
    names = all_columns(landed, columns)
    absent = "".join(f", cast(null as varchar) as {identifier(n)}" for n in names[len(columns) :])
    shown = ", ".join(identifier(name) for name in names)
    kept = ", ".join(identifier(name) for name in columns)
    return (
        f"select {kept} from (select *{absent} from ({ROWS_READ}) except all "
        f"select {shown} from ({current_sql(landed, names, key)}))"
    )


def gone_sql(landed: Landed, columns: Sequence[str], key: Sequence[str]) -> str:
    """Returns the rows that the files hold and whose key the table has no more."""
    kept = ", ".join(identifier(name) for name in columns)
    return (
        f"select {kept} from ({current_sql(landed, columns, key)}) as held "
        f"anti join pulled on {_same(key)}"
    )


def missed_sql(landed: Landed, key: Sequence[str]) -> str:
    """Returns how many rows outside the window have a key of which the files know nothing."""
    known = current_sql(landed, key, key)
    return (
        f"select count(*) from pulled as held anti join ({known}) as pulled "
        f"on {_same(key)} where cast(held.{INSIDE} as varchar) <> '1'"
    )


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
    """Returns a text as number; null where it is none."""
    return f"try_cast({text} as decimal(38, 9))"


def _files(paths: Sequence[Path]) -> str:
    listed = ", ".join(file_literal(path) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"


def _same(key: Sequence[str]) -> str:
    return " and ".join(
        f"held.{identifier(name)} is not distinct from pulled.{identifier(name)}" for name in key
    )
