"""Named crash points, so that tests can kill a load exactly where it hurts most."""

import os
import signal

from ecom_assets.settings import settings


def crash_point(name: str) -> None:
    """Kills this process with SIGKILL if ``ECOM_CRASH_POINT`` names this point."""
    if settings().crash_point == name:
        os.kill(os.getpid(), signal.SIGKILL)
