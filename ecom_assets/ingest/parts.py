"""Writing the accepted and the rejected rows of a batch: a Parquet file per month and dataset.

Works inside the scratch connection of ``load.py``, behind ``judging.py``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from ecom_assets.contracts import Contract
from ecom_assets.duck import identifier, make_table, quote
from ecom_assets.feeds import Feed
from ecom_assets.home import Home
from ecom_assets.ingest.journal import Delivery
from ecom_assets.ingest.manifest import Part, read_manifests

# Up to a fifth of the rows may else be kept as a dictionary, for the fewer bytes that saves.
PARQUET = "format parquet, dictionary_size_limit 5000"
QUARANTINE = "quarantine"


@dataclass(frozen=True)
class MonthOfBatch:
    """The files of a batch that are of one month.

    Attributes:
        store: Their store.
        feed: Their feed.
        month: Their month.
        batch: The name of the parts that hold their rows.
        files: Their numbers in the batch.
    """

    store: str
    feed: str
    month: str
    batch: str
    files: range

    @property
    def origin(self) -> str:
        """The columns that say whose the rows are, in SQL."""
        return f"{quote(self.store)} as store_id, {quote(self.feed)} as feed"

    def holds(self, file_no: str) -> str:
        """Returns the SQL condition that a file is one of these."""
        return f"{file_no} between {self.files[0]} and {self.files[-1]}"


def name_files(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> None:
    """Makes ``files``: what is noted with each row of a file, by its number in the batch."""
    types = {
        "file_no": "integer",
        "source_file": "varchar",
        "delivered_on": "date",
        "landed_at": "timestamp",
    }
    rows = [
        (no, d.name, d.delivered_on, d.landed_at.replace(tzinfo=None))
        for no, d in enumerate(deliveries)
    ]
    make_table(connection, "files", types, rows)


def write_accepted(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    months: Iterable[MonthOfBatch],
    contracts: Iterable[Contract],
) -> dict[str, list[Part]]:
    """Writes the accepted rows of a batch.

    Args:
        connection: Holds what ``judging.py`` leaves, and ``files``.
        home: The home of the lake.
        months: Which files are of which month.
        contracts: Of the datasets that the feed fills.

    Returns:
        The parts by month; of a dataset without rows there is none.
    """
    overflow = "cast(null as varchar)"
    join = ""
    if _scalar(connection, "select count(overflow) from delivered"):
        overflow = "d.overflow"
        join = "left join delivered as d on r.file_no = d.file_no and r.source_row = d.source_row"
    columns = {
        contract.dataset: ", ".join(f"r.{identifier(column.name)}" for column in contract.columns)
        for contract in contracts
    }
    return {
        month.month: [
            part
            for dataset, listed in columns.items()
            for part in _write_part(
                connection,
                home,
                month,
                dataset,
                f"select {listed}, {month.origin}, r.document_id, {overflow} as overflow, "
                "f.delivered_on, f.landed_at, f.source_file, r.source_row "
                f"from {dataset} as r join files as f on r.file_no = f.file_no {join} "
                f"where {month.holds('r.file_no')}",
            )
        ]
        for month in months
    }


def write_rejected(
    connection: duckdb.DuckDBPyConnection, home: Home, month: MonthOfBatch, feed: Feed
) -> list[Part]:
    """Writes the rejected rows of a month as one part; none where there are none.

    Args:
        connection: Holds what ``judging.py`` leaves, and ``files``.
        home: The home of the lake.
        month: The files.
        feed: How they were read.
    """
    fields = ", ".join(
        f"{quote(column.header)}, d.d{index}" for index, column in enumerate(feed.columns)
    )
    sql = f"""
        select {month.origin}, q.dataset,
            f.source_file, q.source_row, q.rule, q.reason, q.raw_text, q.lines, f.delivered_on,
            f.landed_at
        from (
            select r.file_no, r.source_row, min(r.dataset) as dataset, min(r.rule) as "rule",
                string_agg(distinct r.reason, '; ' order by r.reason) as reason,
                any_value(cast(json_object({fields}) as varchar)) as raw_text, 1 as lines
            from rejected as r
            join delivered as d on r.file_no = d.file_no and r.source_row = d.source_row
            where {month.holds("r.file_no")}
            group by r.file_no, r.source_row
            union all
            select file_no, source_row, null, 'malformed', reason, raw_text, lines from broken
            where {month.holds("file_no")}
        ) as q
        join files as f on q.file_no = f.file_no
        order by q.file_no, q.source_row
    """
    return _write_part(connection, home, month, QUARANTINE, sql)


def listed_parts(home: Home) -> set[str]:
    """Returns the parts that some manifest lists, also of a store that was taken out."""
    return {part.path for m in read_manifests(home.manifests).values() for part in m.parts}


def remove_unlisted_parts(home: Home, listed: Iterable[str]) -> int:
    """Removes Parquet files that neither a manifest lists nor the warehouse still needs.

    Args:
        home: The home whose lake is cleaned.
        listed: Paths relative to the lake that stay.

    Returns:
        How many files were removed.
    """
    keep = set(listed)
    garbage = [
        path
        for path in home.lake.rglob("*.parquet")
        if str(path.relative_to(home.lake)) not in keep
    ]
    for path in garbage:
        path.unlink()
    return len(garbage)


def _write_part(
    connection: duckdb.DuckDBPyConnection, home: Home, month: MonthOfBatch, dataset: str, sql: str
) -> list[Part]:
    folder = QUARANTINE if dataset == QUARANTINE else f"raw/{dataset}"
    place = f"{folder}/store={month.store}/delivered_month={month.month}"
    path = f"{place}/{month.feed}-{month.batch}.parquet"
    target = home.lake / path
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = _scalar(connection, f"copy ({sql}) to {quote(str(target))} ({PARQUET})")
    if not rows:
        target.unlink(missing_ok=True)
        return []
    return [Part(dataset=dataset, batch=month.batch, path=path, rows=rows)]


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
