"""The delivery day of files that tell it inside."""

from datetime import date
from pathlib import Path

import pytest

from ecom_assets.feeds import shipped_feeds
from ecom_assets.home import Home
from ecom_assets.ingest.delivery_day import newest_day
from tests.unit.replaced_files import replace_under_size_and_time

EXPORT = b"id,user_id,order_date,status\n1,1,2018-01-01,placed\n"


def test_a_file_replaced_under_its_size_and_time_is_read_again(tmp_path: Path) -> None:
    """The daemon went on with the day of the file before, for it did not look at ctime."""
    home, feed = Home(tmp_path / "home"), shipped_feeds()["jaffle_shop_orders"]
    path = tmp_path / "raw_orders.csv"
    path.write_bytes(EXPORT)
    assert newest_day(home, path, feed, "Europe/London") == date(2018, 1, 1)
    replace_under_size_and_time(path, EXPORT.replace(b"2018-01-01", b"2018-03-09"))
    assert newest_day(home, path, feed, "Europe/London") == date(2018, 3, 9)


@pytest.mark.parametrize(
    ("timezone", "day"), [("Asia/Tokyo", date(2018, 1, 2)), ("Europe/London", date(2018, 1, 1))]
)
def test_the_day_of_a_time_in_utc_is_that_of_the_store(
    tmp_path: Path, timezone: str, day: date
) -> None:
    known = shipped_feeds()["jaffle_shop_orders"]
    columns = [
        column.model_copy(update={"type": "timestamp"} if column.type == "local_timestamp" else {})
        for column in known.columns
    ]
    path = tmp_path / "raw_orders.csv"
    path.write_bytes(EXPORT.replace(b"2018-01-01", b"2018-01-01 22:00"))
    feed = known.model_copy(update={"columns": tuple(columns)})
    assert newest_day(Home(tmp_path / "home"), path, feed, timezone) == day
