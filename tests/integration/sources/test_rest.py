"""Pulling from a real HTTP server: pages, windows, values, and what an API may do wrong."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.errors import SourceError, UnreachableError
from ecom_assets.exact_json import Number
from tests.harness.pulled_endpoint import NUMBERED, TOKEN_VARIABLE, URL, PulledEndpoint
from tests.harness.things_api import TOKEN, Reply, ThingsApi, serving_things

AT_10, AT_11, AT_12 = (f"2026-01-01T{hour}:00:00Z" for hour in (10, 11, 12))
SECRETS = (TOKEN, "s3cr3t", "tenant", "127.0.0.1", "Bearer")


@pytest.fixture(scope="module")
def server() -> Iterator[ThingsApi]:
    with serving_things() as api:
        yield api


@pytest.fixture
def api(server: ThingsApi, monkeypatch: pytest.MonkeyPatch) -> ThingsApi:
    server.rows, server.replies, server.asked = [], [], []
    monkeypatch.setenv(URL, server.url)
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    return server


@pytest.fixture
def things(tmp_path: Path, api: ThingsApi) -> PulledEndpoint:
    return PulledEndpoint(tmp_path / "home", api)


def thing(number: int, at: str | None = AT_10, **more: Any) -> dict[str, Any]:
    return {"id": number, "updated_at": at, **more}


def fault_of(things: PulledEndpoint) -> str:
    with pytest.raises(SourceError) as caught:
        things.deliver()
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_the_first_pull_delivers_all_pages_and_the_next_one_nothing(things: PulledEndpoint) -> None:
    things.api.rows = [thing(n) for n in range(1, 6)]
    assert things.pull("id") == [(str(n), False) for n in range(1, 6)]
    assert [asked["page"] for _, asked in things.api.asked] == ["1", "2", "3"]
    assert things.deliver() is None
    assert len(list(things.inbox.iterdir())) == 1
    manifest = things.manifest()
    assert (manifest.source, manifest.table, manifest.rows) == ("rest", "numbered", 5)
    assert manifest.columns == {"id": "number", "updated_at": "string"}


PAGINATORS = {
    "numbered": {"type": "page_number", "base_page": 1, "total_path": "pages"},
    "offset": {"type": "offset", "limit": 2},
    "cursor": {"type": "cursor"},
    "links": {"type": "header_link"},
    "json-links": {"type": "json_link"},
    "header": {"type": "header_cursor", "cursor_key": "X-Next"},
    "whole": {"type": "single_page"},
}


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
    assert "key id of numbered is not unique" in fault_of(things)


def test_an_empty_answer_is_nothing_new(things: PulledEndpoint) -> None:
    assert things.deliver() is None
    things.api.replies = [Reply(body=b'{"data": null, "pages": 0}')]
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
    assert "the header lacks price" in fault_of(things)
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
    assert fault in fault_of(things)
    things.api.rows = [thing(1, AT_11, price="2.50")]
    assert things.pull("price") == [("2.50", False)]


def test_one_wrong_value_among_right_ones_is_for_quarantine(things: PulledEndpoint) -> None:
    columns = [{"name": "price", "header": "price", "type": "money", "required": True}]
    things.pulls(columns=columns)
    things.api.rows = [thing(1, price=1), thing(2, price="a lot")]
    assert things.pull("price") == [("1", False), ("a lot", False)]


@pytest.mark.parametrize("status", [500, 503])
def test_errors_of_the_server_are_waited_out(things: PulledEndpoint, status: int) -> None:
    things.api.rows = [thing(n) for n in range(1, 6)]
    things.api.replies = [None, Reply(status), Reply(status), None]
    assert len(things.pull("id")) == 5
    assert [asked["page"] for _, asked in things.api.asked] == ["1", "2", "2", "2", "3"]


def test_errors_for_ever_end_the_pull_and_the_next_one_has_every_row(
    things: PulledEndpoint,
) -> None:
    things.api.rows = [thing(n) for n in range(1, 6)]
    things.api.replies = [None] + [Reply(503)] * 3
    assert "has an error of its own for numbered (503), also when asked again" in fault_of(things)
    assert len(things.api.asked) == 4
    assert not things.inbox.exists()
    assert len(things.pull("id")) == 5


@pytest.mark.parametrize("wait", ["3600", "Fri, 01 Jan 2125 00:00:00 GMT"])
def test_a_server_that_wants_a_long_rest_is_left_alone(things: PulledEndpoint, wait: str) -> None:
    things.api.replies = [Reply(429, {"Retry-After": wait})]
    assert re.search(r"asks to wait [\d,]+ seconds before .* numbered again", fault_of(things))
    assert len(things.api.asked) == 1


@pytest.mark.parametrize("wait", ["0", "soon", "Fri, 01 Jan 2010 00:00:00 GMT"])
def test_a_rest_that_is_over_is_none(things: PulledEndpoint, wait: str) -> None:
    things.api.replies = [Reply(503, {"Retry-After": wait})]
    assert things.deliver() is None
    assert len(things.api.asked) == 2


def test_what_is_meant_for_another_dlt_is_of_no_account(
    things: PulledEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong value of REQUEST_TIMEOUT, set for some other program, ended every pull."""
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "a while")
    monkeypatch.setenv("REQUEST_MAX_ATTEMPTS", "many")
    things.api.rows = [thing(1)]
    assert things.pull("id") == [("1", False)]


