"""The job ``analytics``: from a finished warehouse to a version that carries its tables."""

import shutil
from collections.abc import Iterator
from datetime import date
from importlib import util
from importlib.machinery import ModuleSpec
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from asset_checks import analytics as checks
from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.analytics_report import are_computed, compute_and_tell
from ecom_assets.automation import analytics_after_load
from ecom_assets.definitions import defs
from ecom_assets.duck import warehouse_connection
from ecom_assets.home import Home
from ecom_assets.load_run import execute_job
from ecom_assets.publish.digest import digests
from ecom_assets.publish.gate import read_gate, save_gate
from ecom_assets.publish.query import ask
from ecom_assets.publish.versions import current_folder, version_in_place
from ecom_assets.settings import settings, use_home
from tests.integration.conftest import SAMPLE_WEEK, load

pytestmark = pytest.mark.integration

AUGUST = ("2011-08", "2011-08")
COMPUTED = set(analytics_tables())


@pytest.fixture
def loaded(week: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy of the loaded sample week."""
    shutil.copytree(week.root, tmp_path / "home", symlinks=True)
    use_home(tmp_path / "home")
    yield Home.current()
    settings.cache_clear()


def run_analytics(home: Home) -> str | None:
    """Runs the job; returns its error."""
    return execute_job(home, "analytics", AUGUST)[1]


def test_the_tables_are_there_and_empty_from_the_first_load_on(week: Home) -> None:
    rows = version_in_place(week)
    assert rows
    assert {name: rows.rows[name] for name in COMPUTED} == dict.fromkeys(COMPUTED, 0)
    for table in analytics_tables().values():
        found = ask(week, f"select column_name, column_type from (describe {table.table})").rows
        assert {str(name): str(kind).lower() for name, kind in found} == table.types


def test_the_job_publishes_a_version_with_its_tables_and_links_the_rest(loaded: Home) -> None:
    before = current_folder(loaded)
    assert run_analytics(loaded) is None
    after = current_folder(loaded)
    assert after != before
    held, made = digests(before), digests(after)
    changed = {name for name in made if made[name] != held[name]}
    assert changed == COMPUTED - {"forecast_sales_daily"}  # a week is too short for one
    months = [path.relative_to(before) for path in before.rglob("20*.parquet")]
    assert months
    assert all((before / path).samefile(after / path) for path in months)
    for name in COMPUTED:
        file = after / "parquet" / name / "all.parquet"
        assert (
            pl.read_parquet(file).height == ask(loaded, f"select count(*) from {name}").rows[0][0]
        )


@pytest.mark.deep
def test_the_real_year_has_a_forecast_its_bank_holidays_and_its_customers(
    year: Home, tmp_path: Path
) -> None:
    shutil.copytree(year.root, tmp_path / "home", symlinks=True)
    use_home(tmp_path / "home")
    home = Home.current()
    assert run_analytics(home) is None
    assert ask(
        home,
        "select count(*), min(forecast_on), max(forecast_on), min(net_amount) > 0 "
        "from forecast_sales_daily where level = 'store'",
    ).rows == ((28, date(2011, 12, 10), date(2012, 1, 6), False),)
    holidays = [date(2011, 4, 22), date(2011, 4, 25), date(2011, 5, 2), date(2011, 8, 29)]
    odd = ask(
        home,
        "select metric_on from anomalies_daily where metric = 'orders' and direction = 'low'",
    ).rows
    assert {*holidays, date(2011, 4, 29), date(2011, 5, 30)} <= {day for (day,) in odd}
    refund = ask(
        home,
        "select direction from anomalies_daily "
        "where metric = 'returns' and metric_on = '2011-12-09'",
    ).rows
    assert refund == (("high",),)
    assert ask(
        home, "select count(*), sum(orders), count(p_alive) from kpi_customer_value"
    ).rows == ((4338, 18532, 4338),)
    settings.cache_clear()


def test_the_command_tells_what_it_computed(
    loaded: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    assert not are_computed(loaded)
    assert compute_and_tell(loaded)
    assert are_computed(loaded)
    told = capfd.readouterr().out
    for words in ("Customer value", "Anomalies", "Forecast of net sales", "Published version"):
        assert words in told
    assert "fewer than 100 customers" in told


def test_the_command_tells_why_nothing_was_computed(
    loaded: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    gate = read_gate(loaded)
    gate.about_to_write(["fact_sales"])
    save_gate(loaded, gate)
    before = version_in_place(loaded)
    assert before
    assert not compute_and_tell(loaded)
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == f"Not computed. Readers keep: {before.version}"
    assert lines[1].startswith("  nothing is computed from an unfinished warehouse: fact_sales: ")


def test_customer_value_agrees_with_what_is_published(loaded: Home) -> None:
    assert run_analytics(loaded) is None
    found = ask(
        loaded,
        """
        select count(*), sum(orders), min(as_of_on), max(as_of_on),
            (select sum(new_orders + returning_orders) from kpi_sales_daily),
            (select sum(active_customers) from kpi_customers_monthly),
            (select last_on from store_horizon)
        from kpi_customer_value
        """,
    ).rows[0]
    customers, orders, first, last, counted, active, horizon = found
    assert customers == active > 200
    assert orders == counted
    assert first == last == horizon
    net = ask(
        loaded,
        """
        select (select sum(observed_net_amount) from kpi_customer_value),
            (select sum(net_amount) from fact_sales
             where line_kind in ('product', 'discount') and customer_id in (
                 select customer_id from kpi_customer_value))
            - (select coalesce(sum(amount), 0) from fact_returns
               where line_kind in ('product', 'discount') and customer_id in (
                 select customer_id from kpi_customer_value))
        """,
    ).rows[0]
    assert net[0] == net[1]


@pytest.mark.deep
def test_computed_again_nothing_changes_and_no_version_is_made(loaded: Home) -> None:
    assert run_analytics(loaded) is None
    first = current_folder(loaded)
    assert run_analytics(loaded) is None
    assert current_folder(loaded) == first


@pytest.mark.deep
def test_a_load_that_follows_keeps_what_was_computed(loaded: Home) -> None:
    assert run_analytics(loaded) is None
    computed = digests(current_folder(loaded))
    late = loaded.feed_inbox("online_retail", "online_retail") / "2011-08-20.csv"
    late.write_text((SAMPLE_WEEK / "2011-08-07.csv").read_text("utf-8").splitlines()[0], "utf-8")
    assert load(loaded).published
    again = digests(current_folder(loaded))
    assert {name: again[name] for name in COMPUTED} == {n: computed[n] for n in COMPUTED}


@pytest.mark.deep
def test_what_a_killed_run_had_computed_is_published_by_the_next_load(loaded: Home) -> None:
    with warehouse_connection(loaded) as connection:
        connection.execute(
            "insert into warehouse.main.kpi_customer_value (store_id, customer_id, as_of_on, "
            "cohort_month, first_ordered_on, last_ordered_on, orders, frequency, recency_days, "
            "age_days, observed_net_amount) values ('online_retail', 'x', '2011-08-13', "
            "'2011-08-01', '2011-08-09', '2011-08-09', 1, 0, 0, 4, 1)"
        )
    assert load(loaded).published
    assert ask(loaded, "select customer_id from kpi_customer_value").rows == (("x",),)


def test_an_unfinished_warehouse_is_refused(loaded: Home) -> None:
    before = current_folder(loaded)
    gate = read_gate(loaded)
    gate.about_to_write(["kpi_sales_daily"])
    save_gate(loaded, gate)
    error = run_analytics(loaded)
    assert error
    assert "nothing is computed from an unfinished warehouse: kpi_sales_daily" in error
    assert current_folder(loaded) == before


def test_a_red_check_keeps_the_tables_of_before(
    loaded: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_folder(loaded)
    name = "customer_value_is_within_bounds"
    broken = tuple(
        checks.AnalyticsCheck(c.name, c.table, c.claim, "select customer_id from {rows}")
        if c.name == name
        else c
        for c in checks.CHECKS
    )
    monkeypatch.setattr(checks, "CHECKS", broken)
    error = run_analytics(loaded)
    assert error
    assert error.startswith(f"the tables of before are kept: {name}: ")
    assert current_folder(loaded) == before
    verdict = read_gate(loaded).verdicts[name]
    assert not verdict.passed
    assert not verdict.blocking  # a load is published all the same


def test_without_its_libraries_the_job_says_what_to_install(
    loaded: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = util.find_spec

    def without(name: str) -> ModuleSpec | None:
        return None if name == "statsforecast" else found(name)

    monkeypatch.setattr("ecom_assets.analytics.assets.find_spec", without)
    error = run_analytics(loaded)
    assert error
    assert "statsforecast cannot be imported: install the extra `ml`" in error
    assert "`uv sync --extra ml`" in error


def asked(instance: dg.DagsterInstance, run_id: str) -> dg.RunRequest | dg.SkipReason:
    """What the sensor answers to a successful load of that id."""
    run = instance.add_run(
        dg.DagsterRun(job_name="daily", run_id=run_id, status=dg.DagsterRunStatus.SUCCESS)
    )
    event = dg.DagsterEvent(
        event_type_value=dg.DagsterEventType.RUN_SUCCESS.value, job_name="daily"
    )
    context = dg.build_run_status_sensor_context(
        "analytics_after_load", event, instance, run, repository_def=defs.get_repository_def()
    )
    answer = analytics_after_load(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def test_analytics_are_asked_for_once_for_each_version_that_a_load_published(
    loaded: Home,
) -> None:
    version = version_in_place(loaded)
    assert version
    with dg.DagsterInstance.ephemeral() as instance:
        first = asked(instance, version.run_id)
        assert isinstance(first, dg.RunRequest)
        assert first.run_key == version.version
        other = asked(instance, "00000000-0000-0000-0000-000000000000")
        assert isinstance(other, dg.SkipReason)
        assert run_analytics(loaded) is None
        replaced = version_in_place(loaded)
        assert replaced
        assert replaced.run_id != version.run_id
