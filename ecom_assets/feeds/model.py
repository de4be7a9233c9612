"""A feed: how one kind of export is read and into which datasets it goes.

Belongs here: the shape of feed.yaml, and how a file's name tells its delivery day. Finding feeds is
the work of ``registry.py``, reading files that of ``ingest/read.py``.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecom_assets.feeds.changes import CHANGE
from ecom_assets.feeds.pull import EXAMPLE_NAME, MARKS, Pull

FeedType = Literal["text", "integer", "money", "decimal", "date", "timestamp", "local_timestamp"]

SQL_TYPES: dict[FeedType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "money": "decimal(18,4)",
    "decimal": "decimal(38,10)",
    "date": "date",
    "timestamp": "timestamp",
    "local_timestamp": "timestamp",
}


class FeedColumn(BaseModel):
    """A delivered column.

    Attributes:
        name: Name by which the feed's SQL calls it.
        header: Name in the delivered file.
        type: What its text must be; ``local_timestamp`` is on the store's clock and reaches the
            feed's SQL in UTC.
        required: A missing value rejects the line.
        format: ``strptime`` format of dates and timestamps that are not ISO 8601.
        positions: First and last position in a line of fixed width, from 1.
        first_year: The earliest year that a date or timestamp may lie in.
        time: Of a timestamp that has the day only: the column of text with its time of day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z_][a-z0-9_]*$")
    header: str
    type: FeedType = "text"
    required: bool = False
    format: str | None = None
    positions: tuple[int, int] | None = None
    first_year: int = Field(default=1995, ge=1900)
    time: str | None = None

    @property
    def is_moment(self) -> bool:
        """Whether it holds dates or times."""
        return self.type in ("date", "timestamp", "local_timestamp")

    @property
    def sql_type(self) -> str:
        """The SQL type its text is cast to."""
        return SQL_TYPES[self.type]


class LineRule(BaseModel):
    """A rule every delivered line must satisfy; false or null rejects the line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sql: str
    reason: str


class DeliveryDate(BaseModel):
    """Where the delivery day comes from: the file's name, a column, or the day it was landed.

    Attributes:
        source: ``name``, ``column`` (the newest day in it) or ``landed``.
        pattern: Regular expression whose one group is the day in the name.
        format: How the name writes it.
        column: The column, by the feed's name for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Literal["name", "column", "landed"] = Field(alias="from")
    pattern: str | None = None
    format: str = "%Y-%m-%d"
    column: str | None = None

    @model_validator(mode="after")
    def _name_needs_a_pattern(self) -> "DeliveryDate":
        if self.source == "name" and (not self.pattern or _compiled(self.pattern).groups != 1):
            raise ValueError("delivered_on from name needs a pattern with one group")
        return self


