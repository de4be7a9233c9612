"""Who the culprits are: the labels of the fraud that has been delivered, for whoever looks for it.

One row per payment, order or refund that belongs to it. The labels lie beside the inbox, where
no load looks.
"""

import numpy as np
import polars as pl

from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import (
    customer_ids,
    ids,
    instants,
    is_told,
    named,
    order_ids,
    payment_ids,
    refund_ids,
    where,
)
from ecom_assets.simmart.fraud import CARD_TESTING, INCIDENT_KINDS, KINDS, REFUND_ABUSE
from ecom_assets.simmart.order_tables import devices, ip_addresses
from ecom_assets.simmart.payment_attempts import CAPTURE, CARD
from ecom_assets.simmart.shop import Shop

FEWEST_REFUNDS = 3  # a customer with fewer has not given far more back than others, yet


def fraud_labels(shop: Shop) -> pl.DataFrame:
    """Returns the labels, by kind and incident, with the window of each incident."""
    rows = pl.concat([_tests_of_cards(shop), _orders(shop), _refunds(shop)])
    window = pl.col("occurred_at")
    return (
        rows.with_columns(
            window.min().over("incident_id").alias("started_at"),
            window.max().over("incident_id").alias("ended_at"),
        )
        .sort("kind", "incident_id", "occurred_at", "order_id", "payment_id")
        .select(pl.exclude("occurred_at"), "occurred_at")
    )


def _tests_of_cards(shop: Shop) -> pl.DataFrame:
    p = shop.attempts
    told = np.flatnonzero(p.is_test & is_told(shop, p.at))
    order = p.order[told]
    return _labels(
        shop, order, p.at[told], payment_id=payment_ids(order, p.number[told]), card=p.card[told]
    )


def _orders(shop: Shop) -> pl.DataFrame:
    """The orders of incidents other than tests of cards, with the payment behind each."""
    d, p = shop.demand, shop.attempts
    order = np.flatnonzero((d.fraud.kind >= 0) & (d.fraud.kind != CARD_TESTING))
    is_paid = is_told(shop, p.at[order])
    paid = where(is_paid, payment_ids(order, np.full(len(order), CAPTURE)))
    card = where(is_paid & (p.method[order] == CARD), p.card[order])
    return _labels(shop, order, d.ordered_at[order], payment_id=paid, card=card)


def _refunds(shop: Shop) -> pl.DataFrame:
    a, d = shop.aftermath, shop.demand
    order = np.flatnonzero(d.fraud.is_abuse & is_told(shop, a.refunded_at))
    refunds = np.bincount(d.customer[order], minlength=len(shop.people.positions))
    order = order[refunds[d.customer[order]] >= FEWEST_REFUNDS]
    return _labels(shop, order, a.refunded_at[order], refund_id=refund_ids(order))


def _labels(shop: Shop, order: Ints, at: Ints, **known: pl.Series | np.ndarray) -> pl.DataFrame:
    """Returns labels of orders, or of what belongs to them."""
    d = shop.demand
    incident, customer = d.fraud.incident[order], d.customer[order]
    kind = np.where(incident >= 0, incident % INCIDENT_KINDS, REFUND_ABUSE)
    number = np.where(incident >= 0, incident, customer)
    connection = d.fraud.connection[order]
    nothing = pl.Series([None] * len(order), dtype=pl.String)
    return pl.DataFrame(
        {
            "kind": named(KINDS, kind),
            "incident_id": named(KINDS, kind) + ids("-", number),
            "customer_id": customer_ids(customer),
            "order_id": order_ids(order),
            "payment_id": known.get("payment_id", nothing),
            "refund_id": known.get("refund_id", nothing),
            "card": pl.Series(known.get("card", nothing)).cast(pl.String),
            "ip_address": ip_addresses(shop, connection),
            "device": devices(shop, connection),
            "occurred_at": instants(at),
        }
    )
