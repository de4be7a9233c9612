"""What an API may do wrong: it is told in a sentence, nothing is lost, and no secret is shown."""

import logging
import re

import pytest

from ecom_assets.errors import UnreachableError
from tests.harness.pulled_endpoint import (
    NUMBERED,
    PAGINATORS,
    TOKEN_VARIABLE,
    URL,
    PulledEndpoint,
)
from tests.harness.things_api import TOKEN, Reply, serving_things, thing

AT_11 = "2026-01-01T11:00:00Z"
SECRETS = (TOKEN, "s3cr3t", "tenant", "127.0.0.1", "Bearer")


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
    assert "has an error of its own for numbered (503), also when asked again" in things.fault()
    assert len(things.api.asked) == 4
    assert not things.inbox.exists()
    assert len(things.pull("id")) == 5


@pytest.mark.parametrize("wait", ["3600", "Fri, 01 Jan 2125 00:00:00 GMT"])
def test_a_server_that_wants_a_long_rest_is_left_alone(things: PulledEndpoint, wait: str) -> None:
    things.api.replies = [Reply(429, {"Retry-After": wait})]
    assert re.search(r"asks to wait [\d,]+ seconds before .* numbered again", things.fault())
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
    assert things.fault().endswith(
        "ended the connection at page 2 of numbered: nothing of this pull was kept, the next one "
        "begins where this one did"
    )
    assert len(list(things.inbox.iterdir())) == 1
    assert not list(things.home.scratch.iterdir())
    assert things.pull("id") == [(str(n), False) for n in range(1, 7)]
    assert things.deliver() is None


def test_a_selector_that_is_no_path_is_told_as_such(things: PulledEndpoint) -> None:
    """It was the paginator that was said not to fit."""
    things.pulls(rest={**NUMBERED, "data_selector": "data["})
    assert things.fault() == "`data_selector` of `pull` in feed.yaml is no JSON path: data["


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


# Three of them for every day, all of them with `make test-slow`.
ODD_CASES = [
    pytest.param(body, marks=() if number < 3 else pytest.mark.deep)
    for number, body in enumerate(ODD)
]


@pytest.mark.parametrize("body", ODD_CASES)
def test_answers_that_are_no_page_are_told_for_what_they_are(
    things: PulledEndpoint, body: bytes
) -> None:
    things.api.replies = [Reply(body=body)]
    told = things.fault()
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
    assert REFUSALS[status] in things.fault()
    assert len(things.api.asked) == 1


def test_a_token_goes_to_no_other_server(things: PulledEndpoint) -> None:
    things.pulls(rest={**NUMBERED, "paginator": PAGINATORS["json-links"]})
    with serving_things() as other:
        away = f'{{"data": [], "next": "http://127.0.0.1:{other.port}/v1/numbered"}}'
        things.api.replies = [Reply(body=away.encode())]
        assert "says that its next page is on another server" in things.fault()
        assert other.asked == []


@pytest.mark.parametrize("following", ["5", "{}", "[1]", '""', '"http://["', '"ftp://x"'])
def test_a_next_page_that_is_no_address_is_told(things: PulledEndpoint, following: str) -> None:
    things.pulls(rest={**NUMBERED, "paginator": PAGINATORS["json-links"]})
    things.api.replies = [Reply(body=f'{{"data": [], "next": {following}}}'.encode())]
    assert things.fault().startswith("the API that MY_API names ")
    assert len(things.api.asked) == 1


@pytest.mark.parametrize("following", ["/v1/json-links", "/v1/json-links?cursor=0"])
def test_pages_that_lead_in_a_circle_end(things: PulledEndpoint, following: str) -> None:
    things.pulls(rest={**NUMBERED, "paginator": PAGINATORS["json-links"]})
    page = Reply(body=f'{{"data": [], "next": "{following}"}}'.encode())
    things.api.replies = [page] * 5
    assert "of numbered twice: does it know the parameters of `paginator`" in things.fault()


def test_an_api_that_knows_no_pages_is_found_out(things: PulledEndpoint) -> None:
    things.pulls(rest={**NUMBERED, "paginator": {"type": "page_number", "total_path": None}})
    things.api.replies = [Reply(body=b'{"data": [{"id": 1}]}')] * 5
    assert "gives page 2 of numbered twice" in things.fault()


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
    told = things.fault()
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
    told = [things.fault()]
    things.api.replies = [Reply(401)]
    told += [things.fault()]
    things.api.replies = [Reply(cut=True)] * 3
    told += [things.fault(), caplog.text, *capfd.readouterr()]
    told += [p.read_bytes().decode("latin-1") for p in things.home.root.rglob("*") if p.is_file()]
    assert logging.getLogger("urllib3").level == logging.DEBUG
    assert not [secret for secret in SECRETS if any(secret in text for text in told)]
