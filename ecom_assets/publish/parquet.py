"""The Parquet files of a version: which a table has, writing them, telling them apart.

Gold is attached as ``gold``.
"""

import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ecom_assets.duck import quote

# One thread writes a row group: a table of 100,000 rows would keep a single one busy with
# DuckDB's own 122,880. A multiple of its 2,048 rows. Zstandard's first level costs what DuckDB's
# default does and saves a third.
PARQUET = "format parquet, row_group_size 61440, compression zstd, compression_level 1"
MOST_MONTHS = 100_000  # beyond so many files DuckDB would close one and begin another of its month
BLOCK_BYTES = 1 << 17  # of a file: two fit into a processor's own memory, which is twice as fast
FIRST_DAY = "first_day_of_month_"  # no column of a table


@dataclass(frozen=True)
class Table:
    """A gold table.

    Attributes:
        name: Its name.
        month_column: The date column by whose months it is split.
        look_ahead_days: How many days before a change rows may change with it.
        is_by_order_day: Whether what becomes of an order changes rows on the order's day.
        has_spans: Whether rows hold until the next one, which changes them on whatever day.
    """

    name: str
    month_column: str | None
    look_ahead_days: int = 0
    is_by_order_day: bool = False
    has_spans: bool = False

    def file_name(self, first: date) -> str:
        """Returns the path of the file of a month below ``parquet/``."""
        return f"{self.name}/{first:%Y-%m}.parquet"

    @property
    def first_day(self) -> str:
        """The first day of a row's month, in SQL; of a table that is split by months."""
        return _first_day(self._day)

    @property
    def _day(self) -> str:
        if self.month_column is None:
            raise ValueError(f"{self.name} is not split by months")
        return self.month_column

    def month_counts(self, relation: str) -> str:
        """Returns a select of the first day of each month of a relation, and how many rows it has.

        A month is found for each day, not for each row: that takes a fifth of the time.

        Args:
            relation: The table, which is split by months, or rows of it.
        """
        days = f"select {self._day} as day_, count(*) as rows_ from {relation} group by 1"
        return (
            f"select {_first_day('day_')}, cast(sum(rows_) as bigint) from ({days}) "
            "group by 1 order by 1"
        )


def _first_day(day: str) -> str:
    return f"cast(date_trunc('month', {day}) as date)"


def copy_whole(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> None:
    """Writes one file of all rows."""
    connection.execute(
        f"copy gold.main.{table.name} to {quote(str(folder / 'all.parquet'))} ({PARQUET})"
    )


def copy_months(
    connection: duckdb.DuckDBPyConnection, table: Table, months: Sequence[date], folder: Path
) -> None:
    """Writes one file per month, all in one scan, the rows as they lie in the table.

    The first month is told as a bound of its own: DuckDB skips what lies before it.
    """
    listed = ", ".join(f"date '{first}'" for first in months)
    draft = folder / "by_month"
    connection.execute(f"set partitioned_write_max_open_files = {MOST_MONTHS}")
    connection.execute(
        f"copy (select *, {table.first_day} as {FIRST_DAY} from gold.main.{table.name} "
        f"where {table.month_column} >= date '{min(months)}' and {table.first_day} in ({listed})) "
        f"to {quote(str(draft))} ({PARQUET}, partition_by ({FIRST_DAY}))"
    )
    for first in months:
        (file,) = (draft / f"{FIRST_DAY}={first}").iterdir()
        file.replace(folder / f"{first:%Y-%m}.parquet")
    shutil.rmtree(draft)


def month_digests(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[date, str]:
    """Returns what tells the rows of each month from others, whatever their order."""
    rows = connection.execute(
        f"select {table.first_day}, concat(count(*), ' ', sum(cast(hash(t) as hugeint))) "
        f"from gold.main.{table.name} as t group by 1"
    ).fetchall()
    return dict(rows)


def checksum(file: Path) -> int:
    """Returns the CRC-32 of a file."""
    with file.open("rb", buffering=0) as content:
        crc = 0
        while block := content.read(BLOCK_BYTES):
            crc = zlib.crc32(block, crc)
    return crc
