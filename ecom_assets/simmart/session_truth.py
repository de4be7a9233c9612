"""The sessions of a store's visitors, from what the shop knows of each visit.

The shop makes visits whole; nothing here looks at an event's neighbours. Two visits of a known
customer without half an hour between them are one session, as any tracking would see them.
"""

import numpy as np
import polars as pl

from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import campaign_ids, customer_ids, ids, instants, named, order_ids
from ecom_assets.simmart.demand import DEVICES
from ecom_assets.simmart.marketing import CHANNELS
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.web import ADD, CHECKOUT, PAGE, PURCHASE, VIEW

LONGEST_GAP = 30 * 60  # seconds without an event, after which a visitor's session is over


def session_truth(shop: Shop) -> pl.DataFrame:
    """Returns one row per session: who, when, how far, which orders' first, and what led there.

    Instants are UTC; ``cart_at`` is the first add_to_cart, ``purchased_at`` the last purchase.
    """
    visits = _visits(shop).sort("visitor", "started", "at", "id")
    ended = pl.col("ended").cum_max().shift().over("visitor")
    visits = visits.with_columns(
        (pl.col("started") - ended > LONGEST_GAP).fill_null(value=True).cum_sum().alias("session")
    )
    tagged = pl.col("campaign") >= 0
    found = visits.group_by("session", maintain_order=True).agg(
        pl.col("visitor", "customer", "device").first(),
        pl.col("started").min(),
        pl.col("ended").max(),
        pl.col("events", "page_views", "product_views").sum(),
        *((pl.col(kind) > 0).any().alias(f"has_{step}") for kind, step in _STEPS.items()),
        pl.col("cart").min(),
        pl.col("bought").max(),
        pl.col("order").sort_by("bought").drop_nulls().first(),
        pl.col("campaign", "channel").filter(tagged).first().fill_null(-1),
    )
    return _told(found)


_STEPS = {
    "product_views": "product_view",
    "adds": "cart",
    "checkouts": "checkout",
    "purchases": "purchase",
}


def _visits(shop: Shop) -> pl.DataFrame:
    """Returns the visits as the shop made them, with what each did."""
    s, e = shop.web.sessions, shop.web.events
    count = len(s.ids)

    def done(kind: int) -> Ints:
        return np.bincount(e.session[e.kind == kind], minlength=count)

    # events are in the order of time: the last one written for a visit wins
    ended, started, cart = s.at.copy(), s.at.copy(), np.full(count, -1, dtype=np.int64)
    ended[e.session] = e.at
    started[e.session[::-1]] = e.at[::-1]
    adds = np.flatnonzero(e.kind == ADD)[::-1]
    cart[e.session[adds]] = e.at[adds]
    channel = shop.marketing.channel[np.maximum(s.campaign, 0)]
    return pl.DataFrame(
        {
            "visitor": shop.web.visitor,
            "id": s.ids,
            "customer": s.customer,
            "device": named(DEVICES, shop.web.device),
            "at": s.at,
            "started": started,
            "ended": ended,
            "events": np.bincount(e.session, minlength=count),
            "page_views": done(PAGE),
            "product_views": done(VIEW),
            "adds": done(ADD),
            "checkouts": done(CHECKOUT),
            "purchases": done(PURCHASE),
            "cart": cart,
            "bought": np.where(s.order >= 0, ended, -1),
            "order": s.order,
            "campaign": s.campaign,
            "channel": channel,
        }
    ).with_columns(
        pl.when(pl.col(name) >= 0).then(name).alias(name) for name in ("cart", "bought", "order")
    )


def _told(found: pl.DataFrame) -> pl.DataFrame:
    """Returns the sessions with values as they are delivered."""

    def numbers(name: str) -> Ints:
        return found[name].fill_null(-1).to_numpy()

    def at(name: str) -> pl.Series:
        known = pl.DataFrame(
            {"at": instants(found[name].fill_null(0).to_numpy()), "is": found[name]}
        )
        return known.select(pl.when(pl.col("is").is_not_null()).then("at")).to_series()

    return found.select(
        ids("V", found["visitor"].to_numpy()).alias("visitor_id"),
        customer_ids(numbers("customer")).alias("customer_id"),
        at("started").alias("started_at"),
        at("ended").alias("ended_at"),
        pl.col("events", "page_views", "product_views"),
        pl.col("has_product_view", "has_cart", "has_checkout", "has_purchase"),
        at("cart").alias("cart_at"),
        at("bought").alias("purchased_at"),
        pl.when(found["order"].is_not_null()).then(order_ids(numbers("order"))).alias("order_id"),
        "device",
        pl.when(pl.col("campaign") >= 0)
        .then(named(CHANNELS, np.maximum(numbers("channel"), 0)))
        .alias("channel"),
        campaign_ids(numbers("campaign")).alias("campaign_id"),
    )
