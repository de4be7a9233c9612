"""The README says what the tests hold."""

import re
import subprocess
from pathlib import Path

import pytest

from ecom_assets.cli import app
from ecom_assets.contracts import load_contracts
from ecom_assets.demo import HEADLINES, SIMULATED_DAYS
from ecom_assets.simmart.plan import plan_store
from ecom_assets.simmart.shop import Shop
from tests.graph.snapshot import graph
from tests.integration.test_online_retail_year import FIGURES

pytestmark = pytest.mark.graph

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
HELD_AS = {
    "gross sales": "gross",
    "returns": "product refunds",
    "orders": "counting orders",
    "customers who ordered": "new orders",
    "total of all lines": "total of all days",
}


def test_the_readme_shows_the_figures_of_the_year() -> None:
    """Nothing compared them: they could go stale with any change of a definition."""
    shown = dict(re.findall(r"^│ (.+?) +│ (\S+) +│ \S+ +│$", README, re.MULTILINE))
    assert shown.keys() == HEADLINES.keys() == HELD_AS.keys()
    for name, value in shown.items():
        held = FIGURES[HELD_AS[name]][1]
        assert value == (f"{held:,}" if isinstance(held, int) else f"{held:,.4f}"), name


def test_the_readme_shows_what_the_simulated_shop_knows_of_itself() -> None:
    shop = Shop(plan_store(0, 1, "demo", SIMULATED_DAYS))
    counts = shop.money.counts[shop.baskets.order]
    gross = shop.money.gross[counts].sum() / 10**shop.plan.market.minor_units
    assert re.search(rf"^│ gross sales +│ \S+ +│ {gross:,.4f} +│$", README, re.MULTILINE)


def test_the_readme_counts_assets_groups_and_datasets() -> None:
    assets = graph()["assets"]
    found = re.search(r"shows (\d+) assets in the groups ([a-z, ]+) and ([a-z]+),", README)
    assert found
    assert int(found[1]) == len(assets)
    assert {*found[2].split(", "), found[3]} == {asset["group"] for asset in assets.values()}
    unpartitioned = {name for name, asset in assets.items() if not asset["partitions"]}
    assert unpartitioned == {"stores", "holidays"}
    assert (
        f"All but `stores` and `holidays` ({len(assets) - 2}) are\npartitioned by month" in README
    )
    assert f"each of the {len(load_contracts())} raw datasets" in README


def test_the_map_of_the_house_shows_every_room_on_150_lines_at_most() -> None:
    """It had no scripts, no metrics and no mutants."""
    files = subprocess.run(
        ["git", "ls-files", "--", "*/*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    folders = {Path(file).parts[:-1] for file in files}
    rooms = {parts[0] for parts in folders} | {
        parts[1] for parts in folders if parts[0] in {"ecom_assets", "tests"} and len(parts) > 1
    }
    rooms = {room for room in rooms if not room.startswith(".")}
    shown = README.partition("## The house")[2].partition("\n## ")[0]
    assert {room for room in rooms - {"docs"} if f"{room}/`" not in shown} == set()
    assert len(README.splitlines()) <= 150
    assert "`docs/" in README


def test_the_readme_names_every_command() -> None:
    names = {
        str(c.callback and c.callback.__name__) for c in app.registered_commands if not c.hidden
    } | {str(group.name) for group in app.registered_groups}
    assert names == set(re.findall(r"^\| `ecom ([a-z]+)", README, re.MULTILINE))
