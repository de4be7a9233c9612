"""Telling what lies in the inbox and is no delivery: briefly, however much of it there is."""

from collections.abc import Sequence
from pathlib import Path

from ecom_assets.ingest.landing import Unrecognised
from ecom_assets.wording import some_of

MOST_LINES = 10


def describe_foreign(others: Sequence[Unrecognised]) -> list[str]:
    """Returns a line for each reason and folder, with a count and the first few names."""
    groups: dict[tuple[str, Path], list[str]] = {}
    for other in others:
        groups.setdefault((other.reason, other.path.parent), []).append(other.path.name)
    lines = [_line(*place, names) for place, names in groups.items()]
    hidden = sum(len(names) for names in list(groups.values())[MOST_LINES:])
    return [*lines[:MOST_LINES], *([f"no delivery: {hidden:,} more"] if hidden else [])]


def _line(reason: str, folder: Path, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"no delivery: {folder / names[0]}: {reason}"
    return f"no delivery: {len(names):,} in {folder}: {reason}: {some_of(names)}"
