"""Tests on data that is not in the repository (marker ``external_data``).

The folder is named by ECOM_TEST_DATA. Where it is set, these tests are required and a missing file
fails them; elsewhere they are deselected, and the summary counts and names them.
"""

import os
from pathlib import Path

import pytest

VARIABLE = "ECOM_TEST_DATA"
DESELECTED = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of external data."""
    folder = Path(os.environ[VARIABLE])
    assert folder.is_dir(), f"{VARIABLE} names {folder}, which is no folder"
    return folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects the marked tests where there is no data for them."""
    if os.environ.get(VARIABLE):
        return
    external = [item for item in items if item.get_closest_marker("external_data")]
    if external:
        items[:] = [item for item in items if item not in external]
        config.hook.pytest_deselected(items=external)
        config.stash[DESELECTED] = sorted({item.nodeid.split("[")[0] for item in external})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Names what was deselected for lack of data."""
    for name in config.stash.get(DESELECTED, []):
        terminalreporter.line(f"deselected, {VARIABLE} is not set: {name}")
