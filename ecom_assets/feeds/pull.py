"""How a feed is pulled from a database or a REST API: the key ``pull`` of a feed.yaml.

Belongs here: what may stand there, and the columns that a pulled file has beside those of the
source. Pulling is the work of ``sources/``.
"""

import re
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ecom_assets.feeds.changes import CHANGE_MARKS, Changes
from ecom_assets.feeds.endpoint import Endpoint

DELETED = "_deleted"  # whether the row is gone from the source; its values are the last ones known
PULLED_AT = "_pulled_at"  # when the source was read, UTC
COUNTS_FROM = "_counts_from"  # UTC, where the row's own time lies before an earlier version's
MARKS = (DELETED, PULLED_AT, COUNTS_FROM, *CHANGE_MARKS)

# The moment of the pull, UTC, to the microsecond: names in their order are pulls in their order.
FILE_NAME = "%Y%m%dT%H%M%S%fZ.parquet"
EXAMPLE_NAME = "20260329T010203000000Z.parquet"

_SPAN = re.compile(r"(\d{1,6}) (second|minute|hour|day)s?")


def pulled_moment(name: str) -> datetime | None:
    """Returns the moment of a pull, UTC, from the name of its file; None for any other name."""
    try:
        return datetime.strptime(name, FILE_NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


class Pull(BaseModel):
    """What is read from a source, and how much of it anew each time.

    Attributes:
        table: The table or view of a database, or ``schema.table``.
        rest: The endpoint of a REST API; one of these two is said.
        watermark: Column that grows whenever a row is written: a time or a number. Without one
            everything is read each time, and delivered when it differs from the last time.
        overlap: How far behind the newest watermark to read again, for what is committed late: a
            span such as ``15 minutes``, or a number.
        key: Columns that tell the rows apart.
        dated_by: Column that says since when a row is as it is, where that is not the watermark;
            it may be missing.
        deletes: Deliver the rows that are gone, marked in the column ``_deleted``.
        changes: Where the changes themselves are read from, instead of comparing the table; a
            store may say it too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str | None = Field(default=None, pattern=r"^[^.]+(\.[^.]+)?$")
    rest: Endpoint | None = None
    watermark: str | None = None
    overlap: float | str = 0
    key: tuple[str, ...] = ()
    dated_by: str | None = None
    deletes: bool = False
    changes: Changes | None = None

    @field_validator("overlap")
    @classmethod
    def _is_a_span(cls, value: float | str) -> float | str:
        if isinstance(value, str) and not _SPAN.fullmatch(value):
            raise ValueError(f"'{value}' is no span like `15 minutes` (seconds, hours, days)")
        if not isinstance(value, str) and value < 0:
            raise ValueError("a negative overlap would leave rows out")
        return value

    @model_validator(mode="after")
    def _is_consistent(self) -> "Pull":
        if self.deletes and not self.key:
            raise ValueError("deletes needs a key: the columns that tell the rows apart")
        if self.changes and not self.key:
            raise ValueError("changes needs a key: the columns that tell the rows apart")
        if self.overlap and not self.watermark:
            raise ValueError("overlap needs a watermark: without one everything is read")
        return self

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> "Pull":
        if (self.table is None) == (self.rest is None):
            raise ValueError("say either table (of a database) or rest (an endpoint of an API)")
        if self.rest is None:
            return self
        if self.changes:
            raise ValueError("changes is for tables: an API has no log of them")
        if self.deletes:
            raise ValueError("deletes is for tables: an answer does not tell which rows are gone")
        if not self.key:
            raise ValueError("rest needs a key: a row may come on two pages, and counts once")
        if self.rest.start_param and not self.watermark:
            raise ValueError("start_param needs a watermark: the column whose newest value it gets")
        return self

    @property
    def place(self) -> str:
        """The table, or the path of the endpoint."""
        return self.rest.path if self.rest else str(self.table)

    @property
    def span(self) -> timedelta | float:
        """The overlap as a span of time, or as a number."""
        if not isinstance(self.overlap, str):
            return self.overlap
        number, unit = _SPAN.fullmatch(self.overlap).groups()  # type: ignore[union-attr]
        return timedelta(**{f"{unit}s": int(number)})
