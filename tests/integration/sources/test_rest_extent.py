"""What an API tells of its extent has to come, or nothing is delivered.

A page without rows in the middle ended the pull as if it were complete; with the newest rows first
the window of the next pull began after those that were missing, and they were lost for good.
"""

import json
from typing import Any

import pytest

from tests.harness.pulled_endpoint import NUMBERED, PAGINATORS, PulledEndpoint
from tests.harness.things_api import Reply, thing

NEWEST_FIRST = [thing(n, f"2026-01-0{9 - n}T10:00:00Z") for n in range(1, 7)]
MORE = {**PAGINATORS["numbered"], "total_path": None, "has_more_path": "more"}


def said(data: Any, **more: Any) -> Reply:
    """Returns an answer."""
    return Reply(body=json.dumps({"data": data, **more}).encode())


@pytest.mark.parametrize(
    ("kind", "told", "fault"),
    [
        ("numbered", {"pages": 3}, "gives 1 of the 3 pages of numbered that its answers tell of"),
        ("numbered", {}, "gives 1 of the 3 pages of numbered"),
        ("offset", {"total": 6}, "gives 2 of the 6 rows of offset that its answers tell of"),
        ("offset", {"total": "6"}, "gives 2 of the 6 rows of offset"),
    ],
)
def test_a_page_without_rows_in_the_middle_is_no_end(
    things: PulledEndpoint, kind: str, told: dict[str, Any], fault: str
) -> None:
    things.pulls(rest={**NUMBERED, "path": kind, "paginator": PAGINATORS[kind]})
    things.api.rows = NEWEST_FIRST
    things.api.replies = [None, said([], **told)]
    assert fault in things.fault()
    assert not things.inbox.exists()
    assert len(things.pull("id")) == 6


def test_rows_that_are_removed_while_pages_are_read_are_found_out(things: PulledEndpoint) -> None:
    """What came after them moved to a page that had been read, and was lost for good."""
    things.pulls(rest={**NUMBERED, "path": "offset", "paginator": PAGINATORS["offset"]})
    things.api.rows = NEWEST_FIRST
    things.api.replies = [None, said(NEWEST_FIRST[3:5], total=5)]
    assert "told of 6 of offset, and at page 2 of 5: some were removed" in things.fault()
    assert not things.inbox.exists()
    assert len(things.pull("id")) == 6


def test_a_first_page_without_rows_is_held_against_the_total_too(things: PulledEndpoint) -> None:
    things.api.replies = [said([], pages=3)]
    assert "gives 1 of the 3 pages" in things.fault()


def test_fewer_rows_a_page_than_were_asked_for_are_found_out(things: PulledEndpoint) -> None:
    """A server that gives at most one row a page, asked for two: every second row was missing."""
    things.pulls(rest={**NUMBERED, "path": "offset", "paginator": PAGINATORS["offset"]})
    things.api.rows = NEWEST_FIRST
    things.api.per_page = 1
    assert "gives 3 of the 6 rows of offset" in things.fault()


def test_null_is_no_list_of_rows(things: PulledEndpoint) -> None:
    things.api.rows = NEWEST_FIRST
    things.api.replies = [None, said(None, pages=3)]
    assert "answers for numbered without a list at `data`" in things.fault()
    assert not things.inbox.exists()


@pytest.mark.parametrize("total", [-1, 1.5, True, "x", [3], 10**30])
def test_a_total_that_is_no_number_of_pages_is_told(things: PulledEndpoint, total: Any) -> None:
    things.api.replies = [said(NEWEST_FIRST[:2], pages=total)]
    assert "at `pages` of page 1 of numbered no whole number of 0 or more" in things.fault()


def test_a_total_that_is_less_than_its_page_is_told(things: PulledEndpoint) -> None:
    things.api.replies = [said(NEWEST_FIRST[:2], pages=0)]
    assert "tells at `pages` of page 1 of numbered that there are 0" in things.fault()
    things.pulls(rest={**NUMBERED, "path": "offset", "paginator": PAGINATORS["offset"]})
    things.api.replies = [said(NEWEST_FIRST[:2], total=1)]
    assert "tells at `total` of page 1 of offset that there are 1" in things.fault()


def test_a_total_may_be_words_and_grow_from_page_to_page(things: PulledEndpoint) -> None:
    halves = [said(NEWEST_FIRST[at : at + 2], pages=n) for at, n in ((0, "2"), (2, "3"), (4, "3"))]
    things.api.replies = [*halves]
    assert len(things.pull("id")) == 6


def test_more_that_never_comes_is_told(things: PulledEndpoint) -> None:
    things.pulls(rest={**NUMBERED, "paginator": MORE})
    things.api.replies = [said(NEWEST_FIRST[:2], more=True), said([], more=True)]
    assert "gives no more of numbered after page 2, which tells that there is" in things.fault()
    things.api.replies = [said(NEWEST_FIRST[:2], more=True), said([], more=False)]
    assert len(things.pull("id")) == 2
