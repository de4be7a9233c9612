"""Dirt on request: what is asked for, and that nothing but what the truth tells is dirty."""

import codecs
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.dirt import FILE_KINDS, ROW_KINDS, USUAL, dirt_rates
from ecom_assets.simmart.plan import MARKETS, Plan, Scale
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.simulate import Simulation, simulate, simulation
from tests.unit.simmart.written import contents

SMALL = Scale(
    customers=400, products=120, stocked=80, orders=3_000, campaigns=60, visits=900, days=60
)
CLEAN = Plan("shop", 3, SMALL, date(2026, 3, 1), 60, MARKETS[0], "EUR")
DIRTY = replace(CLEAN, dirt=dict.fromkeys(USUAL, 0.05))


@dataclass(frozen=True)
class Delivered:
    """What a shop delivers, clean and dirty, and the dirt that lies in the latter."""

    clean: Path
    dirty: Path
    truth: pl.DataFrame


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    clean, dirty = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("dirty")
    deliver(Shop(CLEAN), lambda feed: clean / feed)
    found = deliver(Shop(DIRTY), lambda feed: dirty / feed)
    return Delivered(clean, dirty, pl.concat(kind.dirt for kind in found))


@pytest.mark.parametrize(
    ("words", "rates"),
    [
        ([], {}),
        (["late=0.1"], {"late": 0.1}),
        (["missing", "late=1"], {"late": 1, "missing": USUAL["missing"]}),
        (["all"], USUAL),
        (
            ["late=0.5", "all", "skew=0"],
            {k: v for k, v in USUAL.items() if k != "skew"} | {"late": 0.5},
        ),
    ],
)
def test_dirt_is_asked_for_by_kind_and_rate(words: list[str], rates: dict[str, float]) -> None:
    assert dirt_rates(words) == rates


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("dust", "there is no dirt 'dust': choose all, or encoding, header, late"),
        ("late=often", "dirt 'late=often': the rate is a share from 0 to 1"),
        ("late=1.5", "dirt 'late=1.5': the rate is a share from 0 to 1"),
        ("late=nan", "dirt 'late=nan': the rate is a share from 0 to 1"),
    ],
)
def test_what_is_no_dirt_is_refused(word: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        dirt_rates([word])


def test_a_home_goes_on_with_its_dirt_and_with_no_other(tmp_path: Path) -> None:
    home, days = Home(tmp_path), (date(2026, 3, 1), date(2026, 3, 1))
    simulate(home, simulation(home, "demo", days=days, dirt=["late=0.1"]))
    assert simulation(home, days=(None, date(2026, 3, 2))).dirt == {"late": 0.1}
    other = simulation(home, days=days, dirt=["late=0.2", "skew"])
    with pytest.raises(ConfigurationError, match=r"dirt late=0\.1, not late=0\.2 skew=0\.01"):
        simulate(home, other)


def test_day_by_day_is_as_dirty_as_all_days_at_once(tmp_path: Path) -> None:
    homes = Home(tmp_path / "once"), Home(tmp_path / "daily")
    first, last = date(2026, 3, 1), date(2026, 3, 20)
    wanted = Simulation(
        scale="demo", seed=7, stores=1, start=first, end=last, dirt=dict.fromkeys(USUAL, 0.05)
    )
    simulate(homes[0], wanted)
    for day in (1, 2, 9, 20):
        simulate(homes[1], wanted.model_copy(update={"end": date(2026, 3, day)}))
    assert contents(homes[0]) == contents(homes[1])


def test_every_kind_of_dirt_is_there_and_no_row_has_two(delivered: Delivered) -> None:
    truth = delivered.truth
    assert set(truth["kind"]) == set(USUAL)
    of_rows = truth.filter(pl.col("kind").is_in(ROW_KINDS)).select("feed", "file", "source_row")
    assert of_rows.null_count().sum_horizontal()[0] == 0
    assert of_rows.n_unique() == of_rows.height
    of_files = truth.filter(pl.col("kind").is_in(FILE_KINDS)).select("feed", "file")
    assert of_files.join(of_rows, on=["feed", "file"]).is_empty()
    assert of_files.n_unique() == of_files.height


def test_nothing_else_is_dirty(delivered: Delivered) -> None:
    """A column with malformed values is written as text: its other values must not change."""
    names = {path.relative_to(delivered.dirty) for path in delivered.dirty.rglob("*.*")}
    truth = {
        (feed, file): dirt
        for (feed, file), dirt in delivered.truth.group_by("feed", "file", maintain_order=True)
    }
    for name in names:
        dirt = truth.get((name.parent.name, name.name), delivered.truth.clear())
        whole = _lines(delivered.dirty / name)
        more = set(dirt.filter(pl.col("kind").is_in(["duplicates", "repeats"]))["source_row"])
        kept = [line for row, line in enumerate(whole, start=1) if row not in more]
        was = _lines(delivered.clean / name)
        changed = [row for row, (old, new) in enumerate(zip(was, kept, strict=True)) if old != new]
        wanted = dirt.filter(pl.col("kind").is_in(["missing", "malformed", "unknown", "skew"]))
        is_renamed = "header" in dirt["kind"].to_list()
        assert len(changed) == wanted.height + is_renamed, name
        assert not is_renamed or changed == [0]


def _lines(path: Path) -> list[str]:
    """The lines of a text file in either encoding, or the rows of a workbook as text."""
    if not path.exists():
        return []
    if path.suffix == ".xlsx":
        rows = openpyxl.load_workbook(path)["Counts"].values
        return [str([str(v).removesuffix(" 00:00:00") for v in row]) for row in rows]
    content = path.read_bytes()
    encoding = "utf-16" if content.startswith(codecs.BOM_UTF16_LE) else "utf-8"
    return content.decode(encoding).splitlines()


def test_what_is_late_arrives_days_or_months_after_its_day(delivered: Delivered) -> None:
    late = delivered.truth.filter(pl.col("kind") == "late")
    days = (late["arrives_on"] - late["delivered_on"]).dt.total_days()
    assert days.is_between(1, 150).all()
    is_there = [
        (delivered.dirty / feed / file).exists() for feed, file in late["feed", "file"].rows()
    ]
    assert is_there == (late["arrives_on"] <= CLEAN.end).to_list()
    assert len(set(is_there)) == 2
