"""The claim of all replay tests: whatever way the files came, gold equals one clean full load."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ecom_assets.stores import Store
from tests.harness.shop import Load, Shop, newest_files


def assert_equal_to_a_clean_load(shop: Shop, loads: Sequence[Load], as_of: Store) -> None:
    """Does the loads, then compares every gold table with that of a fresh home.

    Args:
        shop: A shop that has loaded nothing yet.
        loads: The loads to do.
        as_of: The store as it is at the end.
    """
    found = shop.replay(loads)
    with TemporaryDirectory() as folder, Shop(Path(folder), as_of) as clean:
        expected = clean.replay([Load(newest_files(loads))])
        differing = {name for name in expected if found[name] != expected[name]}
        assert not differing, "\n".join(difference(shop, clean, name) for name in sorted(differing))


def difference(shop: Shop, clean: Shop, table: str) -> str:
    """Returns the rows of a table that differ, `-` where they are wrong and `+` where missing."""
    held, wanted = shop.warehouse.rows(table), clean.warehouse.rows(table)
    wrong = [f"- {row}" for row in held if row not in wanted]
    missing = [f"+ {row}" for row in wanted if row not in held]
    return "\n".join([table, *wrong[:5], *missing[:5]])
