"""The asset graph as plain data, for the committed snapshot ``graph.json``.

Write it anew after a wanted change: ``uv run python -m tests.graph.snapshot``.
"""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from ecom_assets.definitions import defs

PATH = Path(__file__).parent / "graph.json"


def graph() -> dict[str, Any]:
    """Returns every asset, check, job, schedule and sensor with what a user relies on."""
    repository = defs.get_repository_def()
    assets = repository.asset_graph
    return {
        "assets": {key.to_user_string(): _asset(assets.get(key)) for key in _sorted(assets)},
        "checks": {
            key.to_user_string(): "blocking" if assets.get(key).blocking else "not blocking"
            for key in sorted(assets.asset_check_keys, key=lambda key: key.to_user_string())
        },
        "jobs": sorted(job.name for job in repository.get_all_jobs() if job.name[0] != "_"),
        "schedules": {
            s.name: [s.cron_schedule, s.execution_timezone, s.job_name, s.default_status.value]
            for s in repository.schedule_defs
        },
        "sensors": {s.name: [s.job_name, s.default_status.value] for s in repository.sensor_defs},
    }


def _sorted(assets: Any) -> list[dg.AssetKey]:
    return sorted(assets.get_all_asset_keys(), key=lambda key: key.to_user_string())


def _asset(node: Any) -> dict[str, Any]:
    partitions = node.partitions_def
    return {
        "group": node.group_name,
        "owners": sorted(node.owners),
        "deps": sorted(key.to_user_string() for key in node.parent_keys),
        "tags": dict(node.tags),
        "partitions": repr(partitions) if partitions else None,
        "runs": repr(node.backfill_policy) if partitions else None,
        "freshness": node.freshness_policy is not None,
        "described": bool(node.description and "TODO" not in node.description),
        "has_columns": "dagster/column_schema" in node.metadata,
    }


if __name__ == "__main__":
    PATH.write_text(json.dumps(graph(), indent=1, sort_keys=True) + "\n", "utf-8")
