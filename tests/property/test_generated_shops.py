"""Made-up shops, delivered in any way: gold is that of a clean load, and nothing gets lost."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.nodes import stored_nodes
from tests.harness.shop import Load, Shop, store
from tests.property.equality import assert_equal_to_a_clean_load
from tests.property.online_retail import File, current_documents, files

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SHOP = store("online_retail")
MODELS = [node.name for node in stored_nodes()]
MONTHS = [None, None, ("2024-01", "2024-01"), ("2024-02", "2024-03"), ("2024-03", "2024-03")]

OF_DAYS_TO_COME = "warn_orders_are_not_of_days_to_come"  # a document may be of any day

DELIVERIES = st.lists(st.lists(files(), max_size=4), min_size=1, max_size=4)


@st.composite
def loads(draw: st.DrawFn, deliveries: list[list[File]]) -> list[Load]:
    """One load for each batch of files, now and then restricted to months or killed."""
    return [
        Load(
            {file.name: file.content for file in batch},
            months=draw(st.sampled_from(MONTHS)),
            models=draw(
                st.none() | st.none() | st.integers(0, len(MODELS)).map(lambda n: MODELS[:n])
            ),
        )
        for batch in deliveries
    ]


@given(st.data())
def test_any_way_of_delivering_a_shop_gives_the_gold_of_a_clean_load(data: st.DataObject) -> None:
    deliveries = data.draw(DELIVERIES)
    with TemporaryDirectory() as folder, Shop(Path(folder), SHOP) as shop:
        assert_equal_to_a_clean_load(shop, data.draw(loads(deliveries)), SHOP)
        assert set(shop.warehouse.failing_tests()) <= {OF_DAYS_TO_COME}
        assert_nothing_is_lost(shop, deliveries)


def assert_nothing_is_lost(shop: Shop, deliveries: list[list[File]]) -> None:
    """Compares the lake and the facts with sums over the files, computed here."""
    held = list({file.name: file for batch in deliveries for file in batch}.values())
    lines = sum(len(d.lines) for file in held for d in file.documents)
    accepted = sum(len(d.accepted) for file in held for d in file.documents)
    amount = sum(
        (line.amount for d in current_documents(held).values() for line in d.accepted), Decimal(0)
    )
    one = shop.warehouse.scalar
    assert one("select coalesce(sum(delivered_rows), 0) from warehouse.kpi_data_quality") == lines
    assert one("select count(*) from staging.raw.quarantined_rows") == lines - accepted
    assert amount == one("select coalesce(sum(net_amount), 0) from warehouse.fact_sales") - one(
        "select coalesce(sum(amount), 0) from warehouse.fact_returns"
    )
