"""Made-up shops through the command, Dagster and dbt, killed on their way: what is published."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from ecom_assets.dagster_home import ensure_dagster_home
from ecom_assets.feeds import shipped_feeds
from ecom_assets.home import Home
from ecom_assets.publish.versions import current_folder
from ecom_assets.settings import child_environment
from ecom_assets.stores import Store, Stores, save_stores
from tests.harness.company import Company, CompanyLoad
from tests.harness.loaded_tables import loaded_digests
from tests.property.change_log import feed, write_feed
from tests.property.made_up_deliveries import FEEDS, content, deliveries, files_of, newest, store_of
from tests.property.made_up_shop import REPORTING, made_up_shop

pytestmark = [pytest.mark.integration, pytest.mark.deep]

# Those with a day whose rate never comes are, rightly, not published; and a head that is a line of
# its own document is none of those lines that `files_reconcile` counts.
SHOPS = [
    shop for shop in map(made_up_shop, range(20)) if not (shop.unpriced or shop.whole_documents)
][:6]
STORES: dict[str, Store] = {f"shop_{shop.number}": store_of(shop) for shop in SHOPS}
LOADS = 3
PUBLISHED, NOT_PUBLISHED, KILLED = 0, 1, -9


def put(inbox: Path, files: Mapping[str, bytes]) -> None:
    """Puts files into an inbox, replacing those of the same name."""
    inbox.mkdir(parents=True, exist_ok=True)
    for name, told in files.items():
        (inbox / name).write_bytes(told)


def prepare(root: Path) -> Home:
    """Makes a home with the shops and, as its own, the feeds that deliver them."""
    home = Home(root)
    write_feed(home.feeds / FEEDS[False], whole_documents=False)
    save_stores(home, Stores(stores=STORES, reporting_currency=REPORTING))
    ensure_dagster_home(home)
    return home


def ecom_run(home: Home, *, killed_after: float | None = None) -> int:
    """Runs `ecom run` in a process of its own; returns its exit code.

    Args:
        home: The home.
        killed_after: Seconds after which it is killed, wherever it is; None to let it end.
    """
    command = [sys.executable, "-m", "ecom_assets.cli", "run", "--home", str(home.root)]
    with (
        (home.root / "run.log").open("w") as log,
        subprocess.Popen(
            command, env=child_environment(home.root), stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        with suppress(subprocess.TimeoutExpired):
            process.wait(killed_after)
        process.kill()  # does nothing to one that has ended
    return process.returncode


def test_shops_killed_at_random_moments_are_published_as_a_clean_build_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six stores through the command; what the fast harness builds of the same files at once."""
    random = Random(7)  # noqa: S311
    loads = {
        name: deliveries(random, files_of(shop.happenings), LOADS)
        for name, shop in zip(STORES, SHOPS, strict=True)
    }
    home = prepare(tmp_path / "home")
    killed_after = 0.0
    for n in range(LOADS):
        for name, batches in loads.items():
            put(home.feed_inbox(name, FEEDS[False]), content(batches[n]))
        if n:
            assert ecom_run(home, killed_after=killed_after) in {PUBLISHED, NOT_PUBLISHED, KILLED}
        begun = monotonic()
        # what waits for a later file is, rightly, not published before
        assert ecom_run(home) in {PUBLISHED, NOT_PUBLISHED}
        killed_after = random.uniform(0.1, 0.9) * (monotonic() - begun)
    assert ecom_run(home) == PUBLISHED, (home.root / "run.log").read_text()
    monkeypatch.setitem(shipped_feeds(), FEEDS[False], feed(FEEDS[False], whole_documents=False))
    with Company(tmp_path / "clean", STORES, REPORTING) as clean:
        whole = {name: content(newest(batches)) for name, batches in loads.items()}
        assert loaded_digests(current_folder(home)) == clean.replay([CompanyLoad(whole)])
