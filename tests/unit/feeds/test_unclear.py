"""What a sample leaves open is taken one way, and that is told by the draft and by the check.

Prices such as 1.200 of a German export were taken for 1.2 without a word, wrong by a factor of
1000; of days such as 01/02/2024 only a comment in feed.yaml told.
"""

from pathlib import Path

import duckdb
import pytest

from ecom_assets.feed_check.check import check_feed
from ecom_assets.feed_check.subject import Wanted
from ecom_assets.feed_draft.decimal_marks import Mark, mark_of
from ecom_assets.feed_draft.draft import draft_feed, write_draft
from ecom_assets.home import Home

HEADERS = ("Order ID", "Order Date", "Quantity", "Price", "SKU")
THREE_DIGITS = "every number with a mark has exactly three digits after it"


def told(home: Home, folder: Path, delimiter: str, *rows: tuple[str, ...]) -> tuple[str, str, str]:
    """Drafts a feed and checks it; returns its feed.yaml, the draft's remarks and the hints."""
    path = folder / "orders.csv"
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in (HEADERS, *rows)]
    path.write_text("\n".join([*lines, ""]))
    draft = draft_feed(home, "mine", path)
    write_draft(home, "mine", draft)
    report = check_feed(home, Wanted("mine", [path]))
    hints = [line for line in report.told if line.startswith("hint: ")]
    return draft.files["feed.yaml"], "\n".join(draft.remarks), "\n".join(hints)


@pytest.mark.parametrize(
    ("delimiter", "day", "mark", "value"),
    [
        (";", "2024-02-13", ",", "1100"),
        pytest.param(",", "13.02.2024", ",", "1100", marks=pytest.mark.deep),
        pytest.param("\t", "13.02.2024 10:30", ",", "1100", marks=pytest.mark.deep),
        (",", "2024-02-13", ".", "1.100"),
    ],
)
def test_three_digits_after_every_mark_are_told(
    home: Home, tmp_path: Path, delimiter: str, day: str, mark: str, value: str
) -> None:
    rows = [(f"A{n}", day, "1", price, "pen") for n, price in enumerate(("1.200", "1.100", "7"))]
    yaml, remarks, hints = told(home, tmp_path, delimiter, *rows)
    assert f"decimal_mark: '{mark}'\n" in yaml or f"decimal_mark: {mark}\n" in yaml
    for text in (remarks, hints):
        assert THREE_DIGITS in text
        assert f'1.100 is taken for {value}, by `decimal_mark: "{mark}"`; if that is wrong' in text


@pytest.mark.deep
def test_thousands_by_a_comma_are_no_numbers_to_the_point(home: Home, tmp_path: Path) -> None:
    yaml, remarks, _ = told(home, tmp_path, ",", ("A", "2024-02-13", "1", "1,200", "pen"))
    assert "decimal_mark: .\n" in yaml
    assert "1,200 is taken for no number" in remarks


@pytest.mark.parametrize("price", ["1,000.50", "$10.00", "1 299,90", "1,000"])
def test_numbers_that_are_not_read_as_they_are_written_are_told(
    home: Home, tmp_path: Path, price: str
) -> None:
    """Nothing was said of them, and the price was told to be missing."""
    rows = [(f"A{n}", "2024-02-13", "1", each, "pen") for n, each in enumerate(("2.50", price))]
    _, remarks, hints = told(home, tmp_path, ",", *rows)
    assert remarks.startswith(f"Price: {price} is not read as it is written, nor are numbers like")
    assert "set `decimal_mark" not in hints


def test_a_column_of_amounts_with_a_sign_is_told_to_look_like_money(
    home: Home, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "Order ID,Order Date,SKU,Quantity,Price,Deposit\nA,2024-02-13,pen,1,$9.00,€ 1\n"
    )
    unused = draft_feed(home, "mine", path).unused
    assert unused == "not used though it looks like money: Price, Deposit"


@pytest.mark.parametrize(
    ("price", "mark"),
    [
        *(("2.50", "."), ("0.125", "."), ("1234.500", "."), ("2,5", ","), ("0,125", ",")),
        *(("1.234.567", ","), ("1.200,50", ","), ("1234,500", ",")),
    ],
)
def test_one_number_that_shows_its_mark_is_enough(price: str, mark: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table delivered as select unnest(?) as d0", [[f"1{mark}100", price]]
        )
        for usual in ".,":
            assert mark_of(connection, ["d0"], "csv", usual) == Mark(mark)


def test_numbers_of_their_own_type_are_never_unclear() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table delivered as select '1.125' as d0")
        assert mark_of(connection, ["d0"], "parquet", ",") == Mark(".")


def test_days_that_fit_two_formats_are_told(home: Home, tmp_path: Path) -> None:
    _, remarks, hints = told(home, tmp_path, ",", ("A", "01/02/2024", "1", "2.50", "pen"))
    assert remarks.startswith("Order Date: its days are taken as %d/%m/%Y, and fit %m/%d/%Y as")
    assert hints.startswith("hint: Order Date: its days are read as %d/%m/%Y, and fit %m/%d/%Y as")


@pytest.mark.deep
def test_a_day_beyond_the_twelfth_tells_its_format(home: Home, tmp_path: Path) -> None:
    rows = [("A", day, "1", "2.50", "pen") for day in ("01/02/2024", "01/31/2024")]
    yaml, remarks, hints = told(home, tmp_path, ",", *rows)
    assert "%m/%d/%Y" in yaml
    assert (remarks, hints) == ("", "")
