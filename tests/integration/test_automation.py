"""The file-arrival sensor and the schedules, tick by tick."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import dagster as dg
import pytest

from ecom_assets.automation import DELIVERIES_TAG, file_arrivals, hourly, nightly
from ecom_assets.definitions import defs
from ecom_assets.feeds import registry, shipped_feeds
from ecom_assets.home import Home
from ecom_assets.ingest.assets import SETTLED_BEFORE_TAG
from ecom_assets.ingest.intake import take_in
from ecom_assets.lock import writer_lock
from ecom_assets.partitions import RANGE_END, RANGE_START
from ecom_assets.publish.gate import RAW, Verdict, read_gate, save_gate
from ecom_assets.settings import settings
from ecom_assets.stores import FeedOptions, load_stores, save_stores
from ecom_assets.warehouse.generation import current_generation
from tests.integration.conftest import FEED, SAMPLE_WEEK, STORE, deliver, make_home
from tests.unit.replaced_files import replace_under_size_and_time

pytestmark = pytest.mark.integration


class Daemon:
    """Ticks the sensor as the daemon does, keeping its cursor and a run history."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursor: str | None = None

    def tick(self) -> dg.SensorResult:
        context = dg.build_sensor_context(self.instance, cursor=self.cursor, definitions=defs)
        result = file_arrivals(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        return result

    def asked(self) -> dg.RunRequest | None:
        requests = self.tick().run_requests or []
        assert len(requests) <= 1
        return requests[0] if requests else None

    def skipped(self) -> str:
        reason = self.tick().skip_reason
        assert reason
        return str(reason.skip_message)

    def settle(self) -> dg.RunRequest | None:
        """Ticks twice: files are settled when the second tick sees them unchanged."""
        self.tick()
        return self.asked()

    def run(self, request: dg.RunRequest, status: dg.DagsterRunStatus) -> None:
        self.instance.add_run(
            dg.DagsterRun(
                job_name="daily", run_id=str(request.run_key), tags=request.tags, status=status
            )
        )

    def load(self) -> None:
        take_in(self.home, load_stores(self.home), ("1995-01", "2099-12"), "run")


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon over an empty home."""
    yield Daemon(make_home(tmp_path / "home"))
    settings.cache_clear()


def put(home: Home, name: str, text: str) -> None:
    """Delivers a file with a header and one more line."""
    path = home.feed_inbox(STORE, FEED) / name
    header = (SAMPLE_WEEK / "2011-08-07.csv").read_text().splitlines()[0]
    line = f"{text},22966,CUTTER,36,2011-08-07 10:24:00,1.25,13450.0,United Kingdom"
    path.write_text(f"{header}\n{line}\n")


def test_files_are_asked_for_once_they_are_settled(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv", "2011-08-08.csv")
    assert "still changing" in daemon.skipped()
    request = daemon.asked()
    assert request
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("2011-08-01", "2011-08-01")


def test_a_feed_added_while_the_daemon_runs_is_known_at_the_next_tick(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Feeds were read once a process: the sensor failed on every tick until it was restarted."""
    package = Path(str(files("ecom_assets.feeds")))
    for name in (FEED, "superstore_returns"):
        shutil.copytree(package / name, tmp_path / "feeds" / name)
    monkeypatch.setattr(registry, "files", lambda _: tmp_path / "feeds")
    daemon.tick()
    (tmp_path / "feeds" / "superstore_returns").rename(tmp_path / "feeds" / "till")
    text = (tmp_path / "feeds" / "till" / "feed.yaml").read_text()
    text = text.replace("feed: superstore_returns", "feed: till")
    (tmp_path / "feeds" / "till" / "feed.yaml").write_text(text)
    stores = daemon.home.stores_file
    stores.write_text(
        stores.read_text().replace(f"{FEED}: {{}}", f"{FEED}: {{}}\n      till: {{}}")
    )
    assert daemon.skipped() == "no new deliveries"
    assert "till" in load_stores(daemon.home).stores[STORE].feeds
    monkeypatch.undo()
    shipped_feeds.cache_clear()


def test_a_file_that_grows_is_waited_for(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    daemon.tick()
    with (daemon.home.feed_inbox(STORE, FEED) / "2011-08-07.csv").open("a") as file:
        file.write("more\n")
    assert "still changing" in daemon.skipped()
    assert daemon.asked()


def test_a_file_whose_time_moves_is_waited_for(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    daemon.tick()
    os.utime(daemon.home.feed_inbox(STORE, FEED) / "2011-08-07.csv", (1, 1))
    assert "still changing" in daemon.skipped()


def test_a_file_replaced_under_its_size_and_time_is_waited_for(daemon: Daemon) -> None:
    """Copied in with the time of its original, it was taken while it was still changing."""
    deliver(daemon.home, "2011-08-07.csv")
    daemon.tick()
    path = daemon.home.feed_inbox(STORE, FEED) / "2011-08-07.csv"
    replace_under_size_and_time(path, path.read_bytes().swapcase())
    assert "still changing" in daemon.skipped()


def test_a_cursor_of_a_version_before_is_read_and_renewed(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    path = daemon.home.feed_inbox(STORE, FEED) / "2011-08-07.csv"
    daemon.cursor = json.dumps({str(path): [path.stat().st_size, path.stat().st_mtime_ns]})
    assert "still changing" in daemon.skipped()
    assert daemon.asked()


def test_unfinished_and_foreign_files_are_never_asked_for(daemon: Daemon) -> None:
    inbox = daemon.home.feed_inbox(STORE, FEED)
    for name in ("2011-08-07.csv.part", "2011-08-07.tmp", "notes.txt"):
        (inbox / name).write_text("x")
    daemon.tick()
    told = daemon.skipped()
    assert told.startswith(f"no new deliveries; no delivery: 2 in {inbox}: still being written")
    assert "2011-08-07.csv.part, 2011-08-07.tmp; no delivery: " in told
    assert f"{inbox}/notes.txt: feed 'online_retail' wants names like 2011-08-31.csv" in told


def test_nothing_is_asked_for_while_a_load_is_queued(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    request = daemon.settle()
    assert request
    daemon.run(request, dg.DagsterRunStatus.STARTING)
    assert "queued or running" in daemon.skipped()


def test_nothing_is_asked_for_while_a_load_is_running(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    request = daemon.settle()
    assert request
    with writer_lock(daemon.home, "the load", 0):
        assert "running: process" in daemon.skipped()


def test_what_is_loaded_is_not_asked_for_again(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    request = daemon.settle()
    assert request
    daemon.load()
    daemon.run(request, dg.DagsterRunStatus.SUCCESS)
    assert daemon.skipped() == "no new deliveries"


def test_a_b_a_is_three_deliveries(daemon: Daemon) -> None:
    keys: list[str | None] = []
    for content in ("A", "B", "A"):
        put(daemon.home, "2011-08-07.csv", content)
        request = daemon.settle()
        assert request
        keys.append(request.run_key)
        daemon.load()
        daemon.run(request, dg.DagsterRunStatus.SUCCESS)
    assert len(set(keys)) == 3


def test_a_failed_load_is_asked_for_under_a_new_key_a_few_times(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    daemon.tick()
    keys: list[str | None] = []
    for _ in range(settings().load_attempts):
        request = daemon.asked()
        assert request
        keys.append(request.run_key)
        daemon.run(request, dg.DagsterRunStatus.FAILURE)
    assert len(set(keys)) == settings().load_attempts
    assert "failed: see the last run" in daemon.skipped()


def test_a_load_that_failed_after_landing_counts_as_the_same_deliveries(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    first = daemon.settle()
    assert first
    take_in(daemon.home, load_stores(daemon.home), ("2000-01", "2000-01"), "landed only")
    daemon.run(first, dg.DagsterRunStatus.FAILURE)
    second = daemon.asked()
    assert second
    assert second.tags[DELIVERIES_TAG] == first.tags[DELIVERIES_TAG]
    assert second.run_key != first.run_key


def test_a_load_that_died_after_it_had_read_is_asked_for_again(daemon: Daemon) -> None:
    """Nothing waited any more, so sensor and schedule said "no new deliveries" for ever."""
    deliver(daemon.home, "2011-08-07.csv")
    first = daemon.settle()
    assert first
    take_in(daemon.home, load_stores(daemon.home), None, "killed before the models")
    daemon.run(first, dg.DagsterRunStatus.STARTED)
    keys: set[str | None] = {first.run_key}
    for _ in range(settings().load_attempts):
        request = daemon.asked()
        assert request
        assert request.tags[RANGE_START] == "2011-08-01"
        daemon.run(request, dg.DagsterRunStatus.FAILURE)
        keys.add(request.run_key)
    assert len(keys) == settings().load_attempts + 1
    assert "failed: see the last run" in daemon.skipped()


def test_a_red_check_is_not_asked_for_again(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    request = daemon.settle()
    assert request
    take_in(daemon.home, load_stores(daemon.home), None, "red")
    daemon.run(request, dg.DagsterRunStatus.FAILURE)
    gate = read_gate(daemon.home)
    gate.judged(Verdict(name="files_readable", passed=False))
    save_gate(daemon.home, gate)
    assert daemon.skipped() == "no new deliveries"


def test_a_changed_stores_yaml_is_a_reason_to_load(daemon: Daemon) -> None:
    """ "No new deliveries", after a limit was raised as the red check had advised."""
    deliver(daemon.home, "2011-08-07.csv")
    request = daemon.settle()
    assert request
    daemon.load()
    daemon.run(request, dg.DagsterRunStatus.SUCCESS)
    gate = read_gate(daemon.home)
    gate.wrote(RAW, current_generation(daemon.home).id)
    save_gate(daemon.home, gate)
    assert daemon.skipped() == "no new deliveries"
    stores = load_stores(daemon.home)
    save_stores(daemon.home, stores.model_copy(update={"reporting_currency": "EUR"}))
    request = daemon.asked()
    assert request
    assert request.tags[RANGE_START] == "2011-08-01"


def test_a_file_from_the_future_is_loaded_like_any_other(daemon: Daemon) -> None:
    """A clock that runs ahead made the run leave the file in the inbox, for ever and silently."""
    deliver(daemon.home, "2011-08-07.csv")
    os.utime(daemon.home.feed_inbox(STORE, FEED) / "2011-08-07.csv", (4e9, 4e9))
    request = daemon.settle()
    assert request
    settled = int(request.tags[SETTLED_BEFORE_TAG])
    stores = load_stores(daemon.home)
    everything = ("1995-01", "2099-12")
    intake = take_in(daemon.home, stores, everything, "run", settled_before=settled)
    assert len(intake.landed) == 1
    assert not take_in(daemon.home, stores, everything, "run", settled_before=0).landed


def test_the_sensor_remembers_over_a_restart(daemon: Daemon) -> None:
    deliver(daemon.home, "2011-08-07.csv")
    daemon.tick()
    restarted = Daemon(daemon.home)
    restarted.cursor = daemon.cursor
    assert restarted.asked()


def test_one_request_covers_all_months(daemon: Daemon) -> None:
    put(daemon.home, "2010-12-01.csv", "A")
    put(daemon.home, "2011-02-01.csv", "B")
    request = daemon.settle()
    assert request
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("2010-12-01", "2011-02-01")


def test_a_home_without_stores_is_skipped_in_words(daemon: Daemon) -> None:
    daemon.home.stores_file.unlink()
    context = dg.build_sensor_context(daemon.instance, definitions=defs)
    result = file_arrivals(context)
    assert isinstance(result, dg.SkipReason)
    assert "ecom init" in str(result.skip_message)


def scheduled(instance: dg.DagsterInstance | None = None) -> dg.ScheduleEvaluationContext:
    moment = datetime(2026, 3, 1, 2, tzinfo=UTC)
    return dg.build_schedule_context(instance, scheduled_execution_time=moment)


def test_the_nightly_load_runs_over_the_present_month_when_nothing_came(daemon: Daemon) -> None:
    assert daemon.home
    request = nightly(scheduled())
    assert isinstance(request, dg.RunRequest)
    assert request.tags[RANGE_START] == request.tags[RANGE_END] == "2026-03-01"


def test_the_hourly_load_skips_when_nothing_came_and_covers_what_did(
    daemon: Daemon, tmp_path: Path
) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert isinstance(hourly(scheduled(instance)), dg.SkipReason)
    deliver(daemon.home, "2011-08-07.csv")
    request = hourly(scheduled())
    assert isinstance(request, dg.RunRequest)
    assert request.tags[RANGE_START] == "2011-08-01"


def test_the_hourly_load_asks_also_when_no_file_came_where_a_database_is_pulled(
    daemon: Daemon, tmp_path: Path
) -> None:
    stores = load_stores(daemon.home)
    stores.stores[STORE].feeds["database_orders"] = FeedOptions(url_env="MY_SHOP_DB")
    save_stores(daemon.home, stores)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert isinstance(hourly(scheduled(instance)), dg.RunRequest)
