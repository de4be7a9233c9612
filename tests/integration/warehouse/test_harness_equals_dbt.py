"""The fast harness is worth its speed only if it builds what ``dbt build`` builds."""

from pathlib import Path

import pytest

from ecom_assets.load_run import ensure_dagster_home, run_load
from ecom_assets.publish.digest import digests
from ecom_assets.publish.versions import current_folder
from ecom_assets.settings import use_home
from tests.harness.files import SAMPLE_WEEK
from tests.harness.shop import Shop

pytestmark = [pytest.mark.integration, pytest.mark.slow]

FIRST_DAYS = dict(list(SAMPLE_WEEK.items())[:4])
LAST_DAYS = dict(list(SAMPLE_WEEK.items())[4:])
CORRECTED = b"".join(SAMPLE_WEEK["2011-08-09.csv"].splitlines(keepends=True)[:-200])


def published_digests(shop: Shop) -> dict[str, str]:
    """Loads what waits in the inbox through the Dagster job and dbt, as `ecom run` does."""
    ensure_dagster_home(shop.home)
    result = run_load(shop.home, ("2011-08", "2011-08"), lambda step: None)
    assert result.published, (result.error, result.reds)
    return digests(current_folder(shop.home))


def test_harness_builds_the_tables_that_dbt_builds(tmp_path: Path) -> None:
    real, fast = Shop(tmp_path / "real"), Shop(tmp_path / "fast")
    for step in (FIRST_DAYS, {**LAST_DAYS, "2011-08-09.csv": CORRECTED}):
        for shop in (real, fast):
            shop.deliver(step)
        use_home(fast.root)
        expected = fast.load()
        assert fast.warehouse.failing_tests() == {}
        use_home(real.root)
        assert published_digests(real) == expected
