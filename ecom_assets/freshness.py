"""When an asset counts as late."""

from datetime import timedelta

import dagster as dg


def freshness(warn_after_hours: float = 30, fail_after_hours: float = 54) -> dg.FreshnessPolicy:
    """Returns the policy of a daily asset: late when a day's load is missing, stale after two."""
    return dg.FreshnessPolicy.time_window(
        fail_window=timedelta(hours=fail_after_hours), warn_window=timedelta(hours=warn_after_hours)
    )
