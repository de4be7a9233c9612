"""The table of deliveries: one row per file as it was read.

It is kept from build to build, and only months whose manifest is another one are made anew: a shop
that delivers by the hour has ten thousand files a year.
"""

import json
from collections.abc import Iterable, Mapping

import duckdb

from ecom_assets.duck import insert_rows
from ecom_assets.feeds import Feed
from ecom_assets.file_version import file_version
from ecom_assets.home import Home
from ecom_assets.ingest.manifest import Manifest, manifest_path
from ecom_assets.stores import Store, Stores
from ecom_assets.warehouse.generation import manifests_of

TABLES = """
    create table if not exists staging.raw.deliveries (
        store_id varchar, feed varchar, name varchar, delivered_on date, landed_at timestamp,
        status varchar, message varchar, delivered_rows bigint, quarantined_rows bigint,
        extra_columns integer, extra_column_names varchar, missing_columns varchar,
        lost_columns varchar, fills_orders boolean, required boolean,
        max_rejected_pct decimal(18, 4), read_by varchar
    );
    create table if not exists staging.state.delivered_months (
        store_id varchar, feed varchar, month varchar, inputs varchar
    );
"""
NONE = "[]"

Month = tuple[str, str, str]


def make_deliveries(
    connection: duckdb.DuckDBPyConnection, home: Home, stores: Stores, feeds: Mapping[str, Feed]
) -> None:
    """Brings the table up to date where ``staging`` is attached."""
    connection.execute(TABLES)
    manifests = manifests_of(home, stores)
    wanted = {
        key: _inputs(home, key, stores.stores[key[0]], feeds[key[1]]) for key in sorted(manifests)
    }
    rows = connection.execute("from staging.state.delivered_months").fetchall()
    held: dict[Month, str] = {(store, feed, month): inputs for store, feed, month, inputs in rows}
    stale = [key for key in {*wanted, *held} if wanted.get(key) != held.get(key)]
    if not stale:
        return
    new = {key: manifests[key] for key in sorted(stale) if key in manifests}
    connection.execute("begin transaction")
    connection.execute(
        "create or replace temp table stale (store_id varchar, feed varchar, month varchar)"
    )
    insert_rows(connection, "stale", stale)
    connection.execute(
        """
        delete from staging.raw.deliveries as d using stale as s
        where d.store_id = s.store_id and d.feed = s.feed
            and strftime(d.delivered_on, '%Y-%m') = s.month;
        delete from staging.state.delivered_months as m using stale as s
        where m.store_id = s.store_id and m.feed = s.feed and m.month = s.month;
        """
    )
    insert_rows(connection, "staging.raw.deliveries", _rows(new.values(), stores, feeds))
    insert_rows(connection, "staging.state.delivered_months", [(*key, wanted[key]) for key in new])
    connection.execute("commit")


def feed_limits(store: Store, feed: Feed) -> tuple[bool, float]:
    """Returns (required, max_rejected_pct) of a feed, the store's word before the feed's."""
    options = store.feeds.get(feed.feed)
    required = feed.required if options is None or options.required is None else options.required
    share = options.max_rejected_pct if options else None
    return required, feed.max_rejected_pct if share is None else share


def _inputs(home: Home, month: Month, store: Store, feed: Feed) -> str:
    """Returns all that the rows of a month are made from, as one text."""
    version = file_version(manifest_path(home.manifests, *month))
    return json.dumps(
        [version, *feed_limits(store, feed), _fills_orders(feed), _names_columns(feed)]
    )


def _rows(
    manifests: Iterable[Manifest], stores: Stores, feeds: Mapping[str, Feed]
) -> Iterable[tuple[object, ...]]:
    for manifest in manifests:
        feed = feeds[manifest.feed]
        limits = feed_limits(stores.stores[manifest.store], feed)
        names_columns, fills_orders = _names_columns(feed), _fills_orders(feed)
        for file in manifest.files:
            yield (
                manifest.store,
                manifest.feed,
                file.name,
                file.delivered_on,
                file.landed_at.replace(tzinfo=None),
                file.status,
                file.message,
                file.rows,
                file.quarantined,
                len(file.extra_columns),
                _listed(file.extra_columns),
                _listed(file.missing_columns) if names_columns else NONE,
                _listed(file.lost_columns),
                fills_orders,
                *limits,
                file.read_by,
            )


def _listed(names: tuple[str, ...]) -> str:
    return json.dumps(names) if names else NONE  # most files have none of these


def _fills_orders(feed: Feed) -> bool:
    return "raw_orders" in feed.sql


def _names_columns(feed: Feed) -> bool:
    """Whether its files name their columns.

    Records of an API do not: a member is no column of theirs before one of them has it.
    """
    return not (feed.pull and feed.pull.rest)
