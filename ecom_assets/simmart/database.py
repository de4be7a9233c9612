"""The database of a simulated shop: its tables as they stand at the end of the last day.

The same rows as in its files, but for events: one row a key, the newest, and none of who is gone.
Every row tells when it came about (``updated_at``, UTC). Going on writes the rows of the new days
and leaves the others alone, so that a pull, or who follows the changes, finds those only.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from ecom_assets.duck import quote, scratch_folder
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import shipped_feeds
from ecom_assets.home import Home
from ecom_assets.settings import source_secret
from ecom_assets.simmart.columns import DAY
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.sources.databases.address import Address, parse_address
from ecom_assets.sources.databases.connection import SOURCE, source_connection
from ecom_assets.sources.databases.dialect import DIALECTS
from ecom_assets.sources.databases.failure import ask

UPDATED = "updated_at"
DELETED = "is_deleted"
RENAMED = {"sku": "product_id", "warehouse": "warehouse_id"}
NOTE = "simulation"  # the table that says what the others hold
# By the types of feeds; SQLite, PostgreSQL and MySQL know them all.
TYPES = {
    "text": "varchar(255)",
    "integer": "bigint",
    "money": "decimal(18,4)",
    "decimal": "decimal(18,8)",
    "date": "date",
    "timestamp": "datetime",
}


@dataclass(frozen=True)
class Table:
    """A table of the shop's database.

    Attributes:
        name: Its name.
        key: What tells its rows apart.
        moment: The column that tells when a row came about; without one it is the start of the day.
        changes: Whether a row may change, or go, after it came about.
    """

    name: str
    key: tuple[str, ...]
    moment: str | None = None
    changes: bool = False

    @property
    def feed(self) -> str:
        """The feed whose files hold the same rows."""
        return f"simmart_{self.name}"

    @property
    def columns(self) -> dict[str, str]:
        """SQL types by column."""
        of_feed = {
            RENAMED.get(column.header, column.header): TYPES[column.type]
            for column in shipped_feeds()[self.feed].columns
            if column.header != DELETED
        }
        return {**of_feed, UPDATED: TYPES["timestamp"]}


DATABASE = (
    Table("customers", ("customer_id",), UPDATED, changes=True),
    Table("products", ("product_id",), UPDATED, changes=True),
    Table("orders", ("order_id",), UPDATED, changes=True),
    Table("order_items", ("order_id", "line_number")),
    Table("payments", ("payment_id",), "paid_at"),
    Table("refunds", ("refund_id", "line"), "refunded_at"),
    Table("shipments", ("shipment_id",), "delivered_at"),
    Table("inventory_movements", ("movement_id",), "moved_at"),
    Table("inventory_counts", ("product_id", "warehouse_id", "counted_on")),
    Table("campaigns", ("campaign_id",)),
    Table("campaign_spend", ("campaign_id", "spend_on")),
    Table("fx_rates", ("rate_on", "currency")),
)


def write_database(home: Home, shop: Shop, variable: str) -> dict[str, int]:
    """Brings a database to the end of a shop's last day, in one transaction.

    Args:
        home: The home, for scratch files.
        shop: The shop.
        variable: The environment variable that holds the database's URL.

    Returns:
        How many rows were written, by table.

    Raises:
        SourceError: The database cannot be reached or written.
        ConfigurationError: It holds another simulation, or later days.
    """
    address = parse_address(variable, source_secret(variable))
    if address.kind == "sqlite":
        Path(address.place["path"]).touch()
    written: dict[str, int] = {}
    with (
        scratch_folder(home) as folder,
        source_connection(home, address, read_only=False) as connection,
    ):
        first_day = _first_day(connection, address, shop)
        for table in DATABASE:
            rows = _rows(table, shop, first_day)
            rows.write_parquet(folder / f"{table.name}.parquet")
            written[table.name] = len(rows.filter(~pl.col(DELETED)))
        if not first_day:
            for table in DATABASE:
                _drop(connection, address, table.name)
                _create(connection, address, table.name, table.columns, table.key)
        connection.execute("begin transaction")
        for table in DATABASE:
            path = folder / f"{table.name}.parquet"
            ask(address, table.name, lambda t=table, p=path: _write(connection, address, t, p))
        ask(address, NOTE, lambda: _note(connection, address, shop, shop.plan.end))
        ask(address, "all", lambda: connection.execute("commit"))
    return written


def _rows(table: Table, shop: Shop, first_day: int) -> pl.DataFrame:
    """Returns the newest row of each key that came about from a day on, also of what is gone."""
    told = TABLES[table.feed](shop).rename(RENAMED, strict=False)
    told = told.filter(pl.col(DAY).is_between(first_day, shop.plan.days - 1))
    if table.moment is None:
        midnights = pl.from_epoch(pl.Series(shop.plan.midnights), time_unit="s")
        told = told.with_columns(midnights.gather(told[DAY]).alias(UPDATED))
    else:
        told = told.with_columns(pl.col(table.moment).alias(UPDATED))
    gone = pl.col(DELETED) == 1 if DELETED in told.columns else pl.lit(value=False)
    newest = told.unique(list(table.key), keep="last", maintain_order=True)
    return newest.select(*table.columns, gone.alias(DELETED))


def _first_day(connection: duckdb.DuckDBPyConnection, address: Address, shop: Shop) -> int:
    """Returns the first day that the database does not hold; takes one that holds nothing.

    It is taken before anything is written: what a kill leaves is known as ours, and made anew.

    Raises:
        ConfigurationError: It holds another simulation, later days, or tables of somebody else.
    """
    plan = shop.plan
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = ?", [SOURCE]
    ).fetchall()
    names = {str(name) for (name,) in found}
    if NOTE not in names:
        if others := names & {table.name for table in DATABASE}:
            raise ConfigurationError(
                f"{address!r} holds a table {min(others)} that no simulation made: name another"
            )
        _create(connection, address, NOTE, _note_columns(), ("store",))
    note = f"select store, seed, started_on, ended_on from {SOURCE}.{NOTE}"
    held = connection.execute(note).fetchall()
    if not held:
        _note(connection, address, shop, None)
        return 0
    ((store, seed, started_on, ended_on),) = held
    if (store, int(seed), str(started_on)) != (plan.store, plan.seed, f"{plan.start}"):
        raise ConfigurationError(
            f"{address!r} holds {store} of seed {seed} from {started_on} on: go on with that, or "
            "name another database"
        )
    if ended_on is None:
        return 0
    if str(ended_on) > f"{plan.end}":
        raise ConfigurationError(f"{address!r} is already simulated up to {ended_on}")
    return sum(f"{plan.day(day)}" <= str(ended_on) for day in range(plan.days))


def _drop(connection: duckdb.DuckDBPyConnection, address: Address, name: str) -> None:
    ask(address, name, lambda: connection.execute(f"drop table if exists {SOURCE}.{name}"))


def _create(
    connection: duckdb.DuckDBPyConnection,
    address: Address,
    name: str,
    columns: dict[str, str],
    key: tuple[str, ...],
) -> None:
    listed = ", ".join(f"{_name(address, column)} {kind}" for column, kind in columns.items())
    keys = ", ".join(_name(address, column) for column in key)
    body = f"({listed}, primary key ({keys}))"
    if address.kind == "mysql":  # DuckDB's own statement would make keys of type text, which fails
        _execute_mysql(connection, address, f"create table {_name(address, name)} {body}")
        connection.execute("call mysql_clear_cache()")
    else:
        ask(address, name, lambda: connection.execute(f"create table {SOURCE}.{name} {body}"))


def _write(
    connection: duckdb.DuckDBPyConnection, address: Address, table: Table, rows: Path
) -> None:
    source = f"read_parquet({quote(str(rows))})"
    if table.changes:
        (key,) = table.key
        found = connection.execute(f"select {key} from {source}").fetchall()
        if found:
            _delete(connection, address, table.name, key, [str(value) for (value,) in found])
    casts = ", ".join(f"cast({name} as {kind})" for name, kind in table.columns.items())
    connection.execute(
        f"insert into {SOURCE}.{table.name} select {casts} from {source} where not {DELETED}"
    )


def _delete(
    connection: duckdb.DuckDBPyConnection,
    address: Address,
    table: str,
    key: str,
    values: list[str],
) -> None:
    listed = ", ".join(quote(value) for value in values)
    condition = f"{_name(address, key)} in ({listed})"
    if address.kind == "mysql":  # DuckDB hands only the simplest deletes to it
        statement = f"delete from {_name(address, table)} where {condition}"
        _execute_mysql(connection, address, statement)
    else:
        connection.execute(f"delete from {SOURCE}.{table} where {condition}")


def _execute_mysql(connection: duckdb.DuckDBPyConnection, address: Address, sql: str) -> None:
    call = f"call mysql_execute('{SOURCE}', {quote(sql)})"
    ask(address, "all", lambda: connection.execute(call))


def _note_columns() -> dict[str, str]:
    whole, day = TYPES["integer"], TYPES["date"]
    return {"store": TYPES["text"], "seed": whole, "started_on": day, "ended_on": day}


def _note(
    connection: duckdb.DuckDBPyConnection, address: Address, shop: Shop, end: date | None
) -> None:
    """Notes whose the tables are, and up to which day they are whole; None for not yet."""
    plan = shop.plan
    _delete(connection, address, NOTE, "store", [plan.store])
    connection.execute(
        f"insert into {SOURCE}.{NOTE} values (?, ?, ?, ?)", [plan.store, plan.seed, plan.start, end]
    )


def _name(address: Address, name: str) -> str:
    return DIALECTS[address.kind].name(name)
