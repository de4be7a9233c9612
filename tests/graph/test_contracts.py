"""Every published table says what it holds: owner, grain, contract, each column with its type."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.contracts import load_contracts
from ecom_assets.warehouse.project import load_project

pytestmark = pytest.mark.graph

ROOT = Path(__file__).resolve().parents[2]
DATA_MODEL = ROOT / "docs" / "data-model.md"
FEEDS = ROOT / "ecom_assets" / "feeds"
# A view names no database, so that a copy of it can be read: dbt can hold no contract there. Its
# grain follows from that of the table it fills.
WITHOUT_CONTRACT = {"fact_inventory_daily_filled"}
Node = dict[str, Any]


def published() -> dict[str, Node]:
    nodes = load_project().manifest["nodes"].values()
    return {
        node["name"]: node
        for node in nodes
        if node["resource_type"] == "model" and node["database"] == "warehouse"
    }


def lacking(node: Node) -> list[str]:
    """Returns what a model does not say of itself."""
    config, columns = node["config"], node["columns"]
    told = {
        "owner": config["meta"].get("owner"),
        "grain": set(config["meta"].get("grain", ["?"])) <= columns.keys(),
        "group": config.get("group"),
        "description": node["description"].strip(),
        "contract": config["contract"]["enforced"] or node["name"] in WITHOUT_CONTRACT,
        "test of its grain": node["name"] in GRAIN_TESTED | WITHOUT_CONTRACT,
    }
    told |= {f"type of {name}": column["data_type"] for name, column in columns.items()}
    told |= {f"meaning of {name}": c["description"].strip() for name, c in columns.items()}
    return [what for what, is_told in told.items() if not is_told]


GRAIN_TESTED = {
    model
    for test in load_project().tests
    if test.name.startswith("grain_") and test.blocking
    for model in test.models
}


def test_every_published_table_says_what_it_holds() -> None:
    found = {name: lacking(node) for name, node in published().items()}
    assert len(found) > 30
    assert {name: what for name, what in found.items() if what} == {}


def test_what_a_table_does_not_say_is_found() -> None:
    node = copy.deepcopy(published()["fact_sales"])
    node["config"]["meta"] = {"grain": ["luck"]}
    node["config"]["group"] = None
    node["config"]["contract"]["enforced"] = False
    node["description"] = " "
    node["columns"]["quantity"] |= {"data_type": None, "description": ""}
    assert lacking(node) == [
        "owner", "grain", "group", "description", "contract", "type of quantity",
        "meaning of quantity",
    ]  # fmt: skip


def test_every_published_table_is_in_the_data_model() -> None:
    text = DATA_MODEL.read_text("utf-8")
    assert [name for name in published() if f"| {name} |" not in text] == []


def test_the_data_model_names_every_model_and_seed_and_nothing_else() -> None:
    """It looked for published tables only: four models and a seed were missing."""
    text = DATA_MODEL.read_text("utf-8")
    nodes = load_project().manifest["nodes"].values()
    names = {n["name"] for n in nodes if n["resource_type"] in {"model", "seed"}}
    named = set(re.findall(r"\w+", text))
    assert names - named == set()
    layers = {word for word in named if re.match(r"(stg|int|dim|fact|kpi)_\w", word)}
    assert layers - names - {*analytics_tables()} == set()
    seeds = re.search(r"Seeds: ([^.]+)\.", text)
    assert seeds
    assert set(re.findall(r"\w+", seeds[1])) == {
        n["name"] for n in nodes if n["resource_type"] == "seed"
    }


def test_the_data_model_says_which_feeds_fill_which_datasets() -> None:
    """It said that SimMart counts no stock, which it has done since it has workbooks."""
    text = DATA_MODEL.read_text("utf-8")
    filled = {"online_retail": set[str](), "simmart": set[str]()}
    for feed in FEEDS.iterdir():
        for name in filled:
            if feed.name.startswith(name):
                filled[name] |= {f"raw_{path.stem}" for path in feed.glob("*.sql")}
    told = re.search(r"`online_retail` fills ([^;]+);\s+the feeds of SimMart fill all\.", text)
    assert told
    named = {f"raw_{name}" for name in re.findall(r"\w+", told[1]) if name != "and"}
    assert named == filled["online_retail"]
    assert filled["simmart"] == {*load_contracts()}
