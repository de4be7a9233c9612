"""What a database's error means, in a sentence that holds nothing of its URL.

DuckDB's message may quote the connection, the query or a value. It is matched against what servers
are known to say; of anything else only the first line is shown, rid of every part of the URL. The
sentence is raised outside the handler, so that no chained exception carries the message on.
"""

import re
from collections.abc import Callable
from typing import TypeVar

import duckdb

from ecom_assets.errors import SourceError
from ecom_assets.feeds.changes import ANEW
from ecom_assets.sources.databases.address import Address

Answer = TypeVar("Answer")

# The first that matches counts: a server that refuses a user also "failed to connect".
MEANINGS = (
    (
        r"password authentication failed|Access denied|no password supplied|role .* does not exist"
        r"|no pg_hba\.conf entry|authentication (method|plugin)",
        "refuses the user or the password",
    ),
    (
        r"database .* does not exist|Unknown database|file is not a database",
        "is none: there is no database of that name or in that file",
    ),
    (
        r"relation .* does not exist|Table .* doesn't exist|no such table|schema .* does not exist",
        "has no table {table}: see `pull` in feed.yaml",
    ),
    (
        r"column .* does not exist|Unknown column|no such column",
        "has other columns in {table} than a moment ago: pull again",
    ),
    (
        r"replication role|permission denied to start WAL sender|permission denied to use "
        r"replication slots|REPLICATION attribute",
        "does not let this user read changes: alter role ... with replication",
    ),
    (
        r"replication slots are in use|exceeds max_wal_senders",
        "has no room for another slot (two while a snapshot is taken): raise max_replication_slots "
        "and max_wal_senders, or drop slots that nobody reads",
    ),
    (
        r"replication slot .* is active",
        "has a slot that somebody else reads: pull again when that is done",
    ),
    (
        r"can no longer get changes from replication slot|publication .* does not exist"
        r"|replication slot .* (does not exist|was invalidated)",
        f"has no longer all changes of {{table}}: {ANEW}",
    ),
    (
        r"permission denied|command denied",
        "does not let this user read {table}: grant select on it",
    ),
    (
        r"server closed the connection|terminating connection|Lost connection|gone away"
        r"|connection has been closed|connection to server was lost|in recovery mode"
        r"|no connection to the server|no message from the libpq|shutting down|starting up",
        "ended the connection: nothing of this pull was kept, the next one goes on",
    ),
    (r"is locked|is busy|lock timeout", "is locked by a writer: pull again when that is done"),
    (r"operator does not exist|invalid input syntax", "has a watermark of another type in {table}"),
    (
        r"onnection refused|an't connect|could not connect|translate host name|Unknown .*host"
        r"|timeout|timed out|No such file|unable to open|not known|unreachable|nable to connect",
        "cannot be reached: is the server running, and are host and port right?",
    ),
)


def ask(address: Address, table: str, question: Callable[[], Answer]) -> Answer:
    """Returns what a database answers.

    Args:
        address: The database.
        table: What it is asked about.
        question: Asks it.

    Raises:
        SourceError: DuckDB had an error; the message holds no part of the URL.
    """
    try:
        return question()
    except duckdb.Error as error:
        sentence = explain_failure(str(error), address, table)
    raise SourceError(sentence)


def explain_failure(message: str, address: Address, table: str) -> str:
    """Returns what an error means."""
    for pattern, meaning in MEANINGS:
        if re.search(pattern, message):
            return f"{address!r} {meaning.format(table=table)}"
    said = address.scrub(re.sub(r'query ".*?": ', "", message.strip(), flags=re.S).splitlines()[0])
    return f"{address!r} could not be read at {table}: {said}"
