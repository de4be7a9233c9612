"""An API of things, served as long as the tests of a module, and a home that pulls it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.pulled_endpoint import TOKEN_VARIABLE, URL, PulledEndpoint
from tests.harness.things_api import TOKEN, ThingsApi, serving_things


@pytest.fixture(scope="module")
def server() -> Iterator[ThingsApi]:
    with serving_things() as api:
        yield api


@pytest.fixture
def api(server: ThingsApi, monkeypatch: pytest.MonkeyPatch) -> ThingsApi:
    server.rows, server.replies, server.asked = [], [], []
    monkeypatch.setenv(URL, server.url)
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    return server


@pytest.fixture
def things(tmp_path: Path, api: ThingsApi) -> PulledEndpoint:
    return PulledEndpoint(tmp_path / "home", api)
