"""Reading samples as a load would: what is accepted, what is rejected, and why.

The code is that of a load (``ingest/judging.py``), in a scratch connection; nothing is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ecom_assets.contracts import load_contracts
from ecom_assets.duck import identifier, quote, scratch_folder
from ecom_assets.feed_check.hints import hints
from ecom_assets.feed_check.subject import Subject
from ecom_assets.feeds import Feed
from ecom_assets.feeds.holding import holding_datasets
from ecom_assets.ingest.delivery_day import newest_day
from ecom_assets.ingest.judging import UNCOMPUTABLE, count_rows, judge_lines, look_at
from ecom_assets.ingest.landing import name_fault
from ecom_assets.ingest.read import read_files
from ecom_assets.ingest.readable import Readable, Unreadable
from ecom_assets.wording import counted, some_of

SHOWN_ROWS = 20
SHOWN_CHARACTERS = 80

Rejected = tuple[str, int, str | None, str, str | None, str]


@dataclass
class Readings:
    """What came of the samples.

    Attributes:
        told: A line for each file, then for each dataset.
        rejected: File, row, column, rule, value and reason of rejected rows, the first ones of
            each column and rule.
        more_rejected: How many there are besides.
        faults: What keeps the feed from being loaded.
    """

    told: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    more_rejected: int = 0
    faults: list[str] = field(default_factory=list)


def read_samples(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Readings:
    """Reads and judges the samples of a feed whose files are right."""
    readings = Readings()
    files = [path for path in subject.files if _is_taken(subject, path, readings)]
    if not files:
        return readings
    feed = subject.feed
    with scratch_folder(subject.home) as folder:
        try:
            probes, readable = look_at(files, feed, folder)
            inside = read_files(connection, feed, readable)
            judge_lines(connection, feed, subject.store)
        except UNCOMPUTABLE as error:
            told = str(error).splitlines()[0]
            readings.faults.append(f"feed '{feed.feed}' cannot compute the rows: {told}")
            return readings
        found = [inside.get(no, probe) for no, probe in enumerate(probes)]
        _tell_files(connection, subject, files, found, readings)
        _tell_datasets(connection, feed, readings)
        readings.rejected, readings.more_rejected = _rejected(connection, files)
        readings.told += hints(connection, feed)
    return readings


def _is_taken(subject: Subject, path: Path, readings: Readings) -> bool:
    """Whether a load would take the file by its name and day; else says why not."""
    feed = subject.feed
    fault = name_fault(path.name, feed)
    if fault is None and feed.delivery_day(path.name, datetime.now(UTC).date()) is None:
        fault = f"no delivery day in its name ({feed.delivered_on.format})"
    if fault:
        readings.faults.append(f"{path.name} would be no delivery: {fault}")
        return False
    return True


def _tell_files(
    connection: duckdb.DuckDBPyConnection,
    subject: Subject,
    files: Sequence[Path],
    found: Sequence[Readable | Unreadable],
    readings: Readings,
) -> None:
    feed, counts = subject.feed, count_rows(connection)
    delivered = sum(rows for rows, _ in counts.values())
    rejected = sum(rows for _, rows in counts.values())
    for no, (path, probe) in enumerate(zip(files, found, strict=True)):
        if isinstance(probe, Unreadable):
            readings.faults.append(f"{path.name} would be set aside: {probe.reason}")
            continue
        rows, wrong = counts.get(no, (0, 0))
        day = ""
        if feed.delivered_on.source == "column":
            newest = newest_day(subject.home, path, feed, subject.store.timezone)
            day = f", delivered on {newest}" if newest else ""
        missing = f"; declared columns that it lacks: {some_of(probe.missing_columns)}"
        extra = f"; columns that the feed does not know: {some_of(probe.extra_columns)}"
        readings.told.append(
            f"{path.name}: {counted(rows, 'row')}, accepted {rows - wrong:,}, rejected {wrong:,}"
            + day
            + (missing if probe.missing_columns else "")
            + (extra if probe.extra_columns else "")
        )
    if delivered and delivered == rejected:
        readings.faults.append("no row at all is accepted")
    elif rejected * 100 > feed.max_rejected_pct * delivered:
        readings.faults.append(
            f"{100 * rejected / delivered:.1f} % of the rows are rejected, more than the "
            f"{feed.max_rejected_pct:g} % of max_rejected_pct"
        )


def _tell_datasets(connection: duckdb.DuckDBPyConnection, feed: Feed, readings: Readings) -> None:
    for dataset in sorted(feed.sql):
        columns = [column.name for column in load_contracts()[dataset].columns]
        counts = ", ".join(f"count({identifier(name)})" for name in columns)
        row = connection.execute(f"select count(*), {counts} from {dataset}").fetchone() or (0,)
        empty = [name for name, count in zip(columns, row[1:], strict=True) if not count]
        told = f"{dataset.removeprefix('raw_')}: {counted(row[0], 'row')}"
        readings.told.append(told + (f"; empty: {', '.join(empty)}" if row[0] and empty else ""))
    lost = _lost_lines(connection, feed)
    if lost:
        readings.faults.append(
            f"{counted(len(lost), 'row')} would end neither in a dataset nor in quarantine: row "
            f"{some_of([str(row) for row in lost])}. The SQL leaves them out; reject them by a "
            "rule of feed.yaml, or let a dataset hold them"
        )


def _lost_lines(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[int]:
    """Returns accepted rows that no dataset holds, as the check ``files_reconcile`` counts them."""
    held = " union all ".join(
        f"select file_no, source_row from {dataset}" for dataset in holding_datasets(feed)
    )
    rows = connection.execute(
        f"select source_row from lines where (file_no, source_row) not in ({held}) order by 1"
    ).fetchall()
    return [int(row) for (row,) in rows]


def _rejected(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path]
) -> tuple[list[Rejected], int]:
    named = ", ".join(quote(path.name) for path in files)
    sql = f"""
        select [{named}][file_no + 1], source_row, "column", "rule", "value", reason, lines
        from (
            select file_no, source_row, min("column") as "column", min("rule") as "rule",
                min("value") as "value", min(reason) as reason, 1 as lines
            from rejected group by file_no, source_row
            union all
            select file_no, source_row, null, 'malformed', raw_text, reason, lines from broken
        )
        order by row_number() over (partition by "column", "rule" order by file_no, source_row),
            file_no, source_row
    """
    rows = connection.execute(sql).fetchall()
    found = [(str(r[0]), int(r[1]), r[2], str(r[3]), _cut(r[4]), str(r[5])) for r in rows]
    shown = sorted(found[:SHOWN_ROWS], key=lambda row: row[:2])
    return shown, len(found) - len(shown)


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= SHOWN_CHARACTERS:
        return text
    return f"{text[:SHOWN_CHARACTERS]}…"