def test_a_connection_that_ends_in_the_middle_is_tried_again(things: PulledEndpoint) -> None:
    things.api.rows = [thing(n) for n in range(1, 6)]
    things.api.replies = [None, Reply(body=b'{"data": []}', cut=True)]
    assert len(things.pull("id")) == 5


def test_a_server_that_dies_between_two_pages_leaves_nothing_and_the_next_pull_has_all(
    things: PulledEndpoint,
) -> None:
    things.api.rows = [thing(1)]
    things.deliver()
    things.api.rows = [thing(n, AT_11) for n in range(1, 7)]
    things.api.replies = [None] + [Reply(body=b'{"data": []}', cut=True)] * 3
    assert fault_of(things).endswith(
        "ended the connection at page 2 of numbered: nothing of this pull was kept, the next one "
        "begins where this one did"
    )
    assert len(list(things.inbox.iterdir())) == 1
    assert not list(things.home.scratch.iterdir())
    assert things.pull("id") == [(str(n), False) for n in range(1, 7)]
    assert things.deliver() is None


def test_nobody_there_is_told(things: PulledEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, "http://127.0.0.1:9/s3cr3t")
    with pytest.raises(UnreachableError, match="the API that MY_API names cannot be reached"):
        things.deliver()


ODD = {
    b"<html>": "answers for numbered with what is no JSON: is its URL that of an API?",
    b'{"data": [{"id": NaN}]}': "with what holds NaN, which JSON does not know",
    b'{"data": [{"id": 1, "id": 2}]}': "a member of the same name twice",
    b"[" * 9999: "is nested too deeply",
    b'{"id": ' + b"1" * 5000 + b"}": "is no JSON",
    b'{"error": "s3cr3t"}': "without a list at `data`: see `data_selector`",
    b'{"data": {"id": 1}}': "without a list at `data`: see `data_selector`",
    b'{"data": [1]}': "a list at `data` that holds other things than objects",
    b'{"data": [{"id": 1}]}': "does not page as `paginator` of `pull` in feed.yaml says",
    b'{"pages": 1, "data": [{"id": "\\ud800"}]}': "row 1 of the answers holds half of a surrogate",
    b'{"pages": 1, "data": [{"a.b": 1, "a": {"b": 2}}]}': "has two values for a.b",
    b'{"pages": 1, "data": [{"id": 1}]}': "has no column updated_at in numbered",
    b'{"pages": 1, "data": [{}]}': "has no column updated_at, id in numbered",
    b'{"pages": 1, "data": [{"id": 1, "ID": 2}]}': "differ only in case",
    b'{"pages": 1, "data": [{"_deleted": 1}]}': "a name of ours",
}


# Three of them for every day, all of them with `make test-deep`.
ODD_CASES = [
    pytest.param(body, marks=() if number < 3 else pytest.mark.deep)
    for number, body in enumerate(ODD)
]


