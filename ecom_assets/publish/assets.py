"""The published group: one asset, the version of the warehouse that readers see."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from asset_checks.assets import required_raw_checks
from asset_checks.publication import PARQUET, PUBLICATION, publication_differences
from ecom_assets.analytics.stored import make_analytics_tables
from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.crash import crash_point
from ecom_assets.duck import quote, scratch_connection, warehouse_connection
from ecom_assets.freshness import freshness
from ecom_assets.home import Home
from ecom_assets.partitions import months, refuse_odd_months
from ecom_assets.progress import Step, report
from ecom_assets.publish.gate import (
    EXAMPLE_ROWS,
    RAW,
    Red,
    Verdict,
    read_gate,
    red_checks,
    save_gate,
    unbuilt,
)
from ecom_assets.publish.parquet import Table
from ecom_assets.publish.versions import (
    Draft,
    Unchanged,
    Version,
    checksums,
    draft_version,
    remove_drafts,
    remove_old_versions,
    row_counts,
    switch_to,
    unchanged_since,
    version_in_place,
)
from ecom_assets.resources import WriterLock
from ecom_assets.settings import settings
from ecom_assets.warehouse.build import forget_unpublished, unpublished
from ecom_assets.warehouse.generation import current_generation
from ecom_assets.warehouse.project import Project, load_project
from ecom_assets.warehouse.results import required_tests

KEY = dg.AssetKey("published_version")
DIFFERS = "the copy differs from the warehouse: run again; if it stays, the disk is faulty"


@dg.asset(
    key=KEY,
    group_name="published",
    deps=[*load_project().gold, *analytics_tables()],
    partitions_def=months,
    backfill_policy=dg.BackfillPolicy.single_run(),
    owners=["team:data-platform"],
    tags={"layer": "published"},
    kinds={"duckdb", "parquet"},
    freshness_policy=freshness(),
    check_specs=[
        dg.AssetCheckSpec(
            PUBLICATION,
            asset=KEY,
            description="Identity 8: every row and value of what is published = warehouse",
            blocking=True,
        )
    ],
)
def published_version(  # pyright: ignore[reportUnknownParameterType]
    context: dg.AssetExecutionContext, writer: WriterLock
) -> dg.MaterializeResult:  # pyright: ignore[reportMissingTypeArgument]  (Dagster wants it bare)
    """The version of the warehouse that readers see: complete, checked, switched atomically.

    Refuses while a blocking check is red, missing or older than what it covers, or while a table
    is not built from the present deliveries; readers then keep the last good version.
    """
    del writer  # held for the whole run
    refuse_odd_months(context.run.tags)
    home = Home.current()
    project = load_project()
    reds = why_not(home, project)
    if reds:
        raise dg.Failure(
            f"not published: {explain(reds)}",
            metadata={"red_checks": dg.MetadataValue.json([red.__dict__ for red in reds])},
            allow_retries=False,
        )
    version = publish(home, project, context.run.run_id)
    return dg.MaterializeResult(
        metadata={
            "version": version.version,
            "dagster/row_count": sum(version.rows.values()),
            "folder": dg.MetadataValue.path(home.published / version.version),
        },
        check_results=[dg.AssetCheckResult(passed=True, check_name=PUBLICATION)],
    )


def why_not(home: Home, project: Project) -> list[Red]:
    """Returns what keeps the gate shut; empty if the warehouse may be published."""
    gate = read_gate(home)
    generation = current_generation(home).id
    checks = [*required_raw_checks(), *required_tests(project)]
    failing = red_checks(gate, checks)
    stale = unbuilt(gate, {RAW: (), **project.models}, generation)
    return failing or in_short(stale)


def in_short(stale: list[Red]) -> list[Red]:
    """Returns one entry per reason where more than a few tables are stale for the same one."""
    by_reason: dict[str, list[Red]] = {}
    for red in stale:
        by_reason.setdefault(red.reason, []).append(red)
    return [
        red
        for reason, reds in by_reason.items()
        for red in ([Red(f"{len(reds)} tables", reason)] if len(reds) > EXAMPLE_ROWS else reds)
    ]


def explain(reds: list[Red]) -> str:
    """Returns the red checks in one line, the first few by name."""
    named = "; ".join(f"{red.name}: {red.reason}" for red in reds[:EXAMPLE_ROWS])
    return named + (f"; and {len(reds) - EXAMPLE_ROWS} more" if len(reds) > EXAMPLE_ROWS else "")


def publish(home: Home, project: Project, run_id: str) -> Version:
    """Publishes the warehouse unless the current version already holds what it holds.

    Where only the analytics have been computed since, every month of the rest is linked.

    Returns:
        The version that readers see now.

    Raises:
        dg.Failure: The copy differs from the warehouse.
    """
    generation = current_generation(home).id
    with warehouse_connection(home) as connection:
        make_analytics_tables(connection)  # of a warehouse that was built before there were any
    held = version_in_place(home)
    unchanged = _unchanged(home)
    if held and held.generation == generation:
        differences = _differences(home, project, home.current_version.resolve())
        if not differences:
            return held
        if not {row["table"] for row in differences} <= analytics_tables().keys():
            unchanged = None  # somebody has touched this version: nothing of it is used again
    now = datetime.now(UTC)
    name = f"{now:%Y%m%dT%H%M%S}-{generation[:8]}"
    try:
        draft = _verified_draft(home, project, name, unchanged)
        version = Version(
            version=name,
            generation=generation,
            published_at=now,
            run_id=run_id,
            rows=_row_counts(home, draft.folder),
            checksums=checksums(draft.folder, unchanged),
            digests=draft.digests,
        )
        _switch_and_prune(home, draft, version)
    finally:
        remove_drafts(home)
    return version


def _unchanged(home: Home) -> Unchanged | None:
    return unchanged_since(home, unpublished(home))


def _verified_draft(home: Home, project: Project, name: str, unchanged: Unchanged | None) -> Draft:
    """Copies gold into a draft that equals the warehouse; notes the verdict at the gate."""
    draft, differences = _draft(home, project, name, unchanged)
    if unchanged and {row["place"] for row in differences} == {PARQUET}:
        # a linked file may be of other rows; only one that was written now tells of the disk
        draft, differences = _draft(home, project, name, None)
    _judge(home, differences)
    if differences:
        tables = ", ".join(sorted({row["table"] for row in differences}))
        raise dg.Failure(f"not published: {DIFFERS} ({tables})", allow_retries=False)
    return draft


def _draft(
    home: Home, project: Project, name: str, unchanged: Unchanged | None
) -> tuple[Draft, list[dict[str, str]]]:
    report(Step("publish", 0, 3, "copy"))
    draft = draft_version(home, name, gold_tables(project), unchanged)
    report(Step("publish", 1, 3, "compare"))
    return draft, _differences(home, project, draft.folder, unchanged)


def _judge(home: Home, differences: list[dict[str, str]]) -> None:
    gate = read_gate(home)
    gate.judged(
        Verdict(
            name=PUBLICATION,
            passed=not differences,
            message=DIFFERS if differences else "",
            rows=tuple(differences[:EXAMPLE_ROWS]),
            found=len(differences),
        )
    )
    save_gate(home, gate)


def _switch_and_prune(home: Home, draft: Draft, version: Version) -> None:
    report(Step("publish", 2, 3, "switch"))
    switch_to(home, draft, version)
    crash_point("version_switched")
    forget_unpublished(home, version.version)
    remove_old_versions(home, settings().keep_versions, settings().keep_bytes)
    report(Step("publish", 3, 3, version.version))


def _differences(
    home: Home, project: Project, version: Path, unchanged: Unchanged | None = None
) -> list[dict[str, str]]:
    with scratch_connection(home) as connection:
        return publication_differences(
            connection, home.warehouse, version, gold_tables(project), unchanged
        )


def _row_counts(home: Home, version: Path) -> dict[str, int]:
    with scratch_connection(home) as connection:
        connection.execute(
            f"attach {quote(str(version / 'warehouse.duckdb'))} as copied (read_only)"
        )
        return row_counts(connection, "copied")


def gold_tables(project: Project) -> list[Table]:
    """Returns the tables to publish: those of dbt, and those of the analytics."""
    computed = [Table(name, None) for name in analytics_tables()]
    built = [
        Table(
            name,
            project.month_column(name),
            project.look_ahead_days(name),
            project.is_by_order_day(name),
            project.has_spans(name),
        )
        for name in project.gold
    ]
    return [*built, *computed]
