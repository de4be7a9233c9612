"""The dbt models as Dagster assets: one dbt invocation a run, whatever part of the graph it is."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets

from ecom_assets.crash import crash_point
from ecom_assets.duck import warehouse_connection
from ecom_assets.home import Home
from ecom_assets.ingest.parts import listed_parts, remove_unlisted_parts
from ecom_assets.partitions import months, refuse_odd_months
from ecom_assets.progress import Step, report
from ecom_assets.publish.gate import read_gate, red_checks, save_gate, unbuilt
from ecom_assets.publish.versions import row_counts
from ecom_assets.resources import WriterLock
from ecom_assets.settings import settings, use_home
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.build import Build, close_build, closed_parts, open_build
from ecom_assets.warehouse.generation import Generation
from ecom_assets.warehouse.lineage import column_lineage
from ecom_assets.warehouse.project import load_project, prepare_manifest, prepare_target
from ecom_assets.warehouse.results import (
    add_examples,
    note_results,
    ran_out_of_memory,
    required_tests,
)
from ecom_assets.warehouse.translator import Translator

BUILD = ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
RESULTS = "run_results.json"
DbtEvent = Any  # dagster-dbt's union of outputs, materialisations and check results


@dbt_assets(
    manifest=prepare_manifest(),
    name="warehouse_models",
    partitions_def=months,
    backfill_policy=dg.BackfillPolicy.single_run(),
    dagster_dbt_translator=Translator(),
)
def warehouse_models(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, writer: WriterLock
) -> Iterator[Any]:
    """Builds staging, history, facts and KPI tables from the lake, and tests them all."""
    del writer  # held for the whole run
    refuse_odd_months(context.run.tags)
    home = Home.current()
    report(Step("build", 0, len(context.selected_asset_keys)))
    use_home(home.root)  # dbt runs in another folder: a relative home would be another home
    build = open_build(home, load_stores(home))
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    gate = read_gate(home)
    gate.about_to_write(selected)
    save_gate(home, gate)
    prepare_target(home.dbt_target)
    crash_point("build_opened")
    # two large statements take each other's memory
    at_once = 1 if build.is_first else settings().threads
    invocation, events = _run_dbt(context, dbt, home, build, at_once)
    if at_once > 1 and ran_out_of_memory(_results(invocation)):
        context.log.warning(
            f"{at_once} models at once did not fit into memory: built again, one at a time"
        )
        invocation, events = _run_dbt(context, dbt, home, build, 1)
    crash_point("models_built")
    complete = _note(home, invocation, build.generation)
    yield from _with_metadata(context, home, events)
    if not invocation.is_successful():
        raise dg.Failure(_explain(home, invocation), allow_retries=False)
    if not complete:
        context.log.info("part of the graph is still to be built from these deliveries")


def _run_dbt(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home, build: Build, at_once: int
) -> tuple[DbtCliInvocation, list[DbtEvent]]:
    """Builds and tests the selected models, so many at once, to the end of the invocation."""
    # a dbt that dies writes no results: those of the one before must not be taken for its own
    (home.dbt_target / RESULTS).unlink(missing_ok=True)
    options = [*BUILD, "--threads", str(at_once)]
    if build.is_first:
        options.append("--full-refresh")
    invocation = dbt.cli(
        options, context=context, target_path=home.dbt_target, raise_on_error=False
    )
    return invocation, list(_events(invocation, len(context.selected_asset_keys)))


def _events(invocation: DbtCliInvocation, total: int) -> Iterator[DbtEvent]:
    done = 0
    for event in invocation.stream():
        if isinstance(event, dg.Output):
            done += 1
            report(Step("build", done, total, event.output_name))
            crash_point("first_models_built")
        yield event


def _note(home: Home, invocation: DbtCliInvocation, generation: Generation) -> bool:
    """Notes what was written and judged; closes the build if the whole graph is built and green.

    While a check is red nothing is forgotten: the next run judges again all that has changed since
    the checks were last green.
    """
    project = load_project()
    gate = read_gate(home)
    results = _results(invocation)
    failed = note_results(gate, project, results, generation.id)
    if failed:
        with warehouse_connection(home) as connection:
            add_examples(gate, project, failed, connection)
    save_gate(home, gate)
    complete = not unbuilt(gate, project.models, generation.id)
    if complete and not red_checks(gate, required_tests(project)):
        close_build(home, generation)
        crash_point("build_closed")
        remove_unlisted_parts(home, closed_parts(home) | listed_parts(home))
    return complete


def _results(invocation: DbtCliInvocation) -> list[Mapping[str, Any]]:
    if not (invocation.target_path / RESULTS).is_file():
        return []
    return invocation.get_artifact(RESULTS)["results"]


def _with_metadata(
    context: dg.AssetExecutionContext, home: Home, events: list[DbtEvent]
) -> Iterator[DbtEvent]:
    """Adds row counts and column lineage, each looked up once for all tables.

    Dagster stores an event per asset and month, and shows the newest: only that of the last month
    carries the lineage, which is nine tenths of its bytes.
    """
    with warehouse_connection(home) as connection:
        rows = row_counts(connection, "warehouse") | row_counts(connection, "staging")
    lineage = column_lineage()
    for event in events:
        if isinstance(event, dg.Output):
            key = event.metadata.get("unique_id")
            name = str(getattr(key, "value", key)).split(".")[-1]
            if name in lineage:
                context.add_asset_metadata(
                    {"dagster/column_lineage": lineage[name]},
                    asset_key=name,
                    partition_key=context.partition_keys[-1],
                )
            count = {"dagster/row_count": rows[name]} if name in rows else {}
            yield event.with_metadata({**event.metadata, **count})
        else:
            yield event


def _explain(home: Home, invocation: DbtCliInvocation) -> str:
    red = [v for v in read_gate(home).verdicts.values() if not v.passed and v.blocking]
    if red:
        return "; ".join(f"{verdict.name}: {verdict.message}" for verdict in red)
    error = invocation.get_error()
    return str(error) if error else "dbt failed without a word"
