"""Whatever the headers and values of a sample, what is drafted of it is a feed that reads it."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_assets.errors import ConfigurationError
from ecom_assets.feed_check.check import check_feed
from ecom_assets.feed_check.subject import Wanted
from ecom_assets.feed_draft.draft import draft_feed, write_draft
from ecom_assets.feeds import load_feed
from ecom_assets.home import Home

pytestmark = pytest.mark.deep

KNOWN = ("Order ID", "Bestelldatum", "Menge", "SKU", "Prix", "Status", "Land", "Totaal", "E-Mail")
HEADERS = st.sampled_from(KNOWN) | st.text(
    "abcÄß é_#'\"[]{}:&*!|>%@`,;\u20ac", min_size=1, max_size=8
)
VALUES = st.sampled_from(
    ("", "1", "-2,50", "1.049,90", "2024-01-31", "31.01.24", "it's", 'a "b"', "N/A", "x;y", "NL")
)
# Values that are none of their column's type; of what is accepted no row may be lost.
MAY_REJECT = ("% of the rows are rejected", "no row at all is accepted")


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A header of two columns or more, each once, and some rows."""
    header = draw(
        st.lists(HEADERS.map(str.strip).filter(bool), min_size=2, max_size=6, unique=True)
    )
    row = st.lists(VALUES, min_size=len(header), max_size=len(header))
    return [header, *draw(st.lists(row, min_size=1, max_size=5))]


@given(table=tables(), delimiter=st.sampled_from(",;\t|"))
def test_what_is_drafted_is_a_feed(table: list[list[str]], delimiter: str) -> None:
    with TemporaryDirectory() as folder:
        home, path = Home(Path(folder)), Path(folder) / "sample.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(table)
        try:
            draft = draft_feed(home, "mine", path)
        except ConfigurationError:  # nothing can be made of it, which is told
            return
        write_draft(home, "mine", draft)
        feed = load_feed("mine", home)
        assert feed.sql
        report = check_feed(home, Wanted("mine", [path]))
        lacking = {f"does not fill {c}," for columns in draft.missing.values() for c in columns}
        for fault in report.faults:
            assert any(part in fault for part in (*lacking, *MAY_REJECT)), fault
