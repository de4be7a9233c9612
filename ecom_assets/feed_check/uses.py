"""What stays empty in the published tables, or is assumed there, for want of which column."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class _Use:
    """What a line tells where none of the needed columns is filled, but one that it has."""

    needs: Sequence[str]
    has: str | None
    told: str


@lru_cache(maxsize=1)
def _uses() -> list[_Use]:
    told = yaml.safe_load((files("ecom_assets.feed_check") / "uses.yaml").read_text("utf-8"))
    return [
        _Use(
            [use["needs"]] if isinstance(use["needs"], str) else use["needs"],
            use.get("has"),
            f"stays empty: {use['empty']}" if "empty" in use else f"assumed: {use['assumed']}",
        )
        for use in told
    ]


def what_stays_empty(filled: Collection[str]) -> list[str]:
    """Returns a line for each part of the published tables that nothing fills, or is assumed.

    Args:
        filled: The datasets, and the columns as ``dataset.column``, that a store's feeds fill.
    """
    return [
        f"{use.told} (no feed of the store fills {' or '.join(use.needs)})"
        for use in _uses()
        if not {*use.needs} & {*filled} and (use.has is None or use.has in filled)
    ]
