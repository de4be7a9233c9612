"""The analytics group: tables that Python computes from finished ones.

They are computed with no connection open, judged, and then replace the old ones in a single
transaction; ``published_version`` follows in the same job.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import dagster as dg

from asset_checks.analytics import CHECKS, AnalyticsCheck, judged
from ecom_assets.analytics.computed import Computed
from ecom_assets.analytics.stored import draft_tables, read_frames, replace_tables
from ecom_assets.analytics.tables import AnalyticsTable, analytics_tables
from ecom_assets.duck import warehouse_connection
from ecom_assets.freshness import freshness
from ecom_assets.heavy_imports import heavy_imports
from ecom_assets.home import Home
from ecom_assets.partitions import months, refuse_odd_months
from ecom_assets.progress import Step, report
from ecom_assets.publish.assets import explain, why_not
from ecom_assets.publish.gate import Verdict, read_gate, save_gate
from ecom_assets.resources import WriterLock
from ecom_assets.warehouse.project import load_project

GROUP = "analytics"
LIBRARIES = ("scipy", "statsforecast")

Judged = list[tuple[AnalyticsCheck, Verdict]]


def _spec(table: AnalyticsTable) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(
            column.name,
            column.data_type,
            column.description,
            constraints=dg.TableColumnConstraints(nullable=not column.required),
        )
        for column in table.columns
    ]
    return dg.AssetSpec(
        table.table,
        group_name=GROUP,
        deps=list(table.reads),
        description=f"{table.description}\n\nGrain: {', '.join(table.grain)}.",
        owners=[table.owner],
        tags={"layer": GROUP},
        kinds={"python", "duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
        freshness_policy=freshness(),
    )


@dg.multi_asset(
    name="analytics_models",
    specs=[_spec(table) for table in analytics_tables().values()],
    check_specs=[
        dg.AssetCheckSpec(c.name, asset=c.table, description=c.claim, blocking=c.blocking)
        for c in CHECKS
    ],
    partitions_def=months,
    backfill_policy=dg.BackfillPolicy.single_run(),
    can_subset=True,
)
def analytics_models(context: dg.AssetExecutionContext, writer: WriterLock) -> Iterator[Any]:
    """Computes customer value, anomalies and forecast from a finished warehouse, whole each time.

    Refuses unless the warehouse could be published as it is. Months are of no account: each row
    says as of which day it was computed.
    """
    del writer  # held for the whole run
    refuse_odd_months(context.run.tags)
    home = Home.current()
    refuse_unfinished(home)
    refuse_missing_libraries()
    names = sorted(key.to_user_string() for key in context.selected_asset_keys)
    computed = compute(home, names)
    verdicts = store(home, computed)
    selected = {key.name for key in context.selected_asset_check_keys}
    results = [_result(check, v) for check, v in verdicts if check.name in selected]
    reds = [verdict for check, verdict in verdicts if check.blocking and not verdict.passed]
    if reds:
        yield from results
        told = "; ".join(f"{red.name}: {red.message}" for red in reds)
        raise dg.Failure(f"the tables of before are kept: {told}", allow_retries=False)
    for name, made in computed.items():
        yield dg.MaterializeResult(
            asset_key=name,
            metadata={
                "dagster/row_count": made.frame.height,
                "stores": dg.MetadataValue.json(made.told),
            },
            check_results=[r for r in results if r.asset_key == dg.AssetKey(name)],
        )


def refuse_unfinished(home: Home) -> None:
    """Refuses a warehouse that is not wholly built and judged.

    Raises:
        dg.Failure: It names what is red or not built.
    """
    if reds := why_not(home, load_project()):
        raise dg.Failure(
            f"nothing is computed from an unfinished warehouse: {explain(reds)}",
            allow_retries=False,
        )


def refuse_missing_libraries() -> None:
    """Refuses to go on without the libraries of the models.

    Raises:
        dg.Failure: One of them is not installed.
    """
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        raise dg.Failure(
            f"{' and '.join(missing)} cannot be imported: install the extra `ml` in the "
            "checkout, with `make setup` or `uv sync --extra ml`",
            allow_retries=False,
        )


def compute(home: Home, names: Sequence[str]) -> dict[str, Computed]:
    """Returns tables computed from the warehouse of a home, by name."""
    report(Step("import", 0, 1))
    with heavy_imports():
        from ecom_assets.analytics.models import MODELS

    report(Step("import", 1, 1))
    report(Step("compute", 0, len(names)))
    queries = {query for name in names for query in MODELS[name].queries}
    frames = read_frames(home, sorted(queries))
    found: dict[str, Computed] = {}
    for done, name in enumerate(names, 1):
        found[name] = MODELS[name].computed(frames)
        report(Step("compute", done, len(names), name))
    return found


def store(home: Home, computed: Mapping[str, Computed]) -> Judged:
    """Replaces tables if no blocking check of them is red; notes all verdicts at the gate."""
    with warehouse_connection(home) as connection:
        draft_tables(connection, home, {name: made.frame for name, made in computed.items()})
        verdicts = judged(connection, computed.keys())
        if not any(check.blocking and not verdict.passed for check, verdict in verdicts):
            replace_tables(connection, computed.keys())
    gate = read_gate(home)
    for _, verdict in verdicts:
        gate.judged(verdict)
    save_gate(home, gate)
    return verdicts


def _result(check: AnalyticsCheck, verdict: Verdict) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        asset_key=check.table,
        check_name=check.name,
        passed=verdict.passed,
        severity=severity,
        description=verdict.message or None,
        metadata={"rows": dg.MetadataValue.json(list(verdict.rows))} if verdict.rows else {},
    )
