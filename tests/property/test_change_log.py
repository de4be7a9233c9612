"""Random change logs of every dataset: the rule of ``rebuild_from``, clause by clause.

What is delivered may be new, changed, deleted, moved in time, cancelled, back-dated or late; gold
built load by load must equal a clean build of the same files.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_assets.feeds import shipped_feeds
from tests.harness.nodes import stored_nodes
from tests.harness.shop import Load, Shop, store
from tests.property.change_log import FIRST_FILES, FRAME, LATER_FILES, feed
from tests.property.equality import assert_equal_to_a_clean_load

MODELS = [node.name for node in stored_nodes()]

SHOPS = [
    store(feed_name, currency, timezone)
    for feed_name in ("rows", "documents")
    for currency, timezone in (("GBP", "Europe/London"), ("EUR", "America/New_York"))
]

# Lines and orders may wait long for each other, orders be of days to come, more may be given back
# than was sold, and more leave than was there.
ODD = {
    "assert_pending_rows_are_young",
    "assert_stock_is_not_below_zero",
    "warn_orders_are_not_of_days_to_come",
    "warn_orders_have_lines",
    "warn_refunds_are_of_what_was_sold",
}

pytestmark = [pytest.mark.integration, pytest.mark.deep]


@st.composite
def logs(draw: st.DrawFn) -> list[Load]:
    """A first load of a shop, then a few that change little; each may be killed on its way."""
    batches = [
        (FRAME if draw(st.integers(0, 3)) else []) + draw(FIRST_FILES),
        *draw(st.lists(LATER_FILES, min_size=2, max_size=5)),
    ]
    return [
        Load(
            {file.name: file.content for file in batch},
            models=draw(
                st.none() | st.none() | st.integers(0, len(MODELS)).map(lambda n: MODELS[:n])
            ),
        )
        for batch in batches
    ]


@pytest.fixture(autouse=True, scope="module")
def feeds() -> Iterator[None]:
    """Registers the feeds of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rows", "documents"):
            patch.setitem(shipped_feeds(), name, feed(name, whole_documents=name == "documents"))
        yield


@pytest.mark.parametrize(
    "shop", SHOPS, ids=lambda shop: f"{next(iter(shop.feeds))}-{shop.currency}"
)
@given(loads=logs())
def test_gold_built_load_by_load_is_that_of_a_clean_build(shop, loads: list[Load]) -> None:
    with TemporaryDirectory() as folder, Shop(Path(folder), shop) as incremental:
        assert_equal_to_a_clean_load(incremental, loads, shop)
        # what is delivered may be odd; nothing that is made of it may be wrong, in whatever order
        assert set(incremental.warehouse.failing_tests()) <= ODD
