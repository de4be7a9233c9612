"""How each database is asked. Pure functions that return SQL in the database's own words.

Every value is asked for as the text that its own database makes of it. DuckDB's types would lose
some without a word: a Postgres ``numeric`` of more than 38 digits becomes a double, its ``NaN`` a
zero, a far year another one; a zero date of MySQL ends the pull, its ``tinyint(1)`` 2 becomes true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ecom_assets.duck import identifier, quote

MYSQL_BINARY = (
    *("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry"),
)
TEXTS = ("text", "char", "clob", "enum")
INSIDE = "_inside"

# How Postgres writes times, floats and bytes is a matter of the session; these are for ours alone.
POSTGRES_SESSION = {
    "DateStyle": "ISO, YMD",
    "TimeZone": "UTC",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


class Dialect(Protocol):
    """How one kind of database is asked."""

    @property
    def function(self) -> str:
        """The table function of DuckDB that hands a query to it."""
        ...

    def name(self, name: str) -> str:
        """Returns a name as it is quoted."""
        ...

    def columns(self, table: str) -> str:
        """Returns the query for names and types of a table's columns, in their order."""
        ...

    def text(self, value: str, declared: str) -> str:
        """Returns an expression of a declared type as text."""
        ...


@dataclass(frozen=True)
class Sqlite:
    """SQLite: a value has a type of its own, whatever its column declares."""

    function: str = "sqlite_query"

    def name(self, name: str) -> str:
        """Returns a name as it is quoted."""
        return identifier(name)

    def columns(self, table: str) -> str:
        """Returns the query for names and types of a table's columns, in their order."""
        schema, _, name = table.rpartition(".")
        return f"select name, type from pragma_table_info({quote(name)}, {quote(schema or 'main')})"

    def text(self, value: str, declared: str) -> str:
        """Returns an expression as text, bytes in hexadecimal."""
        del declared
        return f"case typeof({value}) when 'blob' then hex({value}) else cast({value} as text) end"


@dataclass(frozen=True)
class Postgres:
    """PostgreSQL, and what speaks like it."""

    function: str = "postgres_query"

    def name(self, name: str) -> str:
        """Returns a name as it is quoted."""
        return identifier(name)

    def columns(self, table: str) -> str:
        """Returns the query for names and types of a table's columns, in their order."""
        return (
            "select cast(attname as text), format_type(atttypid, atttypmod) from pg_attribute "
            f"where attrelid = cast({quote(table_name(self, table))} as regclass) "
            "and attnum > 0 and not attisdropped order by attnum"
        )

    def text(self, value: str, declared: str) -> str:
        """Returns an expression as text; the session says how (see ``POSTGRES_SESSION``)."""
        del declared
        return f"cast({value} as text)"


@dataclass(frozen=True)
class Mysql:
    """MySQL and MariaDB."""

    function: str = "mysql_query"

    def name(self, name: str) -> str:
        """Returns a name as it is quoted."""
        return "`" + name.replace("`", "``") + "`"

    def columns(self, table: str) -> str:
        """Returns the query for names and types of a table's columns, in their order."""
        schema, _, name = table.rpartition(".")
        return (
            "select cast(column_name as char), cast(data_type as char) "
            f"from information_schema.columns where table_name = {_mysql_text(name)} "
            f"and table_schema = {_mysql_text(schema) if schema else 'database()'} "
            "order by ordinal_position"
        )

    def text(self, value: str, declared: str) -> str:
        """Returns an expression of a declared type as text, bytes and bits in hexadecimal."""
        return f"hex({value})" if declared in MYSQL_BINARY else f"cast({value} as char)"


DIALECTS: Mapping[str, Dialect] = {"sqlite": Sqlite(), "postgres": Postgres(), "mysql": Mysql()}


def table_name(dialect: Dialect, table: str) -> str:
    """Returns ``table`` or ``schema.table`` as it is quoted."""
    return ".".join(dialect.name(part) for part in table.split("."))


def since(dialect: Dialect, column: str, start: str) -> str:
    """Returns the condition that a row's watermark is not before a literal, or is missing."""
    name = dialect.name(column)
    return f"({name} >= {start} or {name} is null)"


def holds_text(dialect: Dialect, declared: str) -> bool:
    """Whether moments in a column are compared as text, as SQLite does with all of them."""
    return isinstance(dialect, Sqlite) or any(word in declared.lower() for word in TEXTS)


def rows_sql(
    dialect: Dialect,
    table: str,
    columns: Mapping[str, str],
    condition: str | None,
    always: Sequence[str] | None,
) -> str:
    """Returns one statement, and so one snapshot, for the rows of a window.

    Args:
        dialect: Of the database.
        table: Its table.
        columns: Declared types by column.
        condition: Which rows; None for all.
        always: Columns to read of every row, also outside the window, where the others stay
            empty and ``_inside`` is 0; None reads only the rows inside.
    """
    texts = {name: dialect.text(dialect.name(name), declared) for name, declared in columns.items()}
    if condition and always is not None:
        texts |= {
            name: f"case when {condition} then {text} end"
            for name, text in texts.items()
            if name not in always
        }
    listed = ", ".join(f"{text} as {dialect.name(name)}" for name, text in texts.items())
    inside = "1" if not condition else f"case when {condition} then 1 else 0 end"
    where = f" where {condition}" if condition and always is None else ""
    return f"select {listed}, {inside} as {INSIDE} from {table_name(dialect, table)}{where}"


def newest_sql(dialect: Dialect, table: str, column: str, declared: str) -> str:
    """Returns the query for a table's newest watermark, as text."""
    newest = dialect.text(f"max({dialect.name(column)})", declared)
    return f"select {newest} as newest from {table_name(dialect, table)}"


def invalid_sql(table: str, column: str, key: Sequence[str]) -> str:
    """Returns SQLite's query for the bytes of a column's texts, in hexadecimal as those of keys."""
    sqlite = Sqlite()
    keys = "".join(
        f"hex(cast({sqlite.name(name)} as text)) as k{no}, " for no, name in enumerate(key)
    )
    name = sqlite.name(column)
    return (
        f"select {keys}hex({name}) as bytes from {table_name(sqlite, table)} "
        f"where typeof({name}) = 'text'"
    )


def _mysql_text(text: str) -> str:
    return quote(text.replace("\\", "\\\\"))
