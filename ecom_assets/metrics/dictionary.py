"""The metrics that the KPI tables publish, as their yml files declare them.

A model defines metrics in ``config.meta.metrics``, by name, and repeats those of other models by
naming them in ``config.meta.publishes``: a column belongs to the metric that lists its name. Tables
of the analytics tell the same in ``analytics/metrics.yaml``. Grain, owner, columns and checks are
the table's own. Pure but for :func:`read_tables`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from asset_checks.analytics import CHECKS
from ecom_assets.analytics.tables import AnalyticsTable, analytics_tables
from ecom_assets.errors import ConfigurationError, explain
from ecom_assets.warehouse.project import Project

OF_ANALYTICS = Path(__file__).resolve().parents[1] / "analytics" / "metrics.yaml"


class Metric(BaseModel):
    """What one metric means; every field is told in the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    definition: str = Field(min_length=1)
    formula: str = Field(min_length=1)
    clock: str = Field(min_length=1)
    population: str = Field(min_length=1)
    currency: str = Field(min_length=1)
    guard: str = Field(min_length=1)
    example: str = Field(min_length=1)
    columns: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Example:
    """A case with a result worked out by hand: a dbt unit test, or a test of Python."""

    name: str
    description: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Table:
    """A published table with what its figures mean."""

    name: str
    grain: tuple[str, ...]
    owner: str
    columns: Mapping[str, str]
    metrics: Mapping[str, Metric]
    publishes: tuple[str, ...]
    examples: Mapping[str, Example]
    checks: frozenset[str]

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns that hold a number and are no part of the grain."""
        return tuple(
            c for c, kind in self.columns.items() if _is_number(kind) and c not in self.grain
        )


class Declared(BaseModel):
    """What ``analytics/metrics.yaml`` says of a table; examples are tests with what they show."""

    model_config = ConfigDict(extra="forbid")

    metrics: dict[str, Metric]
    publishes: tuple[str, ...] = ()
    examples: dict[str, str] = Field(min_length=1)


def read_tables(project: Project, of_analytics: Path = OF_ANALYTICS) -> tuple[Table, ...]:
    """Returns every table that publishes metrics, every KPI table and those of the analytics.

    Args:
        project: The dbt project.
        of_analytics: The file with the metrics of the analytics.

    Raises:
        ConfigurationError: A metric lacks a field or has one that nobody knows, or the analytics
            have no such table, or one of which nothing is told.
    """
    nodes = project.manifest["nodes"].values()
    units = project.manifest["unit_tests"].values()
    tests = [node for node in nodes if node["resource_type"] == "test"]
    checks = frozenset(str(test["name"]) for test in (*tests, *units))
    found = [
        _of_model(project, node, checks)
        for node in nodes
        if node["resource_type"] == "model"
        and (
            (node.get("group") == "kpi" and node["name"] in project.gold)
            or "metrics" in node["config"]["meta"]
        )
    ]
    declared: dict[str, Any] = yaml.safe_load(of_analytics.read_text("utf-8"))
    if odd := declared.keys() ^ analytics_tables().keys():
        raise ConfigurationError(
            f"{of_analytics} must tell of the tables of the analytics, of each and no others: "
            f"{', '.join(sorted(odd))}"
        )
    found += [
        _of_analytics(of_analytics, table, declared[name])
        for name, table in analytics_tables().items()
    ]
    return tuple(sorted(found, key=lambda table: table.name))


def definitions(tables: Sequence[Table]) -> dict[str, tuple[Table, Metric]]:
    """Returns every metric by name with the table that defines it.

    Raises:
        ConfigurationError: Two tables define one.
    """
    found: dict[str, tuple[Table, Metric]] = {}
    for table in tables:
        for name, metric in table.metrics.items():
            if name in found:
                raise ConfigurationError(
                    f"the metric {name} is defined by {found[name][0].name} and by {table.name}; "
                    f"define it in one and name it in the other's publishes"
                )
            found[name] = (table, metric)
    return found


def published(tables: Sequence[Table]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Returns the columns of every metric, by metric and table, its own table first.

    Raises:
        ConfigurationError: A table names a metric that nobody defines.
    """
    known = definitions(tables)
    found = {name: {table.name: _own(table, metric)} for name, (table, metric) in known.items()}
    for table in tables:
        for name in table.publishes:
            if name not in known:
                raise ConfigurationError(
                    f"{table.name} publishes the metric {name}, which no table defines; "
                    f"define it there, or name one of {', '.join(sorted(known))}"
                )
            found[name][table.name] = _own(table, known[name][1])
    return found


def _own(table: Table, metric: Metric) -> tuple[str, ...]:
    return tuple(column for column in metric.columns if column in table.columns)


def _of_model(project: Project, node: Mapping[str, Any], checks: frozenset[str]) -> Table:
    name, meta = str(node["name"]), node["config"]["meta"]
    examples = {
        unit["name"]: Example(unit["name"], unit["description"].strip(), _expected(unit))
        for unit in project.manifest["unit_tests"].values()
        if unit["model"] == name
    }
    return Table(
        name,
        tuple(meta["grain"]),
        str(meta["owner"]),
        project.columns(name),
        {metric: _metric(name, metric, told) for metric, told in meta.get("metrics", {}).items()},
        tuple(meta.get("publishes", ())),
        examples,
        checks,
    )


def _expected(unit: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    rows = unit["expect"]["rows"]
    return tuple(rows) if isinstance(rows, list) else ()


def _metric(table: str, name: str, told: Mapping[str, Any]) -> Metric:
    try:
        return Metric.model_validate(told)
    except ValidationError as error:
        raise ConfigurationError(
            f"the metric {name} of {table}: {explain(error, Metric)}"
        ) from None


def _of_analytics(path: Path, table: AnalyticsTable, told: Mapping[str, Any]) -> Table:
    try:
        declared = Declared.model_validate(told)
    except ValidationError as error:
        raise ConfigurationError(
            f"{path}, table {table.table}: {explain(error, Declared)}"
        ) from None
    return Table(
        table.table,
        table.grain,
        table.owner,
        table.types,
        declared.metrics,
        declared.publishes,
        {test: Example(test, text, ()) for test, text in declared.examples.items()},
        frozenset(check.name for check in CHECKS),
    )


def _is_number(kind: str) -> bool:
    return kind.partition("(")[0].lower() in {"bigint", "integer", "decimal", "double", "hugeint"}
