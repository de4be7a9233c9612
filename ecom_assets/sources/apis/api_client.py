"""Asking a REST API page by page, with dlt's client: its paginators, and its session that retries.

Nothing else of dlt is used: no pipeline, no state, no configuration files, no telemetry. Importing
it takes 0.7 s, so only a pull from an API does.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import client
from dlt.sources.helpers.rest_client.client import PageData, RESTClient
from dlt.sources.rest_api.config_setup import create_paginator
from jsonpath_ng.exceptions import JSONPathError
from requests import ConnectionError as NoConnection
from requests import RequestException, Response, Timeout
from requests.exceptions import ChunkedEncodingError

from ecom_assets.errors import SourceError, UnreachableError
from ecom_assets.feeds.endpoint import Endpoint
from ecom_assets.sources.apis.answer import (
    LONGEST_WAIT_SECONDS,
    Record,
    content_of,
    records_of,
    refuse_long_wait,
)
from ecom_assets.sources.apis.api import Api
from ecom_assets.sources.apis.extent import Extent

MOST_PAGES = 100_000  # of one pull

# What dlt's paginators raise of an answer that has something else where they look, or nothing.
NOT_AS_SAID = (JSONPathError, ValueError, TypeError, AttributeError)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """How long an API is waited for.

    Attributes:
        attempts: How often a page is asked for: 429, 5xx and broken connections are tried again.
        backoff_seconds: The first wait between them; each is twice the one before.
        connect_seconds: To reach the server.
        answer_seconds: Between two bytes of an answer.
    """

    attempts: int = 5
    backoff_seconds: float = 1
    connect_seconds: float = 10
    answer_seconds: float = 60


PATIENCE = Patience()


class _ExactClient(RESTClient):
    """dlt's client, but for records: these keep their numbers as they are written."""

    def __init__(self, api: Api, endpoint: Endpoint, patience: Patience) -> None:
        runtime = RuntimeConfiguration(
            dlthub_telemetry=False,
            request_max_attempts=patience.attempts,
            request_backoff_factor=patience.backoff_seconds,
            request_max_retry_delay=LONGEST_WAIT_SECONDS,
        )
        # A Client of our own would read dlt's files and variables, whoever they are meant for.
        client.update_from_config(runtime)
        session = client.session
        session.timeout = (patience.connect_seconds, patience.answer_seconds)
        session.raise_for_status = False
        session.trust_env = not api.is_on_this_machine
        super().__init__(api.url, auth=api, session=session, config=runtime)
        self._api = api
        self._path = endpoint.path
        self.extent = Extent(api, endpoint)

    def extract_response(self, response: Response, data_selector: Any) -> list[Any]:
        """Returns the records of an answer."""
        content = content_of(self._api, self._path, response)
        records = records_of(self._api, self._path, data_selector, content)
        self.extent.add(content, len(records))
        return list(records)


def pages(
    api: Api, endpoint: Endpoint, start: str | None, patience: Patience = PATIENCE
) -> Iterator[list[Record]]:
    """Yields the records of an endpoint, page by page.

    Args:
        api: Whose it is.
        endpoint: How it is asked.
        start: Where the window begins, as its parameter takes it; None for everything.
        patience: How long to wait.

    Raises:
        SourceError: A page could not be had, or fewer came than the answers told of; those before
            it are not the whole then.
    """
    params = dict(endpoint.params)
    if start is not None and endpoint.start_param:
        params[endpoint.start_param] = start

    def judge(response: Response, *_: object, **__: object) -> None:
        refuse_long_wait(api, endpoint.path, response)

    options: Any = endpoint.paginator.said()
    asking = _ExactClient(api, endpoint, patience)
    with _quiet(), closing(asking.session):
        found = asking.paginate(
            endpoint.path,
            params=params,
            paginator=_ask(api, endpoint, 1, lambda: create_paginator(options)),
            data_selector=endpoint.data_selector,
            hooks={"response": [judge]},
            allow_redirects=False,
        )
        yield from _each_once(api, endpoint, found)
        asking.extent.refuse_part()


def _each_once(
    api: Api, endpoint: Endpoint, found: Iterator[PageData[Record]]
) -> Iterator[list[Record]]:
    """Yields pages, and stops where they would never end."""
    asked: set[str] = set()
    before: list[Record] = []
    for number in range(1, MOST_PAGES + 1):
        page = _ask(api, endpoint, number, lambda: next(found, None))
        if page is None:
            return
        url = str(page.response.request.url)
        if url in asked or (page and page == before):
            raise SourceError(
                f"{api!r} gives page {number:,} of {endpoint.path} twice: does it know the "
                "parameters of `paginator` in feed.yaml?"
            )
        asked.add(url)
        before = list(page)
        yield before
    raise SourceError(
        f"{api!r} gives more than {MOST_PAGES:,} pages of {endpoint.path}: ask for more rows a page"
    )


def _ask(api: Api, endpoint: Endpoint, number: int, question: Callable[[], Answer]) -> Answer:
    """Returns what comes of asking for a page; any error is a sentence without the URL.

    It is raised outside the handler, so that no chained exception carries the URL on.
    """
    try:
        return question()
    except (RequestException, *NOT_AS_SAID) as error:
        fault = _explain(error, api, endpoint, number)
    raise fault


def _explain(error: Exception, api: Api, endpoint: Endpoint, number: int) -> SourceError:
    where = f"page {number:,} of {endpoint.path}"
    if isinstance(error, NoConnection | Timeout) and number == 1:
        return UnreachableError(
            f"{api!r} cannot be reached: is the server running, and are host and port right?"
        )
    if isinstance(error, NoConnection | Timeout | ChunkedEncodingError):
        return SourceError(
            f"{api!r} ended the connection at {where}: nothing of this pull was kept, the next "
            "one begins where this one did"
        )
    if isinstance(error, RequestException):
        return SourceError(f"{api!r} cannot be asked for {where}: is its URL right?")
    return SourceError(
        f"{api!r} does not page as `paginator` of `pull` in feed.yaml says: what it looks for is "
        f"not in {where}"
    )


@contextmanager
def _quiet() -> Generator[None]:
    """Keeps urllib3 from logging hosts, paths and parameters, whatever level somebody has set."""
    logger = logging.getLogger("urllib3")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
