"""How requests to an API are signed, and to whom they may go."""

from typing import Any

import pytest
from requests import Request

from ecom_assets.errors import SourceError
from ecom_assets.sources.apis.api import Api, api_of
from ecom_assets.stores import FeedOptions


def api(monkeypatch: pytest.MonkeyPatch, url: str, **options: Any) -> Api:
    monkeypatch.setenv("MY_API", url)
    monkeypatch.setenv("MY_KEY", "k3y\n")
    return api_of(FeedOptions(url_env="MY_API", **options))


def signed(api: Api, url: str) -> tuple[str | None, dict[str, str]]:
    request = Request("GET", url, auth=api).prepare()
    return request.url, dict(request.headers)


@pytest.mark.parametrize(
    ("options", "header", "value"),
    [
        ({"token_env": "MY_KEY"}, "Authorization", "Bearer k3y"),
        ({"api_key_env": "MY_KEY"}, "X-API-Key", "k3y"),
        ({"api_key_env": "MY_KEY", "api_key_header": "X-Shop"}, "X-Shop", "k3y"),
    ],
)
def test_a_request_shows_what_the_environment_holds(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, str], header: str, value: str
) -> None:
    shop = api(monkeypatch, "https://api.example.com/v1", **options)
    _, headers = signed(shop, "https://api.example.com/v1/orders")
    assert headers[header] == value
    assert "k3y" not in repr(shop)


def test_user_password_and_parameters_of_the_url_go_with_every_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = api(monkeypatch, "https://ann:p%40ss@api.example.com/v1?key=a%26b&shop=")
    assert shop.url == "https://api.example.com/v1"
    url, headers = signed(shop, "https://api.example.com/v1/orders?page=2&shop=mine")
    assert url == "https://api.example.com/v1/orders?page=2&shop=mine&key=a%26b"
    assert headers["Authorization"] == "Basic YW5uOnBAc3M="
    assert repr(shop) == "the API that MY_API names"


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.com/v1",
        "http://api.example.com/v1",
        "https://api.example.com:8443/v1",
    ],
)
def test_no_request_is_signed_for_another_server(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    shop = api(monkeypatch, "https://api.example.com/v1", token_env="MY_KEY")  # noqa: S106
    with pytest.raises(SourceError, match="its next page is on another server, which is not asked"):
        signed(shop, url)
    assert signed(shop, "https://api.example.com:443/other")[0]


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:80/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:8080/", True),
        ("http://10.0.0.1/", False),
        ("https://api.example.com", False),
    ],
)
def test_this_machine_is_asked_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch, url: str, is_here: bool
) -> None:
    assert api(monkeypatch, url).is_on_this_machine is is_here
