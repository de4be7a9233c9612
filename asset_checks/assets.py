"""The checks before dbt as Dagster asset checks; their verdicts also go to the gate."""

from collections.abc import Iterator

import dagster as dg

from asset_checks import raw
from ecom_assets.contracts import load_contracts
from ecom_assets.home import Home
from ecom_assets.publish.gate import RAW, RequiredCheck, Verdict, read_gate, save_gate
from ecom_assets.resources import WriterLock
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.sources import raw_connection

DELIVERIES = dg.AssetKey("deliveries")
QUARANTINED_ROWS = dg.AssetKey("quarantined_rows")


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
        _spec(raw.KNOWN_COLUMNS, DELIVERIES, "No file has columns unknown to its feed (warns)"),
        raw.columns_known,
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
    return [
        RequiredCheck(raw.FILES_RECONCILE, (RAW,)),
        RequiredCheck(raw.FILES_READABLE, (RAW,)),
        RequiredCheck(raw.KNOWN_COLUMNS, (RAW,)),
        RequiredCheck(raw.RATES_DELIVERED, (RAW,)),
        RequiredCheck(raw.REJECTED_SHARE, (RAW,)),
        *(RequiredCheck(f"{name}:{raw.CONTRACT}", (RAW,)) for name in load_contracts()),
    ]


@dg.multi_asset_check(name="raw_checks", specs=[spec for spec, _ in CHECKS], can_subset=True)
def raw_checks(
    context: dg.AssetCheckExecutionContext, writer: WriterLock
) -> Iterator[dg.AssetCheckResult]:
    """Judges the whole lake before anything is built from it."""
    del writer  # held for the whole run
    home = Home.current()
    gate = read_gate(home)
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
