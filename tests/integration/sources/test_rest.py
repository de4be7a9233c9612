"""Pulling from a real HTTP server: pages, windows, values, and columns that come and go."""

from typing import Any

import pytest

from ecom_assets.exact_json import Number
from tests.harness.pulled_endpoint import NUMBERED, PAGINATORS, PulledEndpoint
from tests.harness.things_api import Reply, thing

AT_10, AT_11, AT_12 = (f"2026-01-01T{hour}:00:00Z" for hour in (10, 11, 12))


def test_the_first_pull_delivers_all_pages_and_the_next_one_nothing(things: PulledEndpoint) -> None:
    things.api.rows = [thing(n) for n in range(1, 6)]
    assert things.pull("id") == [(str(n), False) for n in range(1, 6)]
    assert [asked["page"] for _, asked in things.api.asked] == ["1", "2", "3"]
    assert things.deliver() is None
    assert len(list(things.inbox.iterdir())) == 1
    manifest = things.manifest()
    assert (manifest.source, manifest.table, manifest.rows) == ("rest", "numbered", 5)
    assert manifest.columns == {"id": "number", "updated_at": "string"}


@pytest.mark.parametrize("path", PAGINATORS)
def test_every_paginator_brings_every_row_once_also_in_a_window(
    things: PulledEndpoint, path: str
) -> None:
    selector = "$" if path in ("links", "whole") else "data"
    rest = {"path": path, "data_selector": selector, "paginator": PAGINATORS[path]}
    things.pulls(rest={**rest, "start_param": "updated_since"})
    things.api.rows = [thing(n) for n in range(1, 6)]
    assert len(things.pull("id")) == 5
    things.api.rows += [thing(n, AT_11) for n in range(6, 11)]
    assert things.pull("id") == sorted((str(n), False) for n in range(6, 11))
    assert things.api.asked[-1][1]["updated_since"] == "2026-01-01T10:00:00Z"


def test_pages_without_a_total_are_read_until_one_is_empty(things: PulledEndpoint) -> None:
    endless = {**NUMBERED, "paginator": {**PAGINATORS["numbered"], "total_path": None}}
    things.pulls(rest=endless)
    things.api.rows = [thing(n) for n in range(1, 5)]
    assert len(things.pull("id")) == 4
    assert len(things.api.asked) == 3


def test_the_window_begins_an_overlap_before_what_has_landed(things: PulledEndpoint) -> None:
    things.pulls(overlap="90 minutes")
    things.api.rows = [thing(1, AT_12)]
    things.deliver()
    things.api.rows += [thing(2, AT_11), thing(3, AT_10)]
    assert things.pull("id") == [("2", False)]
    assert things.api.asked[-1][1]["updated_since"] == "2026-01-01T10:30:00Z"


def test_a_changed_row_is_delivered_again_and_the_same_one_not(things: PulledEndpoint) -> None:
    things.api.rows = [thing(1, name="pen"), thing(2, name="ink")]
    things.deliver()
    things.api.rows = [thing(1, AT_11, name="quill"), thing(2, name="ink")]
    assert things.pull("id", "name") == [("1", "quill", False)]


def test_the_start_is_written_as_the_api_wants_it(things: PulledEndpoint) -> None:
    things.pulls(rest={**NUMBERED, "start_format": "%Y-%m-%d"})
    things.api.rows = [thing(1), thing(2, AT_11)]
    things.deliver()
    assert things.deliver() is None  # rows of the day, from before the window, came again
    assert things.api.asked[-1][1]["updated_since"] == "2026-01-01"


def test_numbers_can_be_the_watermark(things: PulledEndpoint) -> None:
    things.pulls(watermark="id", overlap=1)
    things.api.rows = [thing(9), thing(10)]
    things.deliver()
    things.deliver()
    assert things.api.asked[-1][1]["updated_since"] == "9"


def test_without_a_start_parameter_only_what_changed_is_delivered(things: PulledEndpoint) -> None:
    things.pulls(rest={k: v for k, v in NUMBERED.items() if k != "start_param"})
    things.api.rows = [thing(1), thing(2)]
    things.deliver()
    things.api.rows += [thing(3, "2025-01-01T00:00:00Z")]
    assert things.pull("id") == [("3", False)]


