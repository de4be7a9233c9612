"""What the tests of other stores ask their warehouses."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.harness.warehouse import Warehouse

Files = Mapping[str, bytes | str]
Loader = Callable[..., Warehouse]
Published = Callable[[str, str], Any]


def one(warehouse: Warehouse, sql: str) -> Any:
    """Returns one value from gold, or raw and staging by their names."""
    warehouse.connection.execute("use warehouse")
    value = warehouse.scalar(sql)
    warehouse.connection.execute("use memory")
    return value


def rows(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    warehouse.connection.execute("use warehouse")
    found = warehouse.connection.execute(sql).fetchall()
    warehouse.connection.execute("use memory")
    return found
