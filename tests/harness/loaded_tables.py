"""The published tables that a load makes: all but those of the analytics, a job of its own."""

from pathlib import Path

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.publish.digest import digests


def loaded_digests(version: Path) -> dict[str, str]:
    """Returns the digest of every table of a version that a load makes."""
    return {n: value for n, value in digests(version).items() if n not in analytics_tables()}
