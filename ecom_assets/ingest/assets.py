"""The raw group: 13 datasets, the deliveries they came from and the rows that were rejected."""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg

from ecom_assets.contracts import Contract, load_contracts
from ecom_assets.freshness import freshness
from ecom_assets.home import Home
from ecom_assets.ingest.foreign import describe_foreign
from ecom_assets.ingest.intake import Intake, take_in
from ecom_assets.ingest.manifest import Manifest, read_manifests
from ecom_assets.ingest.parts import QUARANTINE
from ecom_assets.partitions import months, months_of_run, refuse_odd_months
from ecom_assets.publish.gate import RAW, read_gate, save_gate
from ecom_assets.resources import WriterLock
from ecom_assets.sources.round import pull_round
from ecom_assets.stores import load_stores
from ecom_assets.warehouse.generation import current_generation
from ecom_assets.wording import counted

DELIVERIES = dg.AssetKey("deliveries")
QUARANTINED_ROWS = dg.AssetKey("quarantined_rows")
SETTLED_BEFORE_TAG = "ecom/settled_before"
PULLED_TAG = "ecom/pulled"  # sources have been pulled for this run already


def _spec(contract: Contract) -> dg.AssetSpec:
    constraints = {
        c.name: dg.TableColumnConstraints(nullable=not c.required) for c in contract.columns
    }
    columns = [
        dg.TableColumn(
            column.name,
            column.sql_type,
            column.description,
            constraints=constraints[column.name],
            tags={"pii": column.pii} if column.pii else {},
        )
        for column in contract.columns
    ]
    return dg.AssetSpec(
        contract.dataset,
        description=f"{contract.description}\n\nGrain: {contract.grain}.",
        owners=[contract.owner],
        tags={"layer": "raw"},
        kinds={"parquet", "duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
        freshness_policy=freshness(
            contract.freshness.warn_after_hours, contract.freshness.fail_after_hours
        ),
    )


def _delivery_specs() -> list[dg.AssetSpec]:
    """The two datasets that no contract describes: what came, and what was rejected of it."""
    return [
        dg.AssetSpec(
            DELIVERIES,
            description="Every delivered file as it was read: rows accepted and quarantined, or "
            "why it was set aside.\n\nGrain: one row per store, feed and file.",
            owners=["team:data-platform"],
            tags={"layer": "raw"},
            kinds={"duckdb"},
            freshness_policy=freshness(),
        ),
        dg.AssetSpec(
            QUARANTINED_ROWS,
            description="Every rejected record with its text, the rule it broke, the reason, its "
            "file and its row.\n\nGrain: one row per rejected record.",
            owners=["team:data-platform"],
            tags={"layer": "raw"},
            kinds={"parquet", "duckdb"},
            freshness_policy=freshness(),
        ),
    ]


configuration = [
    dg.AssetSpec(
        "stores",
        group_name="raw",
        description="The stores of stores.yaml: clocks, currencies, feeds.",
        owners=["team:data-platform"],
        kinds={"yaml"},
        freshness_policy=freshness(),
    ),
    dg.AssetSpec(
        "holidays",
        group_name="raw",
        description="Public holidays of the stores' countries, from the holidays library.",
        owners=["team:data-platform"],
        kinds={"python"},
        freshness_policy=freshness(),
    ),
]


@dg.multi_asset(
    name="raw_datasets",
    specs=[*(_spec(contract) for contract in load_contracts().values()), *_delivery_specs()],
    group_name="raw",
    partitions_def=months,
    backfill_policy=dg.BackfillPolicy.single_run(),
    can_subset=True,
)
def raw_datasets(
    context: dg.AssetExecutionContext, writer: WriterLock
) -> Iterator[dg.MaterializeResult[Any]]:
    """Pulls from sources, lands what lies in the inbox, judges every row, commits the months.

    A run that the sensor asked for is about the files it has seen, and pulls nothing.
    A file fills several datasets and is read once for all of them, so a run that selects some
    datasets takes in all; the others are reported as materialised too where they changed.
    """
    del writer  # held for the whole run
    refuse_odd_months(context.run.tags)
    home = Home.current()
    stores = load_stores(home)
    settled = context.run.tags.get(SETTLED_BEFORE_TAG)
    gate = read_gate(home)
    gate.about_to_write([RAW])  # a kill from here on leaves the gate shut
    save_gate(home, gate)
    if settled is None and PULLED_TAG not in context.run.tags:
        for result in pull_round(home, stores):
            (context.log.warning if result.fault else context.log.info)(str(result))
    intake = take_in(
        home,
        stores,
        months_of_run(context),
        context.run.run_id,
        settled_before=int(settled) if settled else None,
    )
    gate.wrote(RAW, current_generation(home).id)
    save_gate(home, gate)
    _log(context, intake)
    rows = _rows_by_dataset(read_manifests(home.manifests).values())
    for spec in configuration:  # no step makes them; every load reads them anew
        context.log_event(dg.AssetMaterialization(spec.key))
    changed = {part for month in intake.loaded for part in month.datasets}
    for key in sorted(spec.key for spec in raw_datasets.specs):
        name = key.to_user_string()
        metadata = {"dagster/row_count": rows.get(name, 0)}
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        elif name in changed:
            context.log_event(dg.AssetMaterialization(key, metadata=metadata))


def _log(context: dg.AssetExecutionContext, intake: Intake) -> None:
    files = [file for month in intake.loaded for file in month.files]
    context.log.info(
        f"landed {counted(len(intake.landed), 'delivery')}, "
        f"read {counted(len(files), 'file')} with "
        f"{counted(sum(file.rows for file in files), 'row')}, rejected "
        f"{sum(file.quarantined for file in files):,}"
    )
    for file in files:
        if file.status == "set_aside":
            context.log.warning(f"{file.name} was set aside: {file.message}")
    for line in describe_foreign(intake.unrecognised):
        context.log.warning(line)


def _rows_by_dataset(manifests: Iterable[Manifest]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for manifest in manifests:
        for part in manifest.parts:
            name = "quarantined_rows" if part.dataset == QUARANTINE else part.dataset
            rows[name] = rows.get(name, 0) + part.rows
        rows["deliveries"] = rows.get("deliveries", 0) + len(manifest.files)
    return rows
