"""What the metric dictionary lacks: sentences, one for each fault. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ecom_assets.metrics.dictionary import Metric, Table, definitions, published

NAMED = re.compile(r"`(\w+)`")
# The words in back quotes that name a check; others name columns.
CHECK = re.compile(r"^(assert|warn|grain)_")


def faults(tables: Sequence[Table]) -> list[str]:
    """Returns what is wrong with the declared metrics, nothing where all is well.

    Raises:
        ConfigurationError: A metric is defined twice or not at all.
    """
    known = definitions(tables)
    columns = published(tables)
    checks = frozenset[str]().union(*(table.checks for table in tables))
    found: list[str] = []
    for table in tables:
        of_table = [name for name, places in columns.items() if table.name in places]
        found += _homeless(table, {name: columns[name][table.name] for name in of_table})
        found += _unexercised(table, {name: columns[name][table.name] for name in of_table})
    for name, (table, metric) in known.items():
        there = {column for listed in columns[name].values() for column in listed}
        found += [
            f"the metric {name}: {column} is a column of no table that publishes it; correct it"
            for column in metric.columns
            if column not in there
        ]
        found += [f"the metric {name}: {fault}" for fault in _of_metric(table, metric, checks)]
    return found


def _homeless(table: Table, columns: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Every figure belongs to one metric, and every metric of a table has a column in it."""
    owned = Counter(column for listed in columns.values() for column in listed)
    for column in table.figures:
        if not owned[column]:
            yield (
                f"{table.name}.{column} belongs to no metric; list it under the columns of one in "
                f"the table's meta, or name its metric under publishes"
            )
    for column, count in owned.items():
        if count > 1:
            yield f"{table.name}.{column} belongs to {count} metrics; leave it with one"
    for name, listed in columns.items():
        if not listed:
            yield f"{table.name} publishes {name} and has none of its columns; take the name out"


def _unexercised(table: Table, columns: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Every column of a metric is worked out by hand in some unit test of its table."""
    if not any(example.rows for example in table.examples.values()):
        return
    shown = {column for e in table.examples.values() for row in e.rows for column in row}
    for name, listed in columns.items():
        for column in listed:
            if column in table.columns and column not in shown:
                yield (
                    f"{table.name}.{column} ({name}) is expected by no unit test; add it to the "
                    f"expected rows of one in the table's yml"
                )


def _of_metric(table: Table, metric: Metric, checks: frozenset[str]) -> Iterator[str]:
    named = [name for name in NAMED.findall(metric.guard) if CHECK.match(name) or name in checks]
    if not named:
        yield "its guard names no check; name the data test or unit test that holds it"
    for name in named:
        if name not in checks:
            yield f"its guard names {name}, which is no test; correct the name"
    if metric.example not in table.examples:
        yield f"its example {metric.example} is no unit test of {table.name}; name one"
        return
    rows = table.examples[metric.example].rows
    if rows and not any(row.get(c) is not None for row in rows for c in metric.columns):
        yield f"its example {metric.example} expects none of its columns; name one that does"
