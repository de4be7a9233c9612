"""Changes that come again although they have landed, and those that only seem to.

A server may send again what it was not told, or does not remember, that it may forget. A server
restored from a copy of its disk goes on from an older position, and writes other changes where the
log had those that have landed: left out by their position alone they would be lost.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ecom_assets.errors import SourceError
from ecom_assets.feeds.changes import ANEW
from ecom_assets.sources.changes.lsn import lsn_text
from ecom_assets.sources.changes.pgoutput import Begin, Insert, Message, Relation, Update


@dataclass(frozen=True)
class AlreadyRead:
    """What of a table's changes has landed.

    Attributes:
        oid: The table's number.
        server: Whose it is, for messages.
        end: The position before which everything has landed.
        commits: When each commit that may come again was, UTC, by its position; none is later.
    """

    oid: int
    server: str
    end: int
    commits: Mapping[str, datetime]

    def left_out(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Yields messages without what has landed; what tables are like is told all the same.

        Raises:
            SourceError: A change lies where it should have landed, and has not.
        """
        begin: Begin | None = None
        relations: dict[int, Relation] = {}
        for message in messages:
            if isinstance(message, Begin):
                begin = message
            if begin is None or begin.lsn >= self.end:
                yield from relations.values()
                relations = {}
                yield message
            elif isinstance(message, Relation):
                relations[message.oid] = message
            elif isinstance(message, Insert | Update) and message.relation == self.oid:
                self._check(begin)

    def _check(self, begin: Begin) -> None:
        known = self.commits.get(lsn_text(begin.lsn))
        if known is None or begin.committed_at > known:
            raise SourceError(
                f"{self.server} was restored from a copy: its log has other changes than those "
                f"that have landed, and changes in between may be lost: {ANEW}"
            )
