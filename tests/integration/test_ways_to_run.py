"""However the graph is run, the published tables are the same."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from asset_checks.assets import raw_checks
from ecom_assets.dagster_home import ensure_dagster_home
from ecom_assets.definitions import defs
from ecom_assets.home import Home
from ecom_assets.partitions import RANGE_END, RANGE_START, range_tags
from ecom_assets.publish.query import ask
from ecom_assets.publish.versions import current_folder, current_version
from ecom_assets.settings import child_environment, settings
from ecom_assets.status import describe_home
from tests.harness.loaded_tables import loaded_digests
from tests.integration.conftest import Demo, deliver, load, make_home

pytestmark = pytest.mark.integration

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
PROGRAMS = Path(sys.executable).parent
GROUPS = ["raw", "staging", "dimensions", "facts", "kpi", "published"]  # of a load
AUGUST = range_tags("2011-08", "2011-08")


def published(home: Home) -> dict[str, str]:
    return loaded_digests(current_folder(home))


def dagster(home: Home, *arguments: str, with_home: bool = True) -> str:
    """Runs a command of Dagster's over a home; returns the end of what it said if it failed."""
    environment = child_environment(home.root)
    environment.pop("DAGSTER_HOME", None)
    if with_home:
        ensure_dagster_home(home)
        environment["DAGSTER_HOME"] = str(home.dagster)
    command = [str(PROGRAMS / "dagster"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stderr[-2000:] if done.returncode else ""


@pytest.fixture
def filled(tmp_path: Path) -> Home:
    """A home with the sample week in its inbox."""
    home = make_home(tmp_path / "home")
    deliver(home)
    return home


@pytest.mark.deep
def test_one_group_after_another_publishes_the_same_tables(filled: Home, week: Home) -> None:
    instance = dg.DagsterInstance.ephemeral()
    job = defs.resolve_implicit_global_asset_job_def()
    graph = defs.resolve_asset_graph()
    for group in GROUPS:
        keys = dg.AssetSelection.groups(group).resolve(graph)
        executable = [key for key in keys if graph.get(key).is_executable]
        result = job.execute_in_process(
            instance=instance, tags=AUGUST, asset_selection=executable, raise_on_error=False
        )
        assert result.success, group
    assert published(filled) == published(week)


def test_publishing_before_the_models_are_built_is_refused(filled: Home) -> None:
    job = defs.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        tags=AUGUST, asset_selection=[dg.AssetKey("published_version")], raise_on_error=False
    )
    assert not result.success
    assert current_version(filled) is None


@pytest.mark.deep
@pytest.mark.parametrize("with_dagster_home", [True, False])
def test_dagster_job_execute_publishes_the_same_tables(
    filled: Home, week: Home, *, with_dagster_home: bool
) -> None:
    job = ("job", "execute", "-m", "ecom_assets.definitions", "-j", "daily", "--tags")
    tags = str(AUGUST).replace("'", '"')
    assert dagster(filled, *job, tags, with_home=with_dagster_home) == ""
    assert published(filled) == published(week)
    computed = ["analytics" if word == "daily" else word for word in job]
    assert dagster(filled, *computed, tags, with_home=with_dagster_home) == ""
    assert published(filled) == published(week)
    assert ask(filled, "select count(*) from kpi_customer_value").rows[0][0] > 0


@pytest.mark.deep
def test_dagster_asset_materialize_publishes_the_same_tables(filled: Home, week: Home) -> None:
    """As the README writes it: the whole graph, then a part of it."""
    commands = re.findall(r"^dagster (asset materialize .+ 2011-08-01)$", README, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert dagster(filled, *shlex.split(command)) == ""
    assert published(filled) == published(week)


@pytest.mark.deep
def test_the_demo_ends_as_the_readme_shows(demo: Demo) -> None:
    """First with all it reads, then with nothing new and the same figures."""
    shown = re.search(r"^(Months 2010-12[^\n]*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert shown
    for ran, first in ((demo, shown[1]), (Demo.run(demo.home), "Nothing new. Published version")):
        printed = [line.rstrip() for line in ran.printed.splitlines()]
        assert any(line.startswith(first) for line in printed)
        assert set(shown[2].splitlines()) <= set(printed)


@pytest.mark.deep
def test_a_single_partition_of_the_whole_graph_can_be_materialised(
    filled: Home, week: Home
) -> None:
    job = defs.resolve_job_def("daily")
    assert job.execute_in_process(partition_key="2011-08-01", raise_on_error=False).success
    assert published(filled) == published(week)


@pytest.mark.deep
def test_a_home_named_by_a_relative_path_is_one_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt runs in another folder and built its own home there."""
    monkeypatch.chdir(tmp_path)
    deliver(make_home(Path("relative")), "2011-08-07.csv")
    monkeypatch.setenv("ECOM_HOME", "relative")
    settings.cache_clear()
    job = defs.resolve_job_def("daily")
    assert job.execute_in_process(tags=AUGUST, raise_on_error=False).success
    assert current_version(Home(tmp_path / "relative"))


@pytest.mark.parametrize(
    "step",
    [
        dg.AssetSelection.groups("raw") - dg.AssetSelection.assets("stores", "holidays"),
        dg.AssetSelection.checks(*(spec.key for spec in raw_checks.check_specs)),
        dg.AssetSelection.groups("kpi"),
        dg.AssetSelection.groups("published"),
    ],
    ids=["raw", "checks", "kpi", "published"],
)
def test_a_reversed_range_of_months_is_one_sentence_also_in_the_status(
    filled: Home, step: dg.AssetSelection
) -> None:
    """It failed deep inside Dagster, and only after the lake had been read; the checks and the
    publication let it pass.
    """
    job = dg.define_asset_job("step", selection=step)
    graph = dg.Definitions.merge(defs, dg.Definitions(jobs=[job]))
    result = graph.resolve_job_def("step").execute_in_process(
        tags=range_tags("2011-09", "2011-08"), raise_on_error=False
    )
    assert not result.success
    assert not filled.journal.exists()
    (last,) = (line for line in describe_home(filled) if line.startswith("last run: "))
    assert last.startswith("last run: failed, begun ")
    assert f"): {RANGE_START} 2011-09-01 comes after {RANGE_END} 2011-08-01" in last


def test_a_single_raw_asset_can_be_materialised(filled: Home) -> None:
    job = defs.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        tags=AUGUST, asset_selection=[dg.AssetKey("raw_orders")], raise_on_error=False
    )
    assert result.success
    assert {key.to_user_string() for key in materialised(result)} >= {"raw_orders", "raw_products"}


def materialised(result: dg.ExecuteInProcessResult) -> set[dg.AssetKey]:
    return {
        event.asset_key
        for event in result.all_events
        if event.is_step_materialization and event.asset_key
    }


@pytest.mark.deep
def test_days_delivered_in_reverse_order_give_the_same_tables(tmp_path: Path, week: Home) -> None:
    home = make_home(tmp_path / "home")
    for day in ("2011-08-14", "2011-08-12", "2011-08-11", "2011-08-10"):
        deliver(home, f"{day}.csv")
    assert load(home).published
    deliver(home)
    assert load(home).published
    assert published(home) == published(week)


@pytest.mark.deep
def test_loading_twice_changes_nothing(tmp_path: Path, week: Home) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(week.root, home.root, ignore=shutil.ignore_patterns("dagster"), symlinks=True)
    again = load(home)
    assert again.published
    assert again.read.files == 0
    assert published(home) == published(week)


def test_every_asset_tells_its_rows_columns_and_lineage(
    week: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(week.dagster))  # where its event log is found
    with dg.DagsterInstance.get() as instance:
        for name, rows in (("fact_sales", 8_019), ("raw_orders", None), ("kpi_sales_daily", 8)):
            event = instance.get_latest_materialization_event(dg.AssetKey(name))
            assert event
            assert event.asset_materialization
            metadata = event.asset_materialization.metadata
            assert rows is None or metadata["dagster/row_count"].value == rows
            assert name.startswith("raw") or "dagster/column_lineage" in metadata