@pytest.mark.parametrize("body", ODD_CASES)
def test_answers_that_are_no_page_are_told_for_what_they_are(
    things: PulledEndpoint, body: bytes
) -> None:
    things.api.replies = [Reply(body=body)]
    told = fault_of(things)
    assert ODD[body] in told
    assert "s3cr3t" not in told
    assert not things.inbox.exists()


REFUSALS = {
    401: "refuses who asks (401): is MY_TOKEN right, and may it read numbered?",
    403: "refuses who asks (403): is MY_TOKEN right",
    404: "has no numbered (404): see `path` of `pull` in feed.yaml, and MY_API",
    302: "has moved (302): put the address where it is now into MY_API",
    422: "does not take the request for numbered (422)",
}


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_told_and_not_asked_again(things: PulledEndpoint, status: int) -> None:
    things.api.replies = [Reply(status, {"Location": "http://127.0.0.1:9/elsewhere"})]
    assert REFUSALS[status] in fault_of(things)
    assert len(things.api.asked) == 1


def test_a_token_goes_to_no_other_server(things: PulledEndpoint) -> None:
    things.pulls(rest={**NUMBERED, "paginator": PAGINATORS["json-links"]})
    with serving_things() as other:
        away = f'{{"data": [], "next": "http://127.0.0.1:{other.port}/v1/numbered"}}'
        things.api.replies = [Reply(body=away.encode())]
        assert "says that its next page is on another server" in fault_of(things)
        assert other.asked == []


@pytest.mark.parametrize("following", ["/v1/json-links", "/v1/json-links?cursor=0"])
def test_pages_that_lead_in_a_circle_end(things: PulledEndpoint, following: str) -> None:
    things.pulls(rest={**NUMBERED, "paginator": PAGINATORS["json-links"]})
    page = Reply(body=f'{{"data": [], "next": "{following}"}}'.encode())
    things.api.replies = [page] * 5
    assert "of numbered twice: does it know the parameters of `paginator`" in fault_of(things)


def test_an_api_that_knows_no_pages_is_found_out(things: PulledEndpoint) -> None:
    things.pulls(rest={**NUMBERED, "paginator": {"type": "page_number", "total_path": None}})
    things.api.replies = [Reply(body=b'{"data": [{"id": 1}]}')] * 5
    assert "gives page 2 of numbered twice" in fault_of(things)


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        (URL, "", "MY_API is not set: export MY_API=URL"),
        (URL, "ftp://s3cr3t.example.com", "MY_API holds no URL of an API, such as"),
        (URL, "https://s3cr3t.example.com:port", "MY_API holds no URL of an API, such as"),
        (TOKEN_VARIABLE, " ", "MY_TOKEN is not set: export MY_TOKEN=TOKEN"),
        (TOKEN_VARIABLE, "s3cr3t\nX: y", "MY_TOKEN holds letters that no header can"),
        (TOKEN_VARIABLE, "s3cr3t-wrong", "refuses who asks (401): is MY_TOKEN right"),
    ],
)
def test_what_the_environment_lacks_is_told_by_its_variable(
    things: PulledEndpoint, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, fault: str
) -> None:
    monkeypatch.setenv(variable, value)
    told = fault_of(things)
    assert fault in told
    assert "s3cr3t" not in told


def test_no_secret_is_in_the_home_or_in_any_log(
    things: PulledEndpoint, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    things.api.rows = [thing(n) for n in range(1, 6)]
    things.deliver()
    things.api.replies = [Reply(503)] * 3
    told = [fault_of(things)]
    things.api.replies = [Reply(401)]
    told += [fault_of(things)]
    things.api.replies = [Reply(cut=True)] * 3
    told += [fault_of(things), caplog.text, *capfd.readouterr()]
    told += [p.read_bytes().decode("latin-1") for p in things.home.root.rglob("*") if p.is_file()]
    assert logging.getLogger("urllib3").level == logging.DEBUG
    assert not [secret for secret in SECRETS if any(secret in text for text in told)]
