"""Named crash points, so that tests can kill a load exactly where it hurts most."""

import os
import signal

from ecom_assets.settings import settings

CRASH_POINTS = (
    "bytes_landed",
    "deliveries_noted",
    "parts_written",
    "manifest_written",
    "build_opened",
    "dbt_connected",
    "first_models_built",
    "models_built",
    "build_closed",
    "warehouse_checkpointed",
    "warehouse_copied",
    "version_named",
    "version_switched",
)


def crash_point(name: str) -> None:
    """Kills this process with SIGKILL if ``ECOM_CRASH_POINT`` names this point."""
    if settings().crash_point == name:
        os.kill(os.getpid(), signal.SIGKILL)
