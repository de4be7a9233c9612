"""Homes with feeds that a test writes or drafts."""

from pathlib import Path

import pytest

from ecom_assets.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")
