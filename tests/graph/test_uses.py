"""What a check of a feed says of empty tables names tables and columns that there are."""

import pytest

from ecom_assets.contracts import load_contracts
from ecom_assets.feed_check.uses import _uses
from tests.graph.snapshot import graph

pytestmark = pytest.mark.graph


def test_only_tables_and_columns_that_there_are_are_told_as_empty() -> None:
    known = {c.name for c in load_contracts().values()}
    known |= {f"{c.name}.{column.name}" for c in load_contracts().values() for column in c.columns}
    named = {name for use in _uses() for name in (*use.needs, use.has) if name}
    assert named <= known
    words = {word.strip(",:") for use in _uses() for word in use.told.split()}
    tables = {word for word in words if word.startswith(("fact_", "kpi_", "dim_"))}
    assert tables <= graph()["assets"].keys()
