"""The pages are Markdown that renders as it is meant."""

from itertools import pairwise
from pathlib import Path

import pytest

pytestmark = pytest.mark.graph

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def run_into(text: str) -> list[str]:
    """Returns the lines of text that a table before or after them swallows."""
    parts = text.split("```")[::2]  # outside of code
    return [
        below if above.startswith("|") else above
        for part in parts
        for above, below in pairwise(part.splitlines())
        if above and below and above.startswith("|") != below.startswith("|")
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_table_runs_into_text(page: Path) -> None:
    """A paragraph after the last row was its next one, with all its words in the first cell."""
    assert run_into(page.read_text("utf-8")) == []


def test_text_that_a_table_swallows_is_found() -> None:
    assert run_into("a\n\n| b |\n|---|\nc\n") == ["c"]