class Feed(BaseModel):
    """The whole of a feed.yaml, with the SQL files and seeds that lie beside it.

    Attributes:
        feed: The feed's name, equal to its folder.
        pattern: Regular expression that the whole name of a file of this feed matches.
        example: Such a name, to show to people.
        sheet: The sheet of a workbook; the first one if none is named.
        header_lines: What the first lines of a file of fixed width say, with single spaces.
        decimal_mark: What stands before the decimals of its numbers.
        nulls: Words that stand for a missing value, such as ``N/A``.
        unused: Columns it is known to deliver and makes no use of; others are kept as overflow.
        document: Column whose value names the document a line belongs to; a document delivered
            again replaces the whole document.
        whole_documents: A rejected line takes its document with it, as where only the first line
            of a document tells what it is.
        currency: Column with the currency of a line's amounts; a line in another one than the
            store's is rejected.
        pull: How its files are pulled from a database or an API, where a store names one.
        document_time: Column whose earliest value dates the whole document, as ``document_at``.
        derived: SQL expressions over the columns, by the name under which rules and the feed's SQL
            find them.
        sql: SQL text by dataset (``raw_...``), each a select over ``lines``.
        seeds: Rows of the CSV files in the feed's folder, by file name without ending.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    description: str
    owner: str
    format: Literal["csv", "fixed", "jsonl", "parquet", "xlsx"] = "csv"
    sheet: str | None = None
    header_lines: tuple[str, ...] = ()
    pattern: str
    example: str
    delivered_on: DeliveryDate
    encoding: Literal["utf-8", "utf-16", "latin-1", "cp1252"] = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    decimal_mark: Literal[".", ","] = "."
    nulls: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    document: str | None = None
    document_time: str | None = None
    whole_documents: bool = False
    currency: str | None = None
    pull: Pull | None = None
    required: bool = False
    max_rejected_pct: float = Field(default=5, ge=0, le=100)
    columns: tuple[FeedColumn, ...]
    derived: dict[str, str] = Field(default_factory=dict)
    rules: tuple[LineRule, ...] = ()
    sql: dict[str, str] = Field(default_factory=dict)
    seeds: dict[str, tuple[dict[str, str], ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_consistent(self) -> "Feed":
        _compiled(self.pattern)
        names = [column.name for column in self.columns]
        moments = [column.name for column in self.columns if column.is_moment]
        if self.delivered_on.source == "column" and self.delivered_on.column not in moments:
            raise ValueError("delivered_on from column needs a column of dates or times")
        if self.whole_documents and not self.document:
            raise ValueError("whole_documents needs a document")
        for name in (self.document, self.document_time, self.currency):
            if name and name not in names:
                raise ValueError(f"'{name}' is none of the feed's columns")
        for declared in (names, [column.header for column in self.columns]):
            if len(set(declared)) != len(declared):
                raise ValueError("a column is declared twice")
        if self.sheet and self.format != "xlsx":
            raise ValueError("sheet belongs to format xlsx")
        is_fixed = self.format == "fixed"
        for column in self.columns:
            if is_fixed != (column.positions is not None):
                raise ValueError(f"column '{column.name}': positions belong to format fixed")
        return self

    @model_validator(mode="after")
    def _its_times_are_texts(self) -> "Feed":
        texts = [column.name for column in self.columns if column.type == "text"]
        for column in self.columns:
            if column.time and not (column.type.endswith("timestamp") and column.time in texts):
                raise ValueError(
                    f"column '{column.name}': time belongs to a timestamp, and names a text column"
                )
        return self

    @model_validator(mode="after")
    def _only_csv_has_encodings(self) -> "Feed":
        if self.format != "csv" and self.encoding != "utf-8":
            raise ValueError(f"format {self.format} is read as utf-8 only, not {self.encoding}")
        return self

    @model_validator(mode="after")
    def _its_example_is_one(self) -> "Feed":
        is_dated = self.delivery_day(self.example, date.max) is not None
        if not (re.fullmatch(self.pattern, self.example) and is_dated):
            raise ValueError(f"example '{self.example}' is no name that the pattern takes")
        return self

    @model_validator(mode="after")
    def _takes_what_is_pulled(self) -> "Feed":
        if self.pull and self.format != "parquet":
            raise ValueError("what is pulled is written as Parquet: set format to parquet")
        if self.pull and not re.fullmatch(self.pattern, EXAMPLE_NAME):
            raise ValueError(f"pattern must match the names of pulled files, like {EXAMPLE_NAME}")
        if self.pull and self.pull.changes and self.change_column is None:
            raise ValueError(f"changes needs a column of type integer with the header {CHANGE}")
        return self

    @property
    def known_headers(self) -> frozenset[str]:
        """The names of all columns that a file of this feed may have."""
        marks = MARKS if self.pull else ()
        return frozenset((*(column.header for column in self.columns), *self.unused, *marks))

    @property
    def change_column(self) -> str | None:
        """The name of the column that numbers the changes of a table within a file."""
        numbers = (c.name for c in self.columns if (c.header, c.type) == (CHANGE, "integer"))
        return next(numbers, None)

    def column(self, name: str) -> FeedColumn:
        """Returns a declared column by its name."""
        return next(column for column in self.columns if column.name == name)

    def delivery_day(self, file_name: str, landed_on: date) -> date | None:
        """Returns the delivery day of a file, or None where its name tells none.

        What a column tells is inside the file: see ``ingest/delivery_day.py``.
        """
        if self.delivered_on.source != "name":
            return landed_on
        found = re.search(str(self.delivered_on.pattern), file_name)
        if not found:
            return None
        return _day(found.group(1), self.delivered_on.format)


@lru_cache(maxsize=10_000)
def _day(text: str, form: str) -> date | None:
    """Returns the day that a text tells; many files of a shop are of the same day."""
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007
    except ValueError:
        return None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"'{pattern}' is no regular expression: {error}") from error
