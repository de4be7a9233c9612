"""The fast harness is worth its speed only if it builds what ``dbt build`` builds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecom_assets.dagster_home import ensure_dagster_home
from ecom_assets.load_run import run_load
from ecom_assets.publish.versions import current_folder
from ecom_assets.settings import settings, use_home
from tests.harness.files import SAMPLE_WEEK
from tests.harness.loaded_tables import loaded_digests
from tests.harness.shop import Load, Shop, store

pytestmark = [pytest.mark.integration, pytest.mark.deep]

FIRST_DAYS = dict(list(SAMPLE_WEEK.items())[:4])
LAST_DAYS = dict(list(SAMPLE_WEEK.items())[4:])
CORRECTED = b"".join(SAMPLE_WEEK["2011-08-09.csv"].splitlines(keepends=True)[:-200])


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("ECOM_HOME", "")
    with Shop(tmp_path / "real", store("online_retail")) as shop:
        use_home(shop.home.root)
        ensure_dagster_home(shop.home)
        yield shop
    settings.cache_clear()


def published_digests(shop: Shop) -> dict[str, str]:
    """Loads what waits in the inbox through the Dagster job and dbt, as `ecom run` does."""
    result = run_load(shop.home, ("2011-08", "2011-08"), lambda _: None)
    assert result.published, (result.error, result.reds)
    return loaded_digests(current_folder(shop.home))


def test_harness_builds_the_tables_that_dbt_builds(tmp_path: Path, real: Shop) -> None:
    with Shop(tmp_path / "fast", store("online_retail")) as fast:
        for files in (FIRST_DAYS, {**LAST_DAYS, "2011-08-09.csv": CORRECTED}):
            assert fast.run(Load(files))
            assert fast.warehouse.failing_tests() == {}
            real.deliver(files)
            assert published_digests(real) == fast.warehouse.digests()
