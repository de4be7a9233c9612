"""Publication goes on, whatever was done to the versions that are there."""

import shutil
from pathlib import Path

import duckdb
import pytest

from ecom_assets.duck import quote
from ecom_assets.home import Home
from ecom_assets.publish.digest import digests
from ecom_assets.publish.query import ask
from ecom_assets.publish.versions import current_folder, point_to, version_in_place
from ecom_assets.warehouse.build import unpublished
from tests.integration.conftest import deliver, load

pytestmark = pytest.mark.integration

DAYS = ("2011-08-07.csv", "2011-08-08.csv")


def published(home: Home) -> Path:
    """Loads, and returns the folder of the version that came of it."""
    result = load(home)
    assert result.published, (result.error, result.reds)
    return current_folder(home)


def test_a_newest_version_that_was_removed_is_made_anew(home: Home) -> None:
    """Months were linked from the version of the highest name, which lacked what the removed one
    had brought: every later load built everything and blamed the disk.
    """
    deliver(home, DAYS[0])
    first = published(home)
    deliver(home, DAYS[1])
    second = published(home)
    assert unpublished(home).since == second.name
    before = digests(second)
    database = second / "warehouse.duckdb"
    with database.open("r+b") as content:  # of equal inputs, as far as it says
        content.truncate(database.stat().st_size // 2)
    third = published(home)
    assert (third != second, digests(third)) == (True, before)
    second = third
    shutil.rmtree(second)
    point_to(home, first.name)
    assert digests(published(home)) == before


@pytest.mark.deep
def test_the_present_version_may_be_faulty_or_gone(home: Home) -> None:
    """A damaged month of the last version kept every later one from being published, and so did a
    link that leads nowhere.
    """
    deliver(home, DAYS[0])
    first = published(home)
    months = sorted((first / "parquet").glob("*/20*.parquet"))
    for file in months:
        file.write_bytes(b"PAR1")
    note = (first / "version.json").read_text()  # with other inputs its months are linked
    (first / "version.json").write_text(note.replace('"generation": "', '"generation": "0'))
    second = published(home)
    assert all((second / file.relative_to(first)).stat().st_size > 4 for file in months)
    before = digests(second)
    shutil.rmtree(second)
    assert version_in_place(home) is None
    assert digests(published(home)) == before


def test_a_view_of_the_published_version_can_be_read(week: Home) -> None:
    """It named the database in which it was made, which no reader's copy is called."""
    copy = current_folder(week) / "warehouse.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach {quote(str(copy))} as copied (read_only)")
        counted = "select count(*) from copied.main.fact_inventory_daily_filled"
        assert connection.execute(counted).fetchone() == (0,)
    assert ask(week, "select count(*) from fact_inventory_daily_filled").rows == ((0,),)
