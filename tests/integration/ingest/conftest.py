"""Homes for the tests of everything between the inbox and the lake."""

from pathlib import Path

import pytest

from tests.corrupted import corrupted_week
from tests.harness.files import SAMPLE_WEEK
from tests.integration.ingest.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A home into which nothing has been delivered."""
    return Lake(tmp_path / "home")


@pytest.fixture(scope="session")
def week_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The sample week, taken in once; tests must not change it."""
    lake = Lake(tmp_path_factory.mktemp("week") / "home")
    lake.deliver(SAMPLE_WEEK)
    lake.take_in()
    return lake


@pytest.fixture(scope="session")
def corrupted_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The corrupted week, taken in once as a tolerant store; tests must not change it."""
    lake = Lake(tmp_path_factory.mktemp("corrupted") / "home")
    lake.deliver(corrupted_week())
    lake.take_in()
    return lake


@pytest.fixture(scope="session")
def strict_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The corrupted week in the blocking configuration; tests must not change it."""
    lake = Lake(tmp_path_factory.mktemp("strict") / "home", required=True, max_rejected_pct=0)
    lake.deliver(corrupted_week())
    lake.take_in()
    return lake
