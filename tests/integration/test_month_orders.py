"""The year in 13 runs, forwards and backwards, gives the same bytes as in one."""

from pathlib import Path

import pytest

from ecom_assets.demo import prepare_online_retail
from ecom_assets.home import Home
from ecom_assets.publish.digest import digests
from ecom_assets.publish.versions import current_folder
from ecom_assets.settings import use_home
from tests.integration.conftest import load

pytestmark = [pytest.mark.integration, pytest.mark.deep]

MONTHS = ["2010-12", *(f"2011-{number:02}" for number in range(1, 13))]


@pytest.mark.parametrize("months", [MONTHS, MONTHS[::-1]], ids=["forwards", "backwards"])
def test_the_year_month_by_month_is_the_year_in_one(
    year: Home, tmp_path: Path, months: list[str]
) -> None:
    use_home(tmp_path / "home")
    home = Home.current()
    prepare_online_retail(home)
    for month in months:
        assert load(home, month, month).published, month
    assert digests(current_folder(home)) == digests(current_folder(year))
