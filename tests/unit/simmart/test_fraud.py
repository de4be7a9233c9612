"""Labelled fraud: it lies in the delivered tables, and hardly anything else looks like it."""

from datetime import date, timedelta

import polars as pl
import pytest

from ecom_assets.simmart.fraud import KINDS
from ecom_assets.simmart.fraud_labels import fraud_labels
from ecom_assets.simmart.order_tables import orders, payments, refunds
from ecom_assets.simmart.plan import plan_store
from ecom_assets.simmart.shop import Shop

MINUTES = timedelta(minutes=1)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(plan_store(0, 7, "demo", (date(2026, 3, 1), date(2026, 5, 29))))


@pytest.fixture(scope="module")
def labels(shop: Shop) -> pl.DataFrame:
    return fraud_labels(shop)


@pytest.fixture(scope="module")
def placed(shop: Shop) -> pl.DataFrame:
    return orders(shop).filter(pl.col("status") == "paid")


def incidents(labels: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The incidents of a kind, each with what is labelled of it."""
    return (
        labels.filter(pl.col("kind") == kind)
        .group_by("incident_id")
        .agg(
            pl.len(),
            pl.col("order_id", "customer_id", "card", "ip_address", "device")
            .drop_nulls()
            .n_unique(),
            (pl.col("ended_at") - pl.col("started_at")).first().alias("lasted"),
        )
    )


def test_each_kind_happens_again_and_again(labels: pl.DataFrame) -> None:
    found = labels.group_by("kind").agg(pl.col("incident_id").n_unique())
    assert set(found["kind"]) == set(KINDS)
    assert found["incident_id"].min() >= 20  # type: ignore[operator]


def test_what_is_labelled_is_delivered(
    shop: Shop, labels: pl.DataFrame, placed: pl.DataFrame
) -> None:
    assert set(labels["order_id"]) <= set(placed["order_id"])
    assert set(labels["payment_id"].drop_nulls()) <= set(payments(shop)["payment_id"])
    assert set(labels["refund_id"].drop_nulls()) <= set(refunds(shop)["refund_id"])
    same = labels.filter(pl.col("kind") != "refund_abuse").join(
        placed, on=["order_id", "ip_address", "device"]
    )
    assert same.height == labels.filter(pl.col("kind") != "refund_abuse").height


def test_few_cards_are_declined_dozens_of_times_within_minutes(
    shop: Shop, labels: pl.DataFrame
) -> None:
    found = incidents(labels, "card_testing")
    assert found["len"].is_between(12, 40).all()
    assert (found["order_id"] == 1).all()
    assert found["card"].is_between(2, 4).all()
    assert (found["lasted"] < 20 * MINUTES).all()
    declined = payments(shop).filter(pl.col("status") == "declined")
    many = declined.group_by("order_id").len().filter(pl.col("len") > 2)
    tested = labels.filter(pl.col("kind") == "card_testing")["order_id"]
    assert set(many["order_id"]) == set(tested)


def test_one_customer_orders_much_in_short_time_with_one_card(labels: pl.DataFrame) -> None:
    found = incidents(labels, "velocity")
    assert found["len"].median() >= 8  # type: ignore[operator]
    assert (found["customer_id"] <= 1).all()
    assert (found["card"] == 1).all()
    assert (found["lasted"] <= 30 * MINUTES).all()


def test_only_velocity_is_as_fast(labels: pl.DataFrame, placed: pl.DataFrame) -> None:
    fast = (
        placed.sort("ordered_at")
        .with_columns(
            pl.col("ordered_at").diff(4).over("ip_address").alias("for_five"),
            pl.col("customer_id").n_unique().over("ip_address").alias("accounts"),
        )
        .filter((pl.col("for_five") < 20 * MINUTES) & (pl.col("accounts") == 1))
    )
    labelled = labels.filter(pl.col("kind") == "velocity")["order_id"]
    assert fast.height > 100
    assert set(fast["order_id"]) <= set(labelled)


def test_several_accounts_ship_to_one_address(labels: pl.DataFrame, placed: pl.DataFrame) -> None:
    ring = labels.filter(pl.col("kind") == "address_ring").join(placed, on="order_id")
    found = ring.group_by("incident_id").agg(
        pl.len(), pl.col("customer_id", "ship_city", "ip_address").drop_nulls().n_unique()
    )
    whole = found.filter(pl.col("len") >= 4)
    assert whole.height > found.height // 2
    assert (whole["customer_id"] >= 3).all()
    assert (found["ship_city"] == 1).all()
    assert (found["ip_address"] == 1).all()


def test_an_account_is_used_from_abroad_with_a_card_it_never_had(
    shop: Shop, labels: pl.DataFrame, placed: pl.DataFrame
) -> None:
    taken = labels.filter(pl.col("kind") == "account_takeover")
    used = taken.join(placed.select("order_id", "ordered_at", "ship_country"), on="order_id")
    assert (used["ship_country"] != shop.plan.market.country).all()
    paid = payments(shop).join(placed, on="order_id")
    earlier = used.join(paid, on="customer_id", suffix="_before").filter(
        pl.col("ordered_at_before") < pl.col("started_at")
    )
    assert set(earlier["customer_id"]) == set(used["customer_id"])
    assert (earlier["ip_address"] != earlier["ip_address_before"]).all()
    cards = earlier.drop_nulls("card_before")
    assert cards.height > 100
    assert (cards["card"] != cards["card_before"]).all()


def test_abusers_give_far_more_back_than_others(
    shop: Shop, labels: pl.DataFrame, placed: pl.DataFrame
) -> None:
    abusers = set(labels.filter(pl.col("kind") == "refund_abuse")["customer_id"])
    given_back = placed.with_columns(
        pl.col("order_id").is_in(refunds(shop)["order_id"].implode()).alias("is_refunded"),
        pl.col("customer_id").is_in(abusers).fill_null(value=False).alias("is_abuser"),
    )
    share = dict(given_back.group_by("is_abuser").agg(pl.col("is_refunded").mean()).rows())
    assert share[True] > 0.5
    assert share[False] < 0.08
