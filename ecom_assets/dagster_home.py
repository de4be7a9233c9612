"""The folder in which Dagster keeps its history: ``<home>/dagster``."""

from ecom_assets.home import Home

DAGSTER_YAML = """\
# Written by `ecom init`; yours to change.
telemetry:
  enabled: false
nux:
  enabled: false
freshness:
  enabled: true
run_monitoring:
  enabled: true
# A load holds the home's writer lock; queueing loads here keeps waiting runs from taking a process.
concurrency:
  runs:
    max_concurrent_runs: 1
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: ecom_assets.event_log
  class: BatchingEventLogStorage
"""


def ensure_dagster_home(home: Home) -> None:
    """Writes dagster.yaml if the home has none."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    path = home.dagster / "dagster.yaml"
    if not path.exists():
        path.write_text(DAGSTER_YAML, "utf-8")
