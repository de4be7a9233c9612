"""The sources of the dbt project, made anew before each invocation.

Views over the lake's listed parts, the deliveries, the stores, the holidays, and the *changed
keys*: those in parts that came or went since the last complete build, which staging models replace.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

import duckdb

from ecom_assets.contracts import Contract, load_contracts
from ecom_assets.duck import file_literal, identifier, insert_rows, warehouse_connection
from ecom_assets.feeds import Feed
from ecom_assets.file_version import file_version
from ecom_assets.home import Home
from ecom_assets.ingest.landing import FIRST_DAY
from ecom_assets.ingest.manifest import Part
from ecom_assets.ingest.parts import QUARANTINE
from ecom_assets.sources.failed_pulls import read_failed
from ecom_assets.stores import Stores, feeds_in_use
from ecom_assets.warehouse.deliveries import feed_limits, make_deliveries
from ecom_assets.warehouse.file_counts import count_files
from ecom_assets.warehouse.generation import Generation, current_generation
from ecom_assets.warehouse.holidays import public_holidays
from ecom_assets.warehouse.project import load_project, project_fingerprint

BEGINNING = "1900-01-01"
MOMENT = "occurred_at"  # of what is replaced by something else than its key, which events are
NO_SESSION = (
    "(select null as store_id, null as visitor_id, cast(null as timestamp) as started_at, "
    "cast(null as timestamp) as ended_at where false)"
)

QUARANTINE_COLUMNS = {
    "store_id": "varchar",
    "feed": "varchar",
    "dataset": "varchar",
    "source_file": "varchar",
    "source_row": "bigint",
    "rule": "varchar",
    "reason": "varchar",
    "raw_text": "varchar",
    "lines": "bigint",
    "delivered_on": "date",
    "landed_at": "timestamp",
}

STATE_TABLES = """
    create schema if not exists staging.raw;
    create schema if not exists staging.changed;
    create schema if not exists staging.state;
    create table if not exists staging.state.changes
        (store_id varchar, model varchar, changed_on date, orders_on date);
    create table if not exists staging.state.closed_parts (dataset varchar, path varchar);
    create table if not exists staging.state.unpublished
        (store_id varchar, changed_on date, orders_on date);
    -- a warehouse that was built before changes said so
    alter table staging.state.unpublished add column if not exists orders_on date;
    create table if not exists staging.state.published (version varchar);
    create table if not exists staging.state.project (fingerprint varchar);
    create table if not exists staging.state.counted_files (
        batch varchar, inputs varchar, store_id varchar, feed varchar, name varchar,
        delivered_on date, accepted_rows bigint, held_rows bigint, quarantined_rows hugeint,
        records bigint, distinct_records bigint
    );
"""


def make_sources(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    stores: Stores,
    generation: Generation,
    *,
    with_changed_keys: bool = True,
) -> None:
    """Makes the sources of the dbt project where ``staging`` and ``warehouse`` are attached.

    Args:
        connection: Has these attached.
        home: The home.
        stores: Its stores.
        generation: What is built from.
        with_changed_keys: Whether to look for them; a build with full refresh needs none.
    """
    _make_raw_sources(connection, home, stores, generation)
    connection.execute("delete from staging.state.project")
    connection.execute("insert into staging.state.project values (?)", [project_fingerprint()])
    _make_holidays(connection, stores)
    held = held_parts(connection)
    _make_changed_keys(connection, home, held, generation.parts if with_changed_keys else ())
    if not held:
        _note_a_beginning(connection, stores)


def held_parts(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Returns (dataset, path) of the parts that the warehouse was last wholly built from."""
    connection.execute(STATE_TABLES)
    rows = connection.execute("select dataset, path from staging.state.closed_parts").fetchall()
    return {(str(dataset), str(path)) for dataset, path in rows}


