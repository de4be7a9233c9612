"""The page ``docs/metrics.md``, from the metrics. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecom_assets.metrics.dictionary import Example, Metric, Table, definitions, published

HEAD = """\
# Metric dictionary

Made from the models' yml (`config.meta.metrics`) and, of the analytics, from
`ecom_assets/analytics/metrics.yaml` by `uv run python -m ecom_assets.metrics`; a test fails while
it is stale. Examples are the expected rows of unit tests that dbt runs, or tests of Python. Every
figure is worked out once more in Python of a real and of a simulated store
(`tests/integration/recomputed/`; its `registry.py` names the tests that hold what a fitted model
says).
"""
MOST_ROWS = 6


def page(tables: Sequence[Table]) -> str:
    """Returns the page: all metrics by name with the tables they are in, then each in full.

    Raises:
        ConfigurationError: A metric is defined twice or not at all.
    """
    known, places = definitions(tables), published(tables)
    by_name = {table.name: table for table in tables}
    index = [
        f"| [{name}](#{name}) | {_line(known[name][1].definition)} |" for name in sorted(known)
    ]
    lines = [HEAD, "| metric | definition |", "|---|---|", *index]
    for name in sorted(known):
        table, metric = known[name]
        lines += ["", *_section(name, metric, table, places[name], by_name)]
    return "\n".join(lines) + "\n"


def _section(
    name: str,
    metric: Metric,
    home: Table,
    places: Mapping[str, Sequence[str]],
    tables: Mapping[str, Table],
) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield _line(metric.definition)
    yield ""
    yield f"- **Formula**: {_line(metric.formula)}"
    for field in ("clock", "population", "currency", "guard"):
        yield f"- **{field.capitalize()}**: {_line(getattr(metric, field))}"
    yield f"- **Owner**: {home.owner.removeprefix('team:')}"
    yield "- **Published in**:"
    for place, columns in places.items():
        grain = ", ".join(tables[place].grain)
        yield f"  - `{place}`, one row per {grain}: {_code(columns)}"
    yield ""
    yield from _example(home.examples[metric.example], home.grain, metric.columns)


def _example(example: Example, grain: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    """The rows that tell something of the columns, the first of them where there are many."""
    yield f"**Example** (`{example.name}`). {_line(example.description)}"
    rows = [row for row in example.rows if any(column in row for column in columns)]
    if not rows:
        return
    shown = [c for c in (*grain, *columns) if any(c in row for row in rows)]
    yield ""
    yield f"| {' | '.join(shown)} |"
    yield "|" + "---|" * len(shown)
    for row in rows[:MOST_ROWS]:
        yield f"| {' | '.join(_value(row, column) for column in shown)} |"
    if len(rows) > MOST_ROWS:
        yield ""
        yield f"and {len(rows) - MOST_ROWS} rows more."


def _value(row: Mapping[str, Any], column: str) -> str:
    if column not in row:
        return ""
    value = row[column]
    return (
        "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
