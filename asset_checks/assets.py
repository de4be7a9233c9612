"""The checks before dbt as Dagster asset checks; their verdicts also go to the gate."""

from collections.abc import Iterator

import dagster as dg

from asset_checks import analytics, raw
from asset_checks.publication import PUBLICATION
from ecom_assets.contracts import load_contracts
from ecom_assets.home import Home
from ecom_assets.ingest.assets import DELIVERIES, QUARANTINED_ROWS
from ecom_assets.partitions import refuse_odd_months
from ecom_assets.publish.gate import RAW, RequiredCheck, Verdict, read_gate, save_gate
from ecom_assets.resources import WriterLock
from ecom_assets.sources.failed_pulls import SOURCES_REACHED
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.project import load_project
from ecom_assets.warehouse.sources import raw_connection


def _spec(name: str, asset: dg.AssetKey, description: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(name, asset=asset, description=description, blocking=True)


CHECKS: list[tuple[dg.AssetCheckSpec, raw.Check]] = [
    (
        _spec(raw.FILES_RECONCILE, DELIVERIES, "Rows delivered = accepted + quarantined, per file"),
        raw.files_reconcile,
    ),
    (
        _spec(raw.FILES_READABLE, DELIVERIES, "No file was set aside (blocks if required)"),
        raw.files_readable,
    ),
    (
        _spec(SOURCES_REACHED, DELIVERIES, "All sources were pulled (blocks if required)"),
        raw.sources_reached,
    ),
    (
        _spec(raw.KNOWN_COLUMNS, DELIVERIES, "No file has columns unknown to its feed (warns)"),
        raw.columns_known,
    ),
    (
        _spec(raw.KEPT_COLUMNS, DELIVERIES, "No file lacks columns that earlier ones had (warns)"),
        raw.columns_kept,
    ),
    (
        _spec(raw.RATES_DELIVERED, DELIVERIES, "Stores in other currencies have rates (warns)"),
        raw.rates_delivered,
    ),
    (
        _spec(raw.REJECTED_SHARE, QUARANTINED_ROWS, "Rejected rows stay within max_rejected_pct"),
        raw.rejected_share_within_limit,
    ),
    *(
        (
            _spec(raw.CONTRACT, dg.AssetKey(name), "Required columns are filled in every row"),
            raw.contract_holds(contract),
        )
        for name, contract in load_contracts().items()
    ),
]


def required_raw_checks() -> list[RequiredCheck]:
    """Returns what the gate wants of the checks before dbt."""
    return [RequiredCheck(_verdict_name(spec), (RAW,)) for spec, _ in CHECKS]


def known_verdicts() -> list[str]:
    """Returns the names of all verdicts that a gate may hold."""
    project = load_project()
    tests = [test.name for test in project.tests]
    before = [check.name for check in required_raw_checks()]
    after = [*(check.name for check in analytics.CHECKS), PUBLICATION]
    return [*before, *tests, *project.models, *after]


def _verdict_name(spec: dg.AssetCheckSpec) -> str:
    """Returns how the gate calls a check: that of a contract exists for every dataset."""
    dataset = spec.asset_key.to_user_string()
    return f"{dataset}:{spec.name}" if spec.name == raw.CONTRACT else spec.name


@dg.multi_asset_check(name="raw_checks", specs=[spec for spec, _ in CHECKS], can_subset=True)
def raw_checks(
    context: dg.AssetCheckExecutionContext, writer: WriterLock
) -> Iterator[dg.AssetCheckResult]:
    """Judges the whole lake before anything is built from it."""
    del writer  # held for the whole run
    refuse_odd_months(context.run.tags)
    home = Home.current()
    gate = read_gate(home)
    gate.retain(known_verdicts())
    verdicts: list[tuple[dg.AssetCheckSpec, Verdict]] = []
    with raw_connection(home, load_stores(home)) as connection:
        for spec, check in CHECKS:
            if spec.key in context.selected_asset_check_keys:
                verdicts.append((spec, check(connection)))
                gate.judged(verdicts[-1][1])
    save_gate(home, gate)
    for spec, verdict in verdicts:
        yield dg.AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity.ERROR
            if verdict.blocking
            else dg.AssetCheckSeverity.WARN,
            description=verdict.message or None,
            metadata={"rows": dg.MetadataValue.json(list(verdict.rows))} if verdict.rows else {},
        )
