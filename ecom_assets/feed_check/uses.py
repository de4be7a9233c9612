"""What stays empty in the published tables for want of which column."""

from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files

import yaml


@lru_cache(maxsize=1)
def _uses() -> list[tuple[list[str], str]]:
    told = yaml.safe_load((files("ecom_assets.feed_check") / "uses.yaml").read_text("utf-8"))
    return [
        ([use["needs"]] if isinstance(use["needs"], str) else use["needs"], use["empty"])
        for use in told
    ]


def what_stays_empty(filled: Collection[str]) -> list[str]:
    """Returns a line for each part of the published tables that nothing fills.

    Args:
        filled: The datasets, and the columns as ``dataset.column``, that a store's feeds fill.
    """
    return [
        f"stays empty: {empty} (no feed of the store fills {' or '.join(needs)})"
        for needs, empty in _uses()
        if not {*needs} & {*filled}
    ]
