"""Checking a feed as a whole: its files, then what samples of its deliveries come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ecom_assets.duck import scratch_connection
from ecom_assets.feed_check.columns_used import unused_columns
from ecom_assets.feed_check.definition import check_definition, filled_by
from ecom_assets.feed_check.samples import Readings, Rejected, read_samples
from ecom_assets.feed_check.subject import Subject, Wanted, subject_of
from ecom_assets.feed_check.uses import what_stays_empty
from ecom_assets.feed_draft.unused import unused_told
from ecom_assets.home import Home


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        told: What was read and found, line by line.
        rejected: File, row, column, rule, value and reason of rejected rows.
        more_rejected: How many rejected rows there are besides.
        empty: What stays empty in the published tables, or is assumed there.
        faults: What keeps the feed from being loaded; none where it can be.
        unused: A line about columns that nothing uses though they look like something of use.
    """

    told: Sequence[str]
    rejected: Sequence[Rejected]
    more_rejected: int
    empty: Sequence[str]
    faults: Sequence[str]
    unused: str | None = None


def check_feed(home: Home, wanted: Wanted) -> Report:
    """Checks a feed; nothing is written but into the home's scratch folder.

    Raises:
        ConfigurationError: There is no such feed, store or file, or feed.yaml is wrong.
    """
    subject = subject_of(home, wanted)
    if home.root.is_dir():
        return _check(subject)
    with TemporaryDirectory() as folder:  # a check makes no home
        return _check(replace(subject, home=Home(Path(folder))))


def _check(subject: Subject) -> Report:
    feed = subject.feed
    told = [f"feed '{feed.feed}'", *subject.notes]
    with scratch_connection(subject.home, threads=1) as connection:
        definition = check_definition(connection, feed, subject.store)
        readings = Readings()
        unused = None
        if not definition.faults:
            if subject.files:
                readings = read_samples(connection, subject)
            else:
                told.append("no sample was read: name one with --file, or put it into sample/")
            left = unused_columns(connection, feed)
            unused = unused_told(connection, left, feed.decimal_mark)
        elif subject.files:
            told.append("samples are read once these faults are mended")
        filled = definition.filled | filled_by(connection, subject.others, subject.store)
    return Report(
        [*told, *readings.told],
        readings.rejected,
        readings.more_rejected,
        what_stays_empty(filled) if not definition.faults else [],
        [*definition.faults, *readings.faults],
        unused,
    )
