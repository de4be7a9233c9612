"""An API among the sources of a store: its rows are loaded, its faults told like any other's."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from asset_checks.raw import columns_known, sources_reached
from ecom_assets.errors import ConfigurationError
from ecom_assets.exact_json import Number
from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.simmart.activity_tables import campaign_spend
from ecom_assets.simmart.plan import plan_store
from ecom_assets.simmart.serve import TOKEN_VARIABLE, address, listening, spend_api
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.simulate import Simulation
from ecom_assets.simmart.spend_api import SpendApi
from ecom_assets.sources.round import pull_round
from ecom_assets.stores import Stores, save_stores
from ecom_assets.warehouse.sources import raw_connection
from tests.harness.things_api import TOKEN, Reply, ThingsApi, serving_things

FEED = "simmart_campaign_spend_rest"
STORES = Stores.model_validate(
    {
        "stores": {
            "simmart": {
                "currency": "EUR",
                "timezone": "Europe/Berlin",
                "feeds": {FEED: {"url_env": "MY_API", "token_env": "MY_TOKEN"}},
            }
        }
    }
)
NOW = datetime(2026, 3, 29, 1, tzinfo=UTC)
FIRST, LAST, LATER = date(2026, 3, 1), date(2026, 3, 20), date(2026, 3, 25)
SPEND: dict[str, Any] = {"spend_on": "2026-03-01", "spend": Number("12345678901.10")}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    save_stores(made, STORES)
    return made


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThingsApi]:
    with serving_things() as api:
        monkeypatch.setenv("MY_API", api.url)
        monkeypatch.setenv("MY_TOKEN", TOKEN)
        yield api


def told(home: Home) -> list[str]:
    return [str(result) for result in pull_round(home, STORES, now=NOW)]


def loaded(home: Home, sql: str) -> list[tuple[Any, ...]]:
    files = home.lake / "raw" / "raw_campaign_spend" / "**" / "*.parquet"
    return duckdb.sql(f"select {sql} from read_parquet('{files}')").fetchall()


def remember(home: Home, end: date) -> None:
    held = Simulation(scale="demo", seed=1, stores=1, start=FIRST, end=end)
    home.simulation.write_text(held.model_dump_json())


def test_simmarts_spend_is_pulled_to_the_cent_through_failures_and_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(home, LAST)
    with listening(SpendApi(home, TOKEN), 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        monkeypatch.setenv("MY_API", address(server, "simmart"))
        monkeypatch.setenv("MY_TOKEN", TOKEN)
        try:
            assert "pulled" in told(home)[0]
            assert told(home) == [f"simmart/{FEED}: nothing new"]
            remember(home, LATER)
            assert "pulled" in told(home)[0]
        finally:
            server.shutdown()
    take_in(home, STORES, None, "run")
    shop = Shop(plan_store(0, 1, "demo", (FIRST, LATER)))
    truth = campaign_spend(shop)
    ((rows, cents, clicks),) = loaded(home, "count(*), sum(spend_amount) * 100, sum(clicks)")
    assert (rows, clicks) == (len(truth), truth["clicks"].sum())
    assert cents == round(truth["spend"].sum() * 100)


def test_an_added_field_is_kept_as_overflow_and_warned_of(home: Home, things: ThingsApi) -> None:
    row = {"campaign_id": "K1", **SPEND, "updated_at": "2026-03-02T06:00:00Z"}
    things.rows = [{**row, "agency": {"fee": Number("0.10")}}]
    assert told(home) == [f"simmart/{FEED}: pulled 1 rows"]
    take_in(home, STORES, None, "run")
    assert loaded(home, "spend_amount::varchar, overflow") == [
        ("12345678901.1000", '{"agency.fee":"0.10"}')
    ]
    with raw_connection(home, STORES) as connection:
        assert columns_known(connection).rows[0]["extra_columns"] == 1


def test_what_failed_is_told_until_it_is_pulled(home: Home, things: ThingsApi) -> None:
    things.replies = [Reply(401)]
    assert "not pulled: the API that MY_API names refuses who asks (401)" in told(home)[0]
    with raw_connection(home, STORES) as connection:
        verdict = sources_reached(connection)
    assert (verdict.passed, verdict.blocking, verdict.rows[0]["feed"]) == (False, False, FEED)
    assert told(home) == [f"simmart/{FEED}: nothing new"]
    with raw_connection(home, STORES) as connection:
        assert sources_reached(connection).passed


def test_what_has_landed_is_the_state_and_a_rebuild_asks_nobody(
    home: Home, things: ThingsApi
) -> None:
    things.rows = [{"campaign_id": "K1", **SPEND, "updated_at": "2026-03-02T06:00:00Z"}]
    told(home)
    take_in(home, STORES, None, "run")
    shutil.rmtree(home.inbox)
    shutil.rmtree(home.lake)
    assert told(home) == [f"simmart/{FEED}: nothing new"]
    assert things.asked[-1][1]["updated_since"] == "2026-03-01T06:00:00Z"
    things.stop()
    take_in(home, STORES, None, "again")
    assert loaded(home, "count(*)") == [(1,)]


@pytest.mark.parametrize(
    ("target", "signature", "status"),
    [
        ("/simmart/campaign-spend?per_page=3", "Bearer word", 200),
        ("/simmart/campaign-spend", "Bearer w\xf6rd", 401),
        ("/simmart/campaign-spend", "", 401),
        ("/simmart_2/campaign-spend", "Bearer word", 404),
        ("/simmart", "Bearer word", 404),
        ("/campaign-spend", "Bearer word", 404),
        ("/simmart/campaign-spend?page=0", "Bearer word", 400),
        ("/simmart/campaign-spend?per_page=many", "Bearer word", 400),
        ("/simmart/campaign-spend?updated_since=lately", "Bearer word", 400),
    ],
)
def test_simmarts_api_answers_who_asks_well(
    home: Home, target: str, signature: str, status: int
) -> None:
    remember(home, FIRST)
    assert SpendApi(home, "word").answer(target, signature).status == status


def test_simmarts_api_fails_as_often_as_it_was_told(home: Home) -> None:
    remember(home, FIRST)
    api = SpendApi(home, "word", fail_every=2)
    answers = [api.answer("/simmart/campaign-spend", "Bearer word") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 503, 200, 429, 200]
    assert answers[3].headers == {"Retry-After": "1"}


def test_a_port_that_is_taken_is_told_and_an_api_without_a_token_is_none(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(ConfigurationError, match="SIMMART_TOKEN is not set: export"):
        spend_api(home, 0)
    monkeypatch.setenv(TOKEN_VARIABLE, "word")
    with listening(spend_api(home, 0), 0) as server:
        taken = server.server_port
        with pytest.raises(ConfigurationError, match=f"port {taken} cannot be listened at"):
            listening(spend_api(home, 0), taken).__enter__()
