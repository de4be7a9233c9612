"""No check over campaigns and web sessions that cannot fail."""

from collections.abc import Iterator

import pytest

from tests.harness.marketing import BROKEN, FILE
from tests.harness.nodes import data_tests
from tests.harness.rows_shop import rows_shop
from tests.harness.shop import Load, Shop
from tests.harness.warehouse import judging_all

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with rows_shop(tmp_path_factory.mktemp("marketing")) as shop:
        assert shop.run(Load({FILE.name: FILE.content}))
        assert shop.warehouse.failing_tests() == {}
        yield shop


@pytest.mark.parametrize(
    ("name", "sql"), [(name, sql) for name, broken in BROKEN.items() for sql in broken]
)
def test_what_is_broken_turns_its_test_red(shop: Shop, name: str, sql: str) -> None:
    connection = shop.warehouse.connection
    connection.execute(f"use warehouse; begin transaction; {sql}")
    (test,) = (test for test in data_tests() if test.name == name)
    try:
        assert connection.execute(judging_all(test.sql)).fetchone()
    finally:
        connection.execute("rollback; use memory")
