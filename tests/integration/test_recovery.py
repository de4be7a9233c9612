"""What operations.md promises: lost folders, stores taken out and put back, writers that wait."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from dagster_dbt import DbtCliInvocation, DbtCliResource

from ecom_assets.home import Home
from ecom_assets.lock import writer_lock
from ecom_assets.publish.digest import digests
from ecom_assets.publish.versions import current_folder
from ecom_assets.settings import child_environment, settings
from ecom_assets.stores import Store, Stores, load_stores, save_stores
from tests.integration.conftest import deliver, load

pytestmark = pytest.mark.integration


@pytest.fixture
def loaded_twice(home: Home) -> Home:
    """A home whose month was read in two loads."""
    for day in ("2011-08-07.csv", "2011-08-08.csv"):
        deliver(home, day)
        assert load(home).published
    return home


@pytest.mark.deep
def test_models_that_do_not_fit_into_memory_together_are_built_one_at_a_time(
    week: Home, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two large statements of three years at once took all memory, of which either left enough."""
    deliver(home, "2011-08-07.csv", "2011-08-08.csv", "2011-08-09.csv")
    assert load(home).published
    deliver(home)
    invocations: list[str] = []
    cli = DbtCliResource.cli

    def short_of_memory_at_first(
        self: DbtCliResource, options: list[str], **rest: Any
    ) -> DbtCliInvocation:
        with monkeypatch.context() as patch:
            if not invocations:
                patch.setenv("ECOM_MEMORY_LIMIT", "15MB")
            invocations.append(" ".join(options[-2:]))
            return cli(self, options, **rest)

    monkeypatch.setattr(DbtCliResource, "cli", short_of_memory_at_first)
    assert load(home).published
    assert invocations == ["--threads 2", "--threads 1"]
    assert digests(current_folder(home)) == digests(current_folder(week))


@pytest.mark.deep
def test_a_lake_that_was_removed_is_made_anew(loaded_twice: Home) -> None:
    """The changed keys of parts that were gone could not be read, on every load from then on."""
    before = digests(current_folder(loaded_twice))
    shutil.rmtree(loaded_twice.lake)
    assert load(loaded_twice).published
    assert digests(current_folder(loaded_twice)) == before


@pytest.mark.deep
def test_a_store_may_be_taken_out_and_put_back(loaded_twice: Home) -> None:
    """Its parts were removed as garbage while its manifest still listed them."""
    before = digests(current_folder(loaded_twice))
    stores = load_stores(loaded_twice)
    another = Stores(stores={"another": Store(currency="GBP", timezone="Europe/London")})
    save_stores(loaded_twice, another)
    assert load(loaded_twice).published
    assert digests(current_folder(loaded_twice)) != before
    save_stores(loaded_twice, stores)
    assert load(loaded_twice).published
    assert digests(current_folder(loaded_twice)) == before


def test_a_load_that_waited_in_vain_says_for_whom(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock fails no step, so the sentence about it was lost: "the run failed"."""
    monkeypatch.setenv("ECOM_LOCK_TIMEOUT_SECONDS", "0")
    settings.cache_clear()
    with writer_lock(home, "another load", 0):
        result = load(home)
    assert not result.published
    assert "is being written by process" in str(result.error)


@pytest.mark.deep
def test_an_interrupted_load_says_so_and_the_next_one_goes_on(home: Home) -> None:
    """Ctrl-C printed a list of all checks that had not been run, and the name of a class."""
    deliver(home, "2011-08-07.csv")
    command = [str(Path(sys.executable).parent / "ecom"), "run"]
    child = subprocess.Popen(
        command,
        env=child_environment(home.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 300
    while not home.dbt_lock.exists() or not home.staging.exists():
        assert time.monotonic() < deadline, "the load has not come to dbt"
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=300)
    assert child.returncode == 1
    assert "the load was interrupted; readers keep what they have. Run again to go on." in said
    assert "never run" not in said
    assert load(home).published


@pytest.mark.deep
def test_a_full_disk_is_told_in_a_sentence_and_the_next_load_goes_on(home: Home) -> None:
    """It ended in a traceback out of Dagster's history."""
    deliver(home, "2011-08-07.csv")
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 1000; exec {Path(sys.executable).parent / 'ecom'} run"],
        env=child_environment(home.root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {home.dagster} cannot be written: ")
    assert "Make room there if the disk is full, and run again" in done.stderr
    assert load(home).published
