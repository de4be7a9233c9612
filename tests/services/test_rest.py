"""Pulling over REST where time passes: servers that ask to wait, that are killed, that are gone."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.sources.apis.api_client import PATIENCE, Patience
from ecom_assets.sources.round import pull_round
from ecom_assets.stores import FeedOptions, Store, Stores
from tests.harness.pulled_endpoint import TOKEN_VARIABLE, URL, PulledEndpoint
from tests.harness.things_api import TOKEN, Reply, ThingsApi, serving_things
from tests.services.hanging_api import hanging_api

pytestmark = pytest.mark.services

ECOM = Path(sys.executable).parent / "ecom"
FEED = "simmart_campaign_spend_rest"
THINGS = [{"id": n, "updated_at": "2026-01-01T10:00:00Z"} for n in range(1, 6)]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThingsApi]:
    with serving_things() as served:
        monkeypatch.setenv(URL, served.url)
        monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
        yield served


@pytest.fixture
def things(tmp_path: Path, api: ThingsApi) -> PulledEndpoint:
    pulled = PulledEndpoint(tmp_path / "home", api)
    pulled.patience = PATIENCE
    api.rows = THINGS
    return pulled


def test_a_rate_limit_is_waited_for_as_long_as_it_says(things: PulledEndpoint) -> None:
    things.api.replies = [None, Reply(429, {"Retry-After": "3"})]
    started = time.monotonic()
    assert len(things.pull("id")) == 5
    assert 3 <= time.monotonic() - started < 10


def test_a_server_that_comes_back_while_it_is_asked_is_pulled(things: PulledEndpoint) -> None:
    things.api.replies = [Reply(503), Reply(503)]
    started = time.monotonic()
    assert len(things.pull("id")) == 5
    assert time.monotonic() - started >= 3  # a second, then two


def test_an_api_that_is_silent_is_not_waited_for_for_ever(things: PulledEndpoint) -> None:
    things.patience = Patience(attempts=2, backoff_seconds=0.01, answer_seconds=0.5)
    things.api.replies = [None, Reply(after=1), Reply(after=1)]
    with pytest.raises(SourceError, match="ended the connection at page 2 of numbered"):
        things.deliver()


def test_an_api_that_is_gone_is_waited_for_once_however_many_feeds_it_has(
    tmp_path: Path, api: ThingsApi
) -> None:
    options = FeedOptions(url_env=URL, token_env=TOKEN_VARIABLE)
    clock = {"currency": "EUR", "timezone": "Europe/Berlin"}
    shop = Store.model_validate({**clock, "feeds": {FEED: options}})
    api.stop()
    home = PulledEndpoint(tmp_path / "home", api).home
    stores = Stores(stores={"shop": shop, "other": shop})
    started = time.monotonic()
    found = pull_round(home, stores, now=datetime(2026, 3, 29, tzinfo=UTC))
    assert all("MY_API names cannot be reached" in str(result.fault) for result in found)
    assert len(found) == 2
    assert 15 <= time.monotonic() - started < 29


def test_a_server_killed_in_the_middle_leaves_nothing_and_the_next_pull_has_every_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    things = PulledEndpoint(tmp_path / "home", ThingsApi())
    with hanging_api(hangs_at=1, port=0) as (server, port):
        monkeypatch.setenv(URL, f"http://127.0.0.1:{port}/v1?tenant=s3cr3t-tenant")
        with ThreadPoolExecutor(1) as pool:
            pulling = pool.submit(things.deliver)
            assert server.stdout
            assert server.stdout.readline() == "hangs\n"
            server.kill()
            with pytest.raises(SourceError, match="ended the connection at page 2 of numbered"):
                pulling.result(timeout=60)
    assert not things.inbox.exists()
    assert not list(things.home.scratch.iterdir())
    with hanging_api(hangs_at=-1, port=port):
        assert things.pull("id") == [(str(n), False) for n in range(1, 6)]
        assert things.deliver() is None


def ecom(home: Path, *arguments: str) -> list[str]:
    return [str(ECOM), *arguments, "--home", str(home)]


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_simmarts_spend_is_pulled_by_the_commands_that_the_docs_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    days = ("simulate", "--start", "2026-01-01", "--end", "2026-03-31")
    run(ecom(home, *days))
    stores = home / "stores.yaml"
    line = f"      {FEED}: {{url_env: SIMMART_API, token_env: SIMMART_TOKEN}}\n"
    stores.write_text(stores.read_text().replace("      simmart_campaigns: {}\n", line))
    monkeypatch.setenv("SIMMART_TOKEN", TOKEN)
    command = ecom(home, *days, "--serve", "0", "--fail-every", "3")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            served = next(line for line in server.stdout if line.startswith("Serving "))
            monkeypatch.setenv("SIMMART_API", served.split()[1])
            assert run(ecom(home, "pull")).startswith(f"simmart/{FEED}: pulled ")
            assert run(ecom(home, "pull")) == f"simmart/{FEED}: nothing new"
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    assert not [p for p in home.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]