def test_without_a_watermark_all_is_delivered_when_it_differs(things: PulledEndpoint) -> None:
    things.pulls(rest={k: v for k, v in NUMBERED.items() if k != "start_param"}, watermark=None)
    things.api.rows = [thing(1), thing(2)]
    things.deliver()
    assert things.deliver() is None
    things.api.rows = [thing(1), thing(2, AT_11)]
    assert len(things.pull("id")) == 2


def test_values_are_delivered_as_they_are_written(things: PulledEndpoint) -> None:
    money = Number("12345678901234567.10")
    row = {"price": money, "wide": 2**70, "e": Number("1E3"), "yes": True, "no": None, "": " x "}
    row = {**row, "text": 'Ł "q"\\\n\0', "list": [Number("1.10"), {"a": None}], "empty": {}}
    things.api.rows = [thing(1, box={"size": Number("2.50"), "lid": {"colour": "red"}}, **row)]
    del things.api.rows[0][""]
    columns = ("price", "wide", "e", "yes", "text", "list", "empty", "box.size", "box.lid.colour")
    assert things.pull(*columns) == [
        (
            *("12345678901234567.10", str(2**70), "1E3", "true", 'Ł "q"\\\n\0'),
            *('[1.10, {"a": null}]', "{}", "2.50", "red", False),
        )
    ]
    assert "no" not in things.manifest().columns


def test_a_row_that_comes_on_two_pages_counts_once(things: PulledEndpoint) -> None:
    things.api.rows = [thing(1), thing(2), thing(2), thing(3)]
    assert things.pull("id") == [("1", False), ("2", False), ("3", False)]


def test_a_key_of_two_different_rows_is_refused(things: PulledEndpoint) -> None:
    things.api.rows = [thing(1, name="pen"), thing(1, name="ink")]
    assert "key id of numbered is not unique" in things.fault()


def test_an_empty_answer_is_nothing_new(things: PulledEndpoint) -> None:
    assert things.deliver() is None
    things.api.replies = [Reply(body=b'{"data": [], "pages": 1}')]
    assert things.deliver() is None
    assert not things.inbox.exists()


def test_an_added_field_is_delivered_and_unknown_to_the_feed(things: PulledEndpoint) -> None:
    things.api.rows = [thing(1)]
    things.deliver()
    things.api.rows = [thing(2, AT_11, colour="red")]
    assert things.pull("id", "colour") == [("2", "red", False)]


def test_a_needed_field_that_was_dropped_is_told_and_nothing_delivered(
    things: PulledEndpoint,
) -> None:
    columns = [{"name": "id", "header": "id"}]
    columns += [{"name": "price", "header": "price", "type": "money", "required": True}]
    things.pulls(columns=columns)
    things.api.rows = [thing(1, price=1)]
    things.deliver()
    things.api.rows = [thing(2, AT_11)]
    assert "the header lacks price" in things.fault()
    things.api.rows = [thing(2, AT_11, price=2)]
    assert things.pull("price") == [("2", False)]


@pytest.mark.parametrize(
    ("price", "fault"),
    [
        ("a lot", "gives price in numbered as string, where it was number: feed 'things' needs"),
        ([1, 2], "gives price in numbered as array, where it was number: feed 'things' needs"),
        ({"amount": 1}, "the header lacks price"),
    ],
)
def test_a_needed_field_of_another_type_is_told_and_nothing_delivered(
    things: PulledEndpoint, price: Any, fault: str
) -> None:
    columns = [{"name": "price", "header": "price", "type": "money", "required": True}]
    things.pulls(columns=columns)
    things.api.rows = [thing(1, price=Number("1.50"))]
    things.deliver()
    things.api.rows = [thing(1, AT_11, price=price)]
    assert fault in things.fault()
    things.api.rows = [thing(1, AT_11, price="2.50")]
    assert things.pull("price") == [("2.50", False)]


def test_one_wrong_value_among_right_ones_is_for_quarantine(things: PulledEndpoint) -> None:
    columns = [{"name": "price", "header": "price", "type": "money", "required": True}]
    things.pulls(columns=columns)
    things.api.rows = [thing(1, price=1), thing(2, price="a lot")]
    assert things.pull("price") == [("1", False), ("a lot", False)]
