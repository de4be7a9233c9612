"""Our event log stores what Dagster's own stores: the same events, tags and newest ones."""

from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ecom_assets.partitions import range_tags

pytestmark = pytest.mark.integration

KEY = dg.AssetKey("figures")
MONTHS = dg.MonthlyPartitionsDefinition("2024-01-01")
OURS = {"module": "ecom_assets.event_log", "class": "BatchingEventLogStorage"}
DAGSTERS = {"module": "dagster._core.storage.event_log", "class": "SqliteEventLogStorage"}


@dg.asset(
    key=KEY,
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[dg.AssetCheckSpec("is_right", asset=KEY)],
)
def figures(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
    context.add_asset_metadata({"last": True}, partition_key=context.partition_keys[-1])
    return dg.MaterializeResult(
        metadata={"rows": 3},
        check_results=[dg.AssetCheckResult(passed=True, check_name="is_right")],
    )


def known_after_a_run(folder: Path, storage: dict[str, str]) -> dict[str, Any]:
    """Runs three months on an instance with this storage; returns what it knows afterwards."""
    folder.mkdir()
    log = {**storage, "config": {"base_dir": str(folder / "history")}}
    overrides = {"event_log_storage": log}
    with dg.DagsterInstance.local_temp(str(folder), overrides=overrides) as instance:
        job = dg.Definitions([figures]).resolve_implicit_global_asset_job_def()
        tags = range_tags("2024-01", "2024-03")
        run = job.execute_in_process(instance=instance, tags=tags)
        (record,) = instance.get_asset_records([KEY])
        newest = record.asset_entry.last_materialization
        assert newest
        assert newest.asset_materialization
        return {
            "events": Counter(
                (entry.get_dagster_event().event_type, entry.get_dagster_event().partition)
                for entry in instance.all_logs(run.run_id)
                if entry.is_dagster_event
            ),
            "months": instance.get_materialized_partitions(KEY),
            "newest": (
                newest.asset_materialization.partition,
                sorted(newest.asset_materialization.metadata),
                sorted(newest.asset_materialization.tags or {}),
            ),
            "tags": sorted(sorted(tags) for tags in instance.get_event_tags_for_asset(KEY)),
        }


def test_a_run_is_known_as_with_the_storage_of_dagster(tmp_path: Path) -> None:
    ours, dagsters = (
        known_after_a_run(tmp_path / storage["class"], storage) for storage in (OURS, DAGSTERS)
    )
    assert ours == dagsters
    assert ours["months"] == {"2024-01-01", "2024-02-01", "2024-03-01"}
    assert ours["newest"][:2] == ("2024-03-01", ["last", "rows"])
