"""A scratch database that the tests of reading and judging share."""

from collections.abc import Iterator

import duckdb
import pytest

from ecom_assets.duck import scratch_connection
from ecom_assets.home import Home


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection as loads open it; every reading replaces the tables of the one before."""
    with scratch_connection(Home(tmp_path_factory.mktemp("scratch")), threads=1) as connection:
        yield connection
