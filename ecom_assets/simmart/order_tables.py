"""Orders and what follows them, as the shop tells of them."""

import numpy as np
import polars as pl

from ecom_assets.simmart import aftermath, people
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import (
    DAY,
    campaign_ids,
    customer_ids,
    instant_texts,
    instants,
    is_told,
    money,
    named,
    order_ids,
    parts_of,
    payment_ids,
    refund_ids,
    skus,
    where,
)
from ecom_assets.simmart.demand import CHANNELS, DEVICES
from ecom_assets.simmart.money import COUPONS
from ecom_assets.simmart.payment_attempts import CARD
from ecom_assets.simmart.shop import Shop


def orders(shop: Shop) -> pl.DataFrame:
    """The heads of all orders when they were placed, and again when they were cancelled."""
    d, m, a = shop.demand, shop.money, shop.aftermath
    cancelled = np.flatnonzero(is_told(shop, a.cancelled_at))
    which = np.concatenate([d.positions, cancelled])
    at = np.concatenate([d.ordered_at, a.cancelled_at[cancelled]])
    is_cancelled = np.arange(len(which)) >= len(d.positions)
    place = people.places()[d.place[which]]
    coupon, campaign = m.coupon[which], shop.marketing.of_order[which]
    connection = d.fraud.connection[which]
    return pl.DataFrame(
        {
            DAY: shop.plan.day_of(at),
            "order_id": order_ids(which),
            "customer_id": customer_ids(d.customer[which]),
            "ordered_at": instants(d.ordered_at[which]),
            "status": named(["paid", "cancelled"], is_cancelled.astype(np.int64)),
            "channel": named(CHANNELS, d.channel[which]),
            "campaign_id": campaign_ids(campaign),
            "coupon_code": where(coupon >= 0, named(COUPONS, np.maximum(coupon, 0))),
            "ship_country": place["country"],
            "ship_region": place["region"],
            "ship_city": place["city"],
            "ip_address": ip_addresses(shop, connection),
            "device": devices(shop, connection),
            "shipping": money(shop, m.shipping[which]),
            "discount": money(shop, m.order_discount[which]),
            "is_test": d.is_test[which].astype(np.int64),
            "updated_at": instants(at),
        }
    ).sort(DAY, "updated_at", "order_id")


def order_items(shop: Shop) -> pl.DataFrame:
    """The lines of all orders."""
    b, m = shop.baskets, shop.money
    return pl.DataFrame(
        {
            DAY: b.day,
            "order_id": order_ids(b.order),
            "line_number": b.line_number,
            "sku": skus(shop.walked.product),
            "quantity": b.quantity,
            "unit_price": money(shop, m.price),
            "discount": money(shop, m.line_discount),
            "tax": money(shop, m.tax),
        }
    )


def payments(shop: Shop) -> pl.DataFrame:
    """Every attempt to pay."""
    p, d = shop.attempts, shop.demand
    return (
        pl.DataFrame(
            {
                DAY: shop.plan.day_of(p.at),
                "payment_id": payment_ids(p.order, p.number),
                "order_id": order_ids(p.order),
                "method": named(aftermath.METHODS, p.method),
                "provider": named(aftermath.PROVIDERS, p.method),
                "amount": money(shop, p.amount),
                "status": named(["captured", "declined"], p.is_declined.astype(np.int64)),
                "card": where(p.method == CARD, pl.Series(p.card).cast(pl.String)),
                "card_country": people.places()["country"][d.place[p.order]],
                "paid_at": instant_texts(p.at),
            }
        )
        .filter(pl.col(DAY) < shop.plan.days)
        .sort(DAY, "paid_at", "payment_id")
    )


def refunds(shop: Shop) -> pl.DataFrame:
    """The lines that were given back."""
    a, b = shop.aftermath, shop.baskets
    lines = a.refunded_lines
    order = b.order[lines]
    at = a.refunded_at[order]
    reason = shop.plan.chance.pick("reason", aftermath.REASON_WEIGHTS, order)
    return (
        pl.DataFrame(
            {
                DAY: shop.plan.day_of(at),
                "refund_id": refund_ids(order),
                "line": b.line_number[lines],
                "order_id": order_ids(order),
                "sku": skus(shop.walked.product[lines]),
                "quantity": a.refunded_quantity,
                "amount": money(shop, a.refunded_amount),
                "tax": money(shop, a.refunded_tax),
                "restocked": a.is_restocked,
                "reason": named(aftermath.REASONS, reason),
                "refunded_at": instant_texts(at),
            }
        )
        .filter(pl.col(DAY) < shop.plan.days)
        .sort(DAY, "refunded_at", "refund_id", "line")
    )


def shipments(shop: Shop) -> pl.DataFrame:
    """The parcels that have arrived, told on the day of arrival."""
    d, a, chance = shop.demand, shop.aftermath, shop.plan.chance
    sent = d.positions[(a.cancelled_at == 0) & ~d.is_test]
    twice = sent[chance.happens("two parcels", aftermath.TWO_PARCELS, sent)]
    order = np.concatenate([sent, twice])
    parcel = np.repeat([1, 2], [len(sent), len(twice)])
    later = np.where(parcel > 1, chance.whole("second parcel", 3600, 3 * 86_400, order), 0)
    at = a.arrived_at[order] + later
    promised = np.datetime64(shop.plan.start) + d.day[order] + 5
    return (
        pl.DataFrame(
            {
                DAY: shop.plan.day_of(at),
                "shipment_id": parts_of(order_ids(order, "S"), parcel),
                "order_id": order_ids(order),
                "carrier": named(
                    aftermath.CARRIERS, chance.pick("carrier", (45, 20, 20, 15), order)
                ),
                "promised_on": promised,
                "shipped_at": instants(a.shipped_at[order]),
                "delivered_at": instants(at),
            }
        )
        .filter(pl.col(DAY) < shop.plan.days)
        .sort(DAY, "delivered_at", "shipment_id")
    )


def ip_addresses(shop: Shop, connections: Ints) -> pl.Series:
    """Returns private IPv4 addresses, nearly always another one for each connection."""
    numbers = shop.plan.chance.whole("address", 0, (1 << 24) - 1, connections)
    parts = pl.DataFrame({"a": numbers >> 16 & 255, "b": numbers >> 8 & 255, "c": numbers & 255})
    return parts.select(pl.concat_str(pl.lit("10"), "a", "b", "c", separator=".")).to_series()


def devices(shop: Shop, connections: Ints) -> pl.Series:
    """Returns the devices behind connections: what they are and which."""
    what = named(DEVICES, shop.plan.chance.pick("device", (55, 38, 7), connections))
    which = shop.plan.chance.whole("device number", 0, (1 << 40) - 1, connections)
    return parts_of(what, which)
