"""What a change does not say of its row, from what is known of it. Pure functions that return SQL.

They work on the table ``changes`` (see ``change_rows.py``) and make the table ``held``: rows as
they had landed, as changes number 0. A value is what the newest change of the row that says it
says, a missing value being as good as any.
"""

from collections.abc import Container, Iterable, Sequence

from ecom_assets.duck import identifier, list_literal, quote
from ecom_assets.feeds import Pull
from ecom_assets.feeds.changes import CHANGE, COMMITTED_AT, LSN
from ecom_assets.feeds.pull import DELETED
from ecom_assets.sources.changes.change_rows import Emptied
from ecom_assets.sources.difference import current_sql, landed_sql
from ecom_assets.sources.landed import Landed

WAS = "_ecom_was_"
LIFE = "_ecom_life"
UNKNOWN = "_ecom_unknown"
SAID = "said"


def was_columns(key: Sequence[str]) -> list[str]:
    """Returns the columns that hold the key under which a row was known before."""
    return [f"{WAS}{index}" for index, _ in enumerate(key)]


def held_sql(landed: Landed, columns: Sequence[str], key: Sequence[str], *, is_whole: bool) -> str:
    """Returns the statement that makes ``held``.

    Args:
        landed: What has landed.
        columns: The columns of the changes.
        key: The key of the table.
        is_whole: Whether all rows are needed, as where the table was emptied.
    """
    was = [
        f"{identifier(name)} as {alias}" for name, alias in zip(key, was_columns(key), strict=True)
    ]
    known = {name.lower() for name in landed.columns}
    unknown = list_literal(name for name in columns if name.lower() not in known)
    extra = f"0 as {LIFE}, cast({unknown} as varchar[]) as {UNKNOWN}, 0 as {CHANGE}"
    listed = f"{_listed(columns)}, {', '.join(was)}, {extra}, {DELETED}"
    if not landed.files:
        empty = "".join(f", cast(null as varchar) as {identifier(name)}" for name in columns)
        rows = f"select false as {DELETED}{empty} limit 0"
        return f"create or replace temp table held as select {listed} from ({rows})"
    rows = landed_sql(landed, columns)
    if not is_whole:
        same = " and ".join(
            f"rows_.{identifier(name)} is not distinct from changes.{alias}"
            for name, alias in zip(key, was_columns(key), strict=True)
        )
        rows = (
            f"select rows_.* from ({rows}) as rows_ semi join (from changes where {LIFE} = 0 "
            f"and len({UNKNOWN}) > 0) as changes on {same}"
        )
    return f"create or replace temp table held as select {listed} from ({current_sql(rows, key)})"


def emptied_sql(emptied: Emptied, columns: Iterable[str], key: Sequence[str]) -> str:
    """Returns the statement that adds to ``changes`` the rows that an emptied table had."""
    marks = f"{_listed(key)}, {', '.join(was_columns(key))}, {LIFE}, {DELETED}, {CHANGE}"
    unknown = list_literal(name for name in columns if name not in key)
    return f"""
        insert into changes by name
        select * exclude ({DELETED}, {CHANGE}), cast({unknown} as varchar[]) as {UNKNOWN},
            true as {DELETED}, {emptied.number} as {CHANGE}, {quote(emptied.lsn)} as {LSN},
            cast({quote(str(emptied.committed_at.replace(tzinfo=None)))} as timestamp)
                as {COMMITTED_AT}
        from (
            select * from (select {marks} from held union all
                select {marks} from changes where {CHANGE} < {emptied.number})
            qualify row_number() over (partition by {_listed(key)} order by {CHANGE} desc) = 1
        ) where not {DELETED}
    """


def filled_sql(columns: Sequence[str], key: Sequence[str], unsaid: Container[str]) -> str:
    """Returns the statement that makes ``filled``: each value as ``{said: value}`` or null.

    Args:
        columns: The columns of the changes.
        key: The key of the table.
        unsaid: The columns that some change says nothing of.
    """
    values = {name: f"struct_pack({SAID} := {identifier(name)})" for name in columns}
    said = ", ".join(
        f"last_value(case when not list_contains({UNKNOWN}, {quote(name)}) then {value} end "
        f"ignore nulls) over known as {identifier(name)}"
        if name in unsaid
        else f"{value} as {identifier(name)}"
        for name, value in values.items()
    )
    return f"""
        create or replace temp table filled as
        select {said}, {DELETED}, {LSN}, {CHANGE}, {COMMITTED_AT}
        from (from changes union all by name from held)
        window known as (
            partition by {", ".join(was_columns(key))}, {LIFE} order by {CHANGE}
            rows between unbounded preceding and current row
        )
    """


def unsaid_sql(columns: Sequence[str]) -> str:
    """Returns how many changes lack a value that nobody has said; of a deleted row it may."""
    lacking = " or ".join(f"{identifier(name)} is null" for name in columns)
    return f"select count(*) from filled where {CHANGE} > 0 and not {DELETED} and ({lacking})"


def changed_rows_sql(columns: Sequence[str], pull: Pull) -> str:
    """Returns the changes, whole and in their order; rows that are gone if the feed counts them."""
    values = ", ".join(f"{identifier(name)}.{SAID} as {identifier(name)}" for name in columns)
    order = ", ".join(f"{identifier(name)}.{SAID}" for name in pull.key)
    wanted = "" if pull.deletes else f" and not {DELETED}"
    return (
        f"select {values}, {DELETED}, {LSN}, {CHANGE}, {COMMITTED_AT} from filled "
        f"where {CHANGE} > 0{wanted} order by filled.{CHANGE}, {order}"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(identifier(name) for name in names)