@contextmanager
def raw_connection(home: Home, stores: Stores) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens the warehouse with up-to-date raw views, deliveries and counts of files.

    It is for the checks before dbt, which read and change nothing.
    """
    with warehouse_connection(home) as connection:
        _make_raw_sources(connection, home, stores, current_generation(home))
        count_files(connection, feeds_in_use(home, stores))
        yield connection


def _make_raw_sources(
    connection: duckdb.DuckDBPyConnection, home: Home, stores: Stores, generation: Generation
) -> None:
    connection.execute(STATE_TABLES)
    _make_raw_views(connection, home, generation.parts)
    feeds = feeds_in_use(home, stores)
    _make_stores(connection, stores, feeds)
    make_deliveries(connection, home, stores, feeds)
    _make_failed_pulls(connection, home, stores, feeds)


def _make_raw_views(
    connection: duckdb.DuckDBPyConnection, home: Home, parts: Sequence[Part]
) -> None:
    by_dataset: dict[str, list[str]] = {}
    for part in parts:
        by_dataset.setdefault(part.dataset, []).append(part.path)
    schemas = {name: contract.table_schema() for name, contract in load_contracts().items()}
    for dataset, columns in {**schemas, QUARANTINE: QUARANTINE_COLUMNS}.items():
        name = "quarantined_rows" if dataset == QUARANTINE else dataset
        rows = _parts_sql(home, columns, by_dataset.get(dataset, []))
        connection.execute(f"create or replace view staging.raw.{name} as {rows}")
    _make_parts(connection, home, parts)


def _make_parts(connection: duckdb.DuckDBPyConnection, home: Home, parts: Iterable[Part]) -> None:
    """Makes the table of listed parts; a file that is replaced or changed has another version."""
    connection.execute(
        "create or replace table staging.raw.parts "
        "(dataset varchar, batch varchar, location varchar, version varchar, rows bigint)"
    )
    rows: list[tuple[str, str, str, str, int]] = []
    for part in parts:
        location = home.lake / part.path
        version = " ".join(map(str, file_version(location)))
        rows.append((part.dataset, part.batch, str(location), version, part.rows))
    insert_rows(connection, "staging.raw.parts", rows)


def _parts_sql(home: Home, columns: Mapping[str, str], paths: Iterable[str]) -> str:
    """Returns a select over parts that has all columns, also where there is no part."""
    empty = ", ".join(f"cast(null as {kind}) as {identifier(n)}" for n, kind in columns.items())
    listed = ", ".join(file_literal(home.lake / path) for path in paths)
    if not listed:
        return f"select {empty} where false"
    names = ", ".join(identifier(name) for name in columns)
    return (
        f"select {names} from (select {empty} where false union all by name "
        f"select * from read_parquet([{listed}], union_by_name = true, hive_partitioning = false))"
    )


def _make_stores(
    connection: duckdb.DuckDBPyConnection, stores: Stores, feeds: Mapping[str, Feed]
) -> None:
    connection.execute(
        """
        create or replace temp table new_stores (
            store_id varchar, store_name varchar, currency_code varchar, timezone varchar,
            country_code varchar, reporting_currency_code varchar,
            fiscal_year_start_month integer, max_pending_days integer, has_rates boolean,
            stock_below_zero varchar
        )
        """
    )
    rows = [
        (
            store_id,
            store.name or store_id,
            store.currency,
            store.timezone,
            store.country,
            stores.reporting_currency,
            store.fiscal_year_start_month,
            store.max_pending_days,
            any("raw_fx_rates" in feeds[name].sql for name in store.feeds),
            store.stock_below_zero,
        )
        for store_id, store in stores.stores.items()
    ]
    insert_rows(connection, "new_stores", rows)
    connection.execute(
        f"""
        create table if not exists staging.raw.stores as select * from new_stores where false;
        -- a warehouse that was built before stores said so
        alter table staging.raw.stores add column if not exists stock_below_zero varchar;
        begin transaction;
        insert into staging.state.changes
        select distinct store_id, 'stores', date '{BEGINNING}', cast(null as date) from (
            (select * from staging.raw.stores except select * from new_stores)
            union all (select * from new_stores except select * from staging.raw.stores)
        ) where store_id in (select store_id from staging.raw.stores);
        delete from staging.raw.stores;
        insert into staging.raw.stores select * from new_stores;
        commit;
        """
    )


def _make_failed_pulls(
    connection: duckdb.DuckDBPyConnection, home: Home, stores: Stores, feeds: Mapping[str, Feed]
) -> None:
    connection.execute(
        "create or replace table staging.raw.failed_pulls (store_id varchar, feed varchar, "
        "failed_at timestamp, message varchar, required boolean)"
    )
    rows = [
        (
            failed.store,
            failed.feed,
            failed.failed_at.replace(tzinfo=None),
            failed.message,
            feed_limits(stores.stores[failed.store], feeds[failed.feed])[0],
        )
        for failed in read_failed(home, stores)
    ]
    insert_rows(connection, "staging.raw.failed_pulls", rows)


def _make_holidays(connection: duckdb.DuckDBPyConnection, stores: Stores) -> None:
    connection.execute(
        "create or replace table staging.raw.holidays "
        "(country_code varchar, holiday_on date, holiday_name varchar)"
    )
    years = connection.execute(
        "select year(max(delivered_on)) + 1 from staging.raw.deliveries"
    ).fetchone()
    if not years or years[0] is None:
        return
    countries = sorted({store.country for store in stores.stores.values() if store.country})
    rows = public_holidays(countries, FIRST_DAY.year, years[0])  # one file may hold years
    insert_rows(connection, "staging.raw.holidays", rows)


def _make_changed_keys(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    held: AbstractSet[tuple[str, str]],
    parts: Iterable[Part],
) -> None:
    """Makes one table of changed keys per followed dataset, from parts that came or went.

    A document touched in any dataset touches its rows in all of them. Keys are added to those that
    are still held, for a file may come, be built from in part, and be replaced before the close.
    """
    listed = {(part.dataset, part.path) for part in parts}
    moved = {name: _paths(held ^ listed, name) for name in load_contracts()}
    documents = " union ".join(
        "select store_id, feed, document_id "
        f"from ({_parts_sql(home, contract.table_schema(), moved[name])})"
        for name, contract in load_contracts().items()
    )
    _add_keys(
        connection,
        "staging.changed.documents",
        f"select * from ({documents}) where document_id is not null",
    )
    for name in load_project().followed:
        contract = load_contracts()[name]
        columns = ["store_id", *changed_key(contract)]
        if contract.replaced_by:
            columns.append(MOMENT)
        keys, qualified = ", ".join(columns), ", ".join(f"r.{column}" for column in columns)
        rows = _parts_sql(home, contract.table_schema(), moved[name])
        sql = f"""
            select {keys} from ({rows})
            union
            select {qualified} from staging.raw.{name} as r
            join staging.changed.documents as d
                on r.store_id = d.store_id and r.feed = d.feed and r.document_id = d.document_id
            """
        if contract.replaced_by:
            # another version of a row, in a part that stays, may be of another value
            staying = _parts_sql(home, contract.table_schema(), _paths(held & listed, name))
            sql += f"""
            union
            select {qualified} from ({staying}) as r
            join ({rows}) as m using ({", ".join(["store_id", *contract.key])})
            """
            _add_visitors(connection, f"staging.changed.{name}", sql)
        else:
            _add_keys(connection, f"staging.changed.{name}", sql)


def _paths(parts: Iterable[tuple[str, str]], dataset: str) -> list[str]:
    return sorted(path for name, path in parts if name == dataset)


def _add_keys(connection: duckdb.DuckDBPyConnection, table: str, sql: str) -> None:
    """Adds the keys of a select, which yields each once, but those that are there."""
    connection.execute(f"create table if not exists {table} as select * from ({sql}) limit 0")
    are_held = connection.execute(f"select exists (from {table})").fetchall()[0][0]
    but_held = f"except select * from {table}" if are_held else ""
    connection.execute(f"insert into {table} by name ({sql}) {but_held}")


def _add_visitors(connection: duckdb.DuckDBPyConnection, table: str, sql: str) -> None:
    """Adds the visitors of a select of events, each with the moment from which sessions may change.

    That is the beginning of the session in which the first of the events is, or of the one before
    it: nothing older can be joined to it, for a session ends long before a day without an event.
    """
    connection.execute(
        f"create table if not exists {table} "
        "(store_id varchar, visitor_id varchar, changed_from timestamp)"
    )
    has_sessions = connection.execute(
        "select 1 from duckdb_tables() where (database_name, schema_name, table_name) = "
        "('staging', 'main', 'int_sessions')"
    ).fetchall()
    sessions = "staging.main.int_sessions" if has_sessions else NO_SESSION
    connection.execute(
        f"""
        create or replace table {table} as
        with told as (
            select store_id, visitor_id, min({MOMENT}) as first_at from ({sql}) group by all
        )
        select store_id, visitor_id, min(changed_from) as changed_from
        from (
            from {table}
            union all
            select t.store_id, t.visitor_id, least(t.first_at, min(s.started_at)) as changed_from
            from told as t
            left join {sessions} as s
                on t.store_id = s.store_id and t.visitor_id = s.visitor_id
                and s.ended_at >= t.first_at - interval 1 day
            group by t.store_id, t.visitor_id, t.first_at
        )
        group by all
        """
    )


def changed_key(contract: Contract) -> tuple[str, ...]:
    """Returns the key at which a dataset's rows are replaced: whole orders, refunds, visitors."""
    return contract.replaced_by or tuple(name for name in contract.key if name != "line_number")


def _note_a_beginning(connection: duckdb.DuckDBPyConnection, stores: Stores) -> None:
    """A warehouse that was never wholly built is built from the beginning, for every store.

    Its staging is made anew and tells no changes: a store that came since the last attempt, which
    was not closed, would have no facts.
    """
    noted = {
        str(store_id)
        for (store_id,) in connection.execute(
            "select store_id from staging.state.changes where model = 'warehouse'"
        ).fetchall()
    }
    insert_rows(
        connection,
        "staging.state.changes",
        [
            (store_id, "warehouse", BEGINNING, None)
            for store_id in stores.stores
            if store_id not in noted
        ],
    )
