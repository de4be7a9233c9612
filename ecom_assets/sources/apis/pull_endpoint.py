"""Pulling one feed from an endpoint of a REST API: all pages of a window, or nothing."""

from datetime import datetime

import duckdb

from ecom_assets.duck import scratch_connection, scratch_folder
from ecom_assets.errors import SourceError
from ecom_assets.feeds import Feed, Pull
from ecom_assets.home import Home
from ecom_assets.sources.apis.api import Api
from ecom_assets.sources.apis.api_client import PATIENCE, Patience, pages
from ecom_assets.sources.apis.records import Spool, read_spool, spool
from ecom_assets.sources.columns import columns_fault
from ecom_assets.sources.delivery import Read, deliver
from ecom_assets.sources.handing_over import Delivered
from ecom_assets.sources.landed import Landed, next_moment, next_window, read_landed
from ecom_assets.sources.retyped import retyped_fault
from ecom_assets.sources.window import Window


def pull_endpoint(
    home: Home,
    api: Api,
    target: tuple[str, Feed],
    now: datetime,
    patience: Patience = PATIENCE,
) -> Delivered | None:
    """Delivers what an endpoint has that has not landed.

    Every row that has landed is compared: what an API takes as the start of a window is its own
    affair, and rows from before it must not be delivered again.

    Args:
        home: The home; the caller holds its writer lock.
        api: Whose endpoint it is.
        target: Store id and feed, which says what is pulled.
        now: The present, UTC.
        patience: How long to wait for the API.

    Returns:
        The file, or None where nothing is new.

    Raises:
        SourceError: The API cannot be read, or not as the feed says.
    """
    store, feed = target
    pull = feed.pull
    if pull is None or pull.rest is None:
        return None
    with scratch_connection(home) as connection, scratch_folder(home) as scratch:
        connection.execute("set TimeZone = 'UTC'")
        landed = read_landed(connection, home, store, feed.feed)
        moment = next_moment(landed, now)
        window = next_window(landed, pull)
        spooled = spool(pages(api, pull.rest, start_of(window, pull), patience), scratch / "lines")
        if not spooled.rows:
            return None
        columns = _take_in(connection, api, (feed, pull), spooled, landed)
        read = Read("rest", pull, columns, window.start)
        return deliver(connection, read, landed, home.feed_inbox(store, feed.feed), moment)


def start_of(window: Window, pull: Pull) -> str | None:
    """Returns where a window begins as the API takes it, None for everything."""
    if window.start is None or pull.rest is None or pull.rest.start_param is None:
        return None
    if not isinstance(window.start, datetime):
        return f"{window.start:f}"
    if pull.rest.start_format:
        return window.start.strftime(pull.rest.start_format)
    return f"{window.start.isoformat()}Z"


def _take_in(
    connection: duckdb.DuckDBPyConnection,
    api: Api,
    how: tuple[Feed, Pull],
    spooled: Spool,
    landed: Landed,
) -> dict[str, str]:
    """Makes ``pulled`` of the records and returns its columns."""
    feed, pull = how
    columns = spooled.columns({*feed.known_headers, *pull.key, str(pull.watermark)})
    fault = columns_fault(list(columns), feed, pull)
    if not fault:
        read_spool(connection, spooled, columns)
        fault = retyped_fault(connection, feed, pull, columns, landed.columns)
    if fault:
        raise SourceError(f"{api!r} {fault}")
    return columns
