"""From messages to rows: what each change says of a row, in the order of the commits.

A change does not tell everything: of a deleted row often only its key, of a changed row not the
large values that stayed as they were. Which those are stands in ``UNKNOWN``; ``known_values.py``
finds them in what is known of the same row. Which row that is, is told by its key, or by the
key it had before a change of the key: the columns ``WAS`` and, as a key may be used again,
``LIFE``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ecom_assets.errors import SourceError
from ecom_assets.feeds.changes import ANEW
from ecom_assets.sources.changes.lsn import lsn_text
from ecom_assets.sources.changes.pgoutput import (
    UNCHANGED,
    Begin,
    Delete,
    Insert,
    Message,
    Relation,
    Truncate,
    Update,
    Value,
    Values,
)

BOOL, CHAR, INET = 16, 1042, 869  # types whose cast to text is not the text they are sent as

Key = tuple[str | None, ...]
Was = tuple[Key, int]
Row = dict[str, Value]


@dataclass(frozen=True)
class ChangeRow:
    """One change of one row.

    Attributes:
        values: By column; None where there is none, or nobody says.
        unknown: The columns of which nobody says.
        was: The key under which earlier values of the row are known, and which life of that key.
        is_deleted: Whether the row is gone.
        lsn: Where its transaction was committed, as text.
        number: Its place among the changes of the pull, from 1.
        committed_at: When it was committed, UTC.
    """

    values: Mapping[str, str | None]
    unknown: tuple[str, ...]
    was: Was
    is_deleted: bool
    lsn: str
    number: int
    committed_at: datetime


@dataclass(frozen=True)
class Emptied:
    """The table was emptied; see :class:`ChangeRow`."""

    lsn: str
    number: int
    committed_at: datetime


@dataclass
class ChangeReader:
    """Reads the changes of one table out of all that a slot sends.

    Attributes:
        oid: The table's number.
        table: Its name, for messages.
        key: Its key.
        base: Base types of domains, by number.
        committed_at: Since when the changes are, UTC; none is dated before that.
        relation: The table as its changes have it now.
    """

    oid: int
    table: str
    key: Sequence[str]
    base: Mapping[int, int]
    committed_at: datetime
    relation: Relation | None = None
    number: int = 0
    lsn: str = ""
    lives: int = 0
    was: dict[Key, Was] = field(default_factory=dict)

    def read(self, messages: Iterable[Message]) -> Iterator[ChangeRow | Emptied | Relation]:
        """Yields the changes of the table, and the table itself whenever it is another.

        Raises:
            SourceError: A change does not tell which row it is about.
        """
        for message in messages:
            match message:
                case Begin():
                    self._begin(message)
                case Relation() if message.oid == self.oid:
                    self._check(message)
                    self.relation = message
                    yield message
                case Insert() if message.relation == self.oid:
                    yield self._written(self._row(message.new), None)
                case Update() if message.relation == self.oid:
                    yield from self._updated(message)
                case Delete() if message.relation == self.oid:
                    yield self._gone(self._old(message.old, is_whole=message.is_old_whole))
                case Truncate() if self.oid in message.relations:
                    self.number += 1
                    yield Emptied(self.lsn, self.number, self.committed_at)
                case _:
                    pass

    def _begin(self, begin: Begin) -> None:
        """Notes a transaction; a clock that goes wrong does not set back the order of events."""
        self.lsn = lsn_text(begin.lsn)
        self.committed_at = max(self.committed_at, begin.committed_at)

    def _check(self, relation: Relation) -> None:
        told = {column.name for column in relation.columns if column.is_identity}
        if lacking := [name for name in self.key if name not in told]:
            raise SourceError(
                f"changes of {self.table} do not tell {', '.join(lacking)} of rows that are gone: "
                f"alter table {self.table} replica identity full, and {ANEW}"
            )

    def _row(self, values: Values) -> Row:
        columns = self.relation.columns if self.relation else ()
        return {
            column.name: _text(value, self.base.get(column.type_oid, column.type_oid))
            for column, value in zip(columns, values, strict=True)
        }

    def _old(self, values: Values, *, is_whole: bool) -> Row:
        """Returns an old row; where it is not whole, only its identity is told."""
        columns = self.relation.columns if self.relation else ()
        told = {column.name for column in columns if column.is_identity or is_whole}
        return {
            name: value if name in told else UNCHANGED for name, value in self._row(values).items()
        }

    def _updated(self, update: Update) -> Iterator[ChangeRow]:
        new = self._row(update.new)
        old = None
        if update.old is not None:
            old = self._old(update.old, is_whole=update.is_old_whole)
            new = {n: old[n] if value is UNCHANGED else value for n, value in new.items()}
        if old is None or self._key(old) == self._key(new):
            yield self._changed(new)
            return
        was = self._was(self._key(old))
        yield self._gone(old)
        self.lives += 1
        self.was[self._key(old)] = (self._key(old), self.lives)
        self.was[self._key(new)] = was
        yield self._written(new, was)

    def _changed(self, row: Row) -> ChangeRow:
        return self._change(row, self._was(self._key(row)), is_deleted=False)

    def _gone(self, row: Row) -> ChangeRow:
        return self._change(row, self._was(self._key(row)), is_deleted=True)

    def _written(self, row: Row, was: Was | None) -> ChangeRow:
        return self._change(row, was or self._was(self._key(row)), is_deleted=False)

    def _change(self, row: Row, was: Was, *, is_deleted: bool) -> ChangeRow:
        self.number += 1
        return ChangeRow(
            values={name: None if value is UNCHANGED else value for name, value in row.items()},
            unknown=tuple(name for name, value in row.items() if value is UNCHANGED),
            was=was,
            is_deleted=is_deleted,
            lsn=self.lsn,
            number=self.number,
            committed_at=self.committed_at,
        )

    def _was(self, key: Key) -> Was:
        return self.was.get(key, (key, 0))

    def _key(self, row: Row) -> Key:
        found = [row.get(name) for name in self.key]
        return tuple(None if value is UNCHANGED else value for value in found)


def _text(value: Value, type_oid: int) -> Value:
    """Returns a value as its cast to text is, which is how a snapshot and a table pull have it."""
    if not isinstance(value, str):
        return value
    if type_oid == BOOL:
        return {"t": "true", "f": "false"}[value]
    if type_oid == CHAR:
        return value.rstrip(" ")
    if type_oid == INET and "/" not in value:
        return f"{value}/{128 if ':' in value else 32}"
    return value
