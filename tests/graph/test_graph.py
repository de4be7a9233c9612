"""The graph that users rely on changes only on purpose."""

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest

from ecom_assets.definitions import defs
from ecom_assets.warehouse.project import load_project
from tests.graph.snapshot import PATH, graph

pytestmark = pytest.mark.graph

GROUPS = ("raw", "staging", "dimensions", "facts", "kpi", "analytics", "published")
WITHOUT_PARTITIONS = {"stores", "holidays"}


def test_the_graph_is_the_committed_one() -> None:
    assert graph() == json.loads(PATH.read_text("utf-8"))


def test_every_asset_has_owner_description_partitions_and_freshness() -> None:
    for name, asset in graph()["assets"].items():
        assert asset["owners"], name
        assert asset["described"], name
        assert asset["freshness"], name
        assert (asset["partitions"] is None) == (name in WITHOUT_PARTITIONS), name


def test_every_check_says_what_it_claims() -> None:
    """A red check that only has a name leaves its reader to the SQL."""
    assets: Any = defs.get_repository_def().asset_graph
    undescribed = [str(key) for key in assets.asset_check_keys if not assets.get(key).description]
    assert not undescribed


def test_every_group_is_there() -> None:
    assert {asset["group"] for asset in graph()["assets"].values()} == {*GROUPS}


def test_groups_can_be_built_one_after_another() -> None:
    """A staging table that read a fact had the facts' checks run before there were facts."""
    assets = graph()["assets"]
    later = {
        (name, dep)
        for name, asset in assets.items()
        for dep in asset["deps"]
        if GROUPS.index(assets[dep]["group"]) > GROUPS.index(asset["group"])
    }
    assert not later


def test_every_model_that_notes_changes_comes_before_every_tail() -> None:
    """A tail that started before a later change was noted would never rewrite it."""
    project = load_project()
    nodes = project.manifest["nodes"]
    noting = {
        name
        for name in project.sql_models
        if {"changed_on", "orders_on"} & nodes[f"model.ecom.{name}"]["config"].keys()
    }
    assert noting
    assert tails()
    assert noting <= set(project.models["rebuild_from"])
    assert {name for name in tails() if "rebuild_from" not in project.models[name]} == set()


def tails() -> dict[str, dict[str, Any]]:
    """Returns the configuration of every model that is rewritten by its tail."""
    project = load_project()
    configs = {
        name: project.manifest["nodes"][f"model.ecom.{name}"]["config"]
        for name in project.sql_models
    }
    return {n: c for n, c in configs.items() if c["incremental_strategy"] == "tail"}


@pytest.mark.parametrize("name", sorted(tails()))
def test_a_tail_is_deleted_and_made_from_the_same_day(name: str) -> None:
    """With the ephemeral models inlined: what one leaves out that the other deletes is lost."""
    config = tails()[name]
    begins = config.get("tail_from", "rebuild_on")
    mentioned = re.findall(r"\btail\.(\w+_(?:on|month))\b", load_project().compiled_sql(name))
    assert set(mentioned) | {begins} == {begins}
    if config["tail_column"].endswith("_month"):
        assert begins != "changed_on"


def test_whoever_reads_from_a_day_that_is_written_out_comes_after_it_is_known() -> None:
    """One that asked before would have every tail of the run begin where the last one did."""
    project = load_project()
    nodes = project.manifest["nodes"]
    asking = {
        node["name"]
        for node in nodes.values()
        if node["resource_type"] in ("model", "test")
        and '"rebuild_from"' in (node.get("compiled_code") or "")
        and node["name"] != "rebuild_from"
    }
    assert asking
    for name in asking & set(project.sql_models):
        assert "rebuild_from" in project.models[name], name
    for test in project.tests:
        if test.name in asking:
            assert {"rebuild_from"} & {*test.models, *ancestors(test.models)}, test.name


def ancestors(models: Iterable[str]) -> set[str]:
    """Returns all stored models that some read, directly or not."""
    project, found, waiting = load_project(), set[str](), list(models)
    while waiting:
        for parent in project.models.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def test_a_day_that_is_written_out_is_that_of_the_tail() -> None:
    """Rows between the two would be deleted and not made, which the fast harness cannot see."""
    called = re.compile(r"and_not_before\(.*?'(changed_on|changed_month|rebuild_on)'", re.DOTALL)
    seen: set[str] = set()
    for name, config in tails().items():
        sql = load_project().manifest["nodes"][f"model.ecom.{name}"]["raw_code"]
        for day in called.findall(sql):
            assert day == config.get("tail_from", "rebuild_on"), name
            seen.add(name)
    assert seen


@pytest.mark.parametrize("name", sorted(tails()))
def test_a_tail_begins_no_later_than_those_it_reads(name: str) -> None:
    """A refund changes what tables by the day of its order hold, and so all that read them."""
    project = load_project()
    read = project.models[name]
    by_order_day = {tail for tail in tails() if project.is_by_order_day(tail)}
    assert by_order_day
    if name not in by_order_day:
        assert by_order_day.isdisjoint(read)


def test_changed_keys_are_kept_of_the_datasets_that_models_follow_and_no_others() -> None:
    """Those of 880,000 events, which no model reads, took a second of a year's first load."""
    manifest = load_project().manifest
    read = {
        source.rpartition(".")[2]
        for node in manifest["nodes"].values()
        for source in node.get("depends_on", {}).get("nodes", [])
        if source.startswith("source.ecom.changed.raw_")
    }
    assert read == set(load_project().followed)
