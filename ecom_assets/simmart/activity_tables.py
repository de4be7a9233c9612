"""What goes on beside the orders: stock, advertising, visits."""

import numpy as np
import polars as pl

from ecom_assets.simmart import marketing
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import (
    DAY,
    HOUR,
    campaign_ids,
    customer_ids,
    ids,
    instant_texts,
    instants,
    money,
    named,
    order_ids,
    skus,
    where,
)
from ecom_assets.simmart.demand import DEVICES
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.stock import WAREHOUSES, counts
from ecom_assets.simmart.web import KINDS, VIEW

PAGES = ("/", "/p/", "/cart", "/cart", "/checkout", "/thanks")


def inventory_movements(shop: Shop) -> pl.DataFrame:
    """What went into and out of the warehouses, one row per product, day and kind."""
    w, plan = shop.walked, shop.plan
    morning, evening, night = 5 * 3600, 23 * 3600, np.diff(plan.midnights)
    parts: list[pl.DataFrame] = []
    for kind, pieces, until in (
        ("receipt", w.received, np.full(plan.days, morning)),
        ("sale", -w.sold, np.full(plan.days, evening)),
        ("adjustment", w.adjusted, night),
    ):
        day, product = np.nonzero(pieces)
        parts.append(
            pl.DataFrame(
                {
                    DAY: day,
                    "product": product,
                    "kind": named([kind], np.zeros_like(day)),
                    "quantity": pieces[day, product],
                    "moved_at": instants(plan.midnights[day] + until[day] - 1),
                }
            )
        )
    rows = pl.concat(parts).sort(DAY, "moved_at", "product", "kind")
    product, day = rows["product"].to_numpy(), rows[DAY].to_numpy()
    return rows.select(
        DAY,
        (
            pl.Series(ids("M", product + 1))
            + "-"
            + pl.Series(day).cast(pl.String)
            + "-"
            + rows["kind"]
        ).alias("movement_id"),
        pl.Series("sku", skus(product)),
        _warehouses(shop, product).alias("warehouse"),
        "kind",
        "quantity",
        "moved_at",
    )


def inventory_counts(shop: Shop) -> pl.DataFrame:
    """What was found of a part of the products in the warehouses once a week, after closing."""
    closing = shop.walked.closing
    day, product = counts(shop.plan, closing.shape[1])
    return pl.DataFrame(
        {
            DAY: day,
            "sku": skus(product),
            "warehouse": _warehouses(shop, product),
            "counted_on": np.datetime64(shop.plan.start) + day,
            "quantity": closing[day, product],
        }
    )


def stock_levels(shop: Shop) -> pl.DataFrame:
    """What there was of each product in the evening of each day on which it moved or was counted.

    One row per product and day: ``stock_on``, ``product_id``, ``warehouse_id``, the pieces
    ``received``, ``sold`` and ``adjusted`` that day, those ``closing`` it, and ``is_counted``.
    """
    w = shop.walked
    is_counted = np.zeros(w.closing.shape, dtype=bool)
    is_counted[counts(shop.plan, w.closing.shape[1])] = True
    day, product = np.nonzero((w.received != 0) | (w.sold != 0) | (w.adjusted != 0) | is_counted)
    return pl.DataFrame(
        {
            "stock_on": np.datetime64(shop.plan.start) + day,
            "product_id": skus(product),
            "warehouse_id": _warehouses(shop, product),
            "received": w.received[day, product],
            "sold": w.sold[day, product],
            "adjusted": w.adjusted[day, product],
            "closing": w.closing[day, product],
            "is_counted": is_counted[day, product],
        }
    )


def _warehouses(shop: Shop, products: Ints) -> pl.Series:
    """Returns the warehouse in which each product lies."""
    return named(WAREHOUSES, shop.plan.chance.whole("warehouse", 0, 1, products))


def campaign_spend(shop: Shop) -> pl.DataFrame:
    """What every running campaign cost each day."""
    m = shop.marketing
    which, day = m.spend_rows
    return pl.DataFrame(
        {
            DAY: day,
            "campaign_id": campaign_ids(which),
            "spend_on": np.datetime64(shop.plan.start) + day,
            "impressions": m.impressions(which, day),
            "clicks": m.clicks(which, day),
            "spend": money(shop, m.spend(which, day)),
        }
    ).sort(DAY, "campaign_id")


def events(shop: Shop) -> pl.DataFrame:
    """What the pages recorded, for one file an hour."""
    web, plan = shop.web, shop.plan
    s, e = web.sessions, web.events
    session = e.session
    day = s.day[session]
    campaign = s.campaign[session]
    channel = shop.marketing.channel[np.maximum(campaign, 0)]
    product = skus(e.product)
    return pl.DataFrame(
        {
            DAY: day,
            HOUR: (e.at - plan.midnights[day]) // 3600,
            "event_id": ids("E", plan.chance.bits("event", s.ids[session], e.number)),
            "occurred_at": instant_texts(e.at),
            "visitor_id": ids("V", web.visitor[session]),
            "customer_id": customer_ids(s.customer[session]),
            "kind": named(KINDS, e.kind),
            "sku": product,
            "order_id": where(e.order >= 0, order_ids(e.order)),
            "url": _urls(e.kind, product),
            "utm_source": where(campaign >= 0, named(marketing.CHANNELS, channel)),
            "utm_medium": where(campaign >= 0, named(["paid"], np.zeros_like(session))),
            "utm_campaign": campaign_ids(campaign),
            "device": named(DEVICES, web.device[session]),
        }
    ).sort(DAY, HOUR, maintain_order=True)


def _urls(kinds: Ints, products: pl.Series) -> pl.Series:
    """Returns the address of each event's page."""
    both = pl.DataFrame({"kind": kinds, "product": products})
    page = pl.col("kind").replace_strict(dict(enumerate(PAGES)), return_dtype=pl.String)
    product = pl.when(pl.col("kind") == VIEW).then("product").otherwise(pl.lit(""))
    return both.select(pl.concat_str(page, product)).to_series()
