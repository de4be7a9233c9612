"""The table whose changes are read, as the server publishes it; what must hold before one reads."""

from dataclasses import dataclass

from ecom_assets.errors import SourceError
from ecom_assets.feeds import Feed, Pull
from ecom_assets.sources.changes.replication import Query
from ecom_assets.sources.columns import columns_fault
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.databases.dialect import DIALECTS, table_name

OLDEST = 12_00_00
COLUMN_LISTS = 15_00_00  # from this version on a publication may choose columns and rows


@dataclass(frozen=True)
class Published:
    """A table that a publication has.

    Attributes:
        oid: The table's number.
        columns: Declared types of the columns whose changes come, in the table's order.
    """

    oid: int
    columns: dict[str, str]


def find_published(
    query: Query, address: Address, feed: Feed, pull: Pull, publication: str
) -> Published:
    """Looks at the table and how it is published.

    Args:
        query: Asks the database.
        address: Which that is.
        feed: What needs the table.
        pull: Which table.
        publication: What is to have it.

    Raises:
        SourceError: There is none, it is not published whole, or a change would not name its row.
    """
    _check_server(query, address)
    query.execute(
        "select c.oid, n.nspname, c.relname, c.relkind::text, c.relreplident::text "
        "from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
        "where c.oid = to_regclass(%s)",
        (table_name(DIALECTS["postgres"], pull.place),),
    )
    found = query.fetchone()
    if found is None:
        raise SourceError(f"{address!r} has no table {pull.place}: see `pull` in feed.yaml")
    oid, schema, name, kind, identity = found
    _check_alone(query, address, pull.place, (oid, kind))
    _check_publication(query, address, publication, pull.place)
    query.execute(
        f"select {'attnames::text[], rowfilter' if _has_lists(query) else 'null::text[], null'} "
        "from pg_publication_tables where pubname = %s and schemaname = %s and tablename = %s",
        (publication, schema, name),
    )
    entry = query.fetchone()
    if entry is None:
        raise SourceError(_not_in(publication, address, pull.place, kind))
    listed, only_rows = entry
    if only_rows:
        raise SourceError(
            f"publication {publication} of {address!r} lets only some rows of {pull.place} "
            "through: publish the table without `where`"
        )
    columns = _columns(query, oid, listed)
    if fault := columns_fault(list(columns), feed, pull):
        raise SourceError(f"{address!r} {fault}")
    _check_identity(query, address, pull, (oid, kind, identity))
    return Published(oid, columns)


def _check_server(query: Query, address: Address) -> None:
    if query.connection.server_version < OLDEST:
        raise SourceError(f"{address!r} is older than PostgreSQL 12, from which changes are read")
    query.execute("show wal_level")
    (level,) = query.fetchone() or ("",)
    if level != "logical":
        raise SourceError(
            f"{address!r} keeps no changes to read (wal_level is {level}): set wal_level = logical "
            "in postgresql.conf, restart the server, and pull again"
        )


def _has_lists(query: Query) -> bool:
    return query.connection.server_version >= COLUMN_LISTS


def _check_alone(query: Query, address: Address, table: str, found: tuple[int, str]) -> None:
    """Refuses a table that others inherit from: their rows show in it, their changes do not."""
    oid, kind = found
    query.execute("select exists (select from pg_inherits where inhparent = %s)", (oid,))
    (has_children,) = query.fetchone() or (False,)
    if has_children and kind != "p":
        raise SourceError(
            f"{address!r} has tables that inherit from {table}, whose rows show in it and whose "
            "changes are not among its own: pull it without `changes`, or make it partitioned"
        )


def _check_publication(query: Query, address: Address, publication: str, table: str) -> None:
    query.execute(
        "select pubinsert and pubupdate and pubdelete and pubtruncate "
        "from pg_publication where pubname = %s",
        (publication,),
    )
    found = query.fetchone()
    if found is None:
        raise SourceError(
            f"{address!r} has no publication {publication}: its owner makes one with: "
            f"create publication {publication} for table {table}"
        )
    if not found[0]:
        raise SourceError(
            f"publication {publication} of {address!r} leaves out a kind of change: alter "
            f"publication {publication} set (publish = 'insert, update, delete, truncate')"
        )


def _not_in(publication: str, address: Address, table: str, kind: str) -> str:
    if kind == "p":
        return (
            f"publication {publication} of {address!r} does not have the partitioned table {table} "
            f"under its own name: alter publication {publication} add table {table}, or set "
            "(publish_via_partition_root = true) if it is there"
        )
    return (
        f"publication {publication} of {address!r} does not have {table}: alter publication "
        f"{publication} add table {table} (a view has no changes, name its table)"
    )


def _columns(query: Query, oid: int, listed: list[str] | None) -> dict[str, str]:
    """Returns the columns with their types; generated ones are in no change."""
    query.execute(
        "select attname::text, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = %s and attnum > 0 and not attisdropped and attgenerated = '' "
        "order by attnum",
        (oid,),
    )
    return {name: kind for name, kind in query.fetchall() if listed is None or name in listed}


def _check_identity(
    query: Query, address: Address, pull: Pull, table: tuple[int, str, str]
) -> None:
    """Refuses a table of whose deleted rows the changes would not tell the feed's key."""
    oid, kind, identity = table
    if identity == "f" and kind != "p":
        return
    query.execute(
        "select attname::text from pg_index as i join pg_attribute as a "
        "on a.attrelid = i.indrelid and a.attnum = any(i.indkey) where i.indrelid = %s "
        "and case %s when 'i' then i.indisreplident when 'n' then false else i.indisprimary end",
        (oid, identity),
    )
    told = sorted(name for (name,) in query.fetchall())
    if told != sorted(pull.key) and identity != "f":
        raise SourceError(
            f"{address!r} names rows of {pull.place} that are changed or gone by "
            f"{', '.join(told) or 'nothing'}, and the feed by {', '.join(pull.key)}: make these "
            f"the primary key, or: alter table {pull.place} replica identity full"
        )


def base_types(query: Query) -> dict[int, int]:
    """Returns, of all types that are domains, the types beneath them, by number."""
    query.execute(
        "with recursive beneath as (select oid as domain, typbasetype as base from pg_type "
        "where typtype = 'd' union all select b.domain, t.typbasetype "
        "from beneath as b join pg_type as t on t.oid = b.base where t.typtype = 'd') "
        "select b.domain::bigint, b.base::bigint from beneath as b join pg_type as t "
        "on t.oid = b.base where t.typtype <> 'd'"
    )
    return dict(query.fetchall())
