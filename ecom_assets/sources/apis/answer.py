"""What an answer of a REST API holds: a page of records, or nothing that can be used.

Nothing of an answer that is no page is shown: what a server says of a request may repeat its URL.
"""

import time
from email.utils import parsedate_to_datetime
from typing import Any

from dlt.common import jsonpath
from jsonpath_ng.exceptions import JSONPathError
from requests import Response

from ecom_assets.errors import SourceError
from ecom_assets.exact_json import JsonError, parse
from ecom_assets.sources.apis.api import Api

Record = dict[str, Any]

OK = 200
LONGEST_WAIT_SECONDS = 60  # that a server may ask for; longer ones are for the next pull
MOVED = range(300, 400)
SERVER_FAULTS = range(500, 600)
REFUSED, NOT_FOUND, TOO_MANY = (401, 403), (404, 410), 429


def content_of(api: Api, path: str, response: Response) -> Any:
    """Returns what an answer says, its numbers as they are written.

    Args:
        api: Who answered.
        path: The endpoint that was asked.
        response: The answer.

    Raises:
        SourceError: It is an error, or no JSON.
    """
    if response.status_code != OK:
        raise SourceError(f"{api!r} {_meaning(api, path, response.status_code)}")
    try:
        return parse(response.content)
    except JsonError as error:
        raise SourceError(
            f"{api!r} answers for {path} with what {error}: is its URL that of an API?"
        ) from None


def records_of(api: Api, path: str, selector: str, content: Any) -> list[Record]:
    """Returns the records of a page.

    Args:
        api: Who answered.
        path: The endpoint that was asked.
        selector: JSON path of the list of records.
        content: What the answer says.

    Raises:
        SourceError: It has no list of objects there; also where that is null.
    """
    try:
        found: list[Any] = jsonpath.find_values(selector, content)
    except JSONPathError:
        raise SourceError(
            f"`data_selector` of `pull` in feed.yaml is no JSON path: {selector}"
        ) from None
    if len(found) != 1 or not isinstance(found[0], list):
        raise SourceError(
            f"{api!r} answers for {path} without a list at `{selector}`: see `data_selector` of "
            "`pull` in feed.yaml"
        )
    records: list[Any] = found[0]
    if not all(isinstance(record, dict) for record in records):
        raise SourceError(
            f"{api!r} answers for {path} with a list at `{selector}` that holds other things than "
            "objects: see `data_selector` of `pull` in feed.yaml"
        )
    return records


def _meaning(api: Api, path: str, status: int) -> str:
    if status in REFUSED:
        secret = api.secret_variable or f"user and password in {api.variable}"
        return f"refuses who asks ({status}): is {secret} right, and may it read {path}?"
    if status in NOT_FOUND:
        return f"has no {path} ({status}): see `path` of `pull` in feed.yaml, and {api.variable}"
    if status == TOO_MANY:
        return f"allows no more requests for {path} now ({status}): the next pull goes on"
    if status in MOVED:
        return f"has moved ({status}): put the address where it is now into {api.variable}"
    if status in SERVER_FAULTS:
        return f"has an error of its own for {path} ({status}), also when asked again: pull later"
    return f"does not take the request for {path} ({status}): see `pull` in feed.yaml"


def refuse_long_wait(api: Api, path: str, response: Response) -> None:
    """Stops where a server asks to wait longer than a pull may.

    Raises:
        SourceError: It does; asking earlier would only make it wait longer.
    """
    if response.status_code != TOO_MANY and response.status_code not in SERVER_FAULTS:
        return
    wait = _seconds(response.headers.get("Retry-After", "").strip())
    if wait > LONGEST_WAIT_SECONDS:
        raise SourceError(
            f"{api!r} asks to wait {wait:,} seconds before it is asked for {path} again "
            f"({response.status_code}): pull later"
        )


def _seconds(wait: str) -> int:
    """Returns how many seconds from now a header names, as a number or as a date."""
    if wait.isdecimal():
        return int(wait[:9])
    try:
        moment = parsedate_to_datetime(wait)
    except ValueError:
        return 0
    return int(moment.timestamp() - time.time())
