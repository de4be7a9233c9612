"""Connections to Postgres for what DuckDB's extension cannot do: replication, and its snapshot."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import psycopg2
import psycopg2.extras

from ecom_assets.errors import SourceError
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.databases.connection import PATIENCE_SECONDS
from ecom_assets.sources.databases.dialect import POSTGRES_SESSION
from ecom_assets.sources.databases.failure import explain_failure

LOCK_TIMEOUT = "60s"  # a new slot waits for all transactions that are under way
Answer = TypeVar("Answer")
Query = psycopg2.extensions.cursor
Replication = psycopg2.extras.ReplicationCursor


def ask_postgres(address: Address, table: str, question: Callable[[], Answer]) -> Answer:
    """Returns what Postgres answers.

    Args:
        address: The database.
        table: What it is asked about.
        question: Asks it.

    Raises:
        SourceError: The server had an error; the message holds no part of the URL.
    """
    try:
        return question()
    except psycopg2.Error as error:
        sentence = explain_failure(str(error) or type(error).__name__, address, table)
    raise SourceError(sentence)


@contextmanager
def queries(address: Address) -> Generator[Query]:
    """Opens a connection for queries that each stand alone."""
    with closing(psycopg2.connect(**_told(address))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


@contextmanager
def snapshot_rows(address: Address, snapshot: str, sql: str, size: int) -> Generator[Query]:
    """Opens a cursor over rows as of an exported snapshot; it fetches some at a time."""
    with closing(psycopg2.connect(**_told(address))) as connection:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("set transaction snapshot %s", (snapshot,))
        with connection.cursor("snapshot") as cursor:
            cursor.itersize = size
            cursor.execute(sql)
            yield cursor


@contextmanager
def replication(address: Address) -> Generator[Replication]:
    """Opens a connection that takes commands of replication and no others."""
    factory = psycopg2.extras.LogicalReplicationConnection
    with (
        closing(psycopg2.connect(**_told(address), connection_factory=factory)) as connection,
        connection.cursor() as cursor,
    ):
        yield cursor


def _told(address: Address) -> dict[str, Any]:
    """Returns what libpq is told; how values are written is that of every pull."""
    place = {"dbname" if k == "database" else k: value for k, value in address.place.items()}
    session = {**POSTGRES_SESSION, "lock_timeout": LOCK_TIMEOUT}
    settings = [f"-c {name}={value.replace(' ', chr(92) + ' ')}" for name, value in session.items()]
    given = address.options.get("options", "")
    return {
        "connect_timeout": PATIENCE_SECONDS,
        **address.options,
        **place,
        "client_encoding": "UTF8",
        "options": " ".join([given, *settings]).strip(),
    }
