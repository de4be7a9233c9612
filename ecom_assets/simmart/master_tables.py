"""Customers, products, campaigns and rates as the shop tells of them."""

import numpy as np
import polars as pl

from ecom_assets.simmart import catalogue, marketing, people
from ecom_assets.simmart.catalogue import CATEGORIES
from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.columns import (
    DAY,
    campaign_ids,
    customer_ids,
    instants,
    money,
    named,
    skus,
)
from ecom_assets.simmart.people import MAIL, MOVE, PROMOTION
from ecom_assets.simmart.shop import Shop


def customers(shop: Shop) -> pl.DataFrame:
    """All customers as they are on the first day or sign up as, and every change of one later."""
    p, plan = shop.people, shop.plan
    signups = pl.DataFrame(
        {
            DAY: np.maximum(p.signup_day, 0),
            "who": p.positions,
            "done": np.zeros_like(p.positions),
            "at": p.signed_up_at,
        }
    )
    who, number = np.nonzero(p.change_day < plan.days)
    day = p.change_day[who, number]
    second = 7 * 3600 + shop.plan.chance.whole("change second", 0, 10 * 3600, who, number)
    changes = pl.DataFrame(
        {DAY: day, "who": who, "done": number + 1, "at": plan.midnights[day] + second}
    )
    rows = pl.concat([signups, changes]).sort(DAY, "at", "who")
    return _customer_rows(shop, rows)


def _customer_rows(shop: Shop, rows: pl.DataFrame) -> pl.DataFrame:
    p, chance = shop.people, shop.plan.chance
    who, done = rows["who"].to_numpy(), rows["done"].to_numpy()

    def happened(kind: int) -> Ints:
        counted = np.cumsum(p.change_kind == kind, axis=1)
        return np.where(done > 0, counted[who, np.maximum(done, 1) - 1], 0)

    moves, promotions, mails = happened(MOVE), happened(PROMOTION), happened(MAIL)
    gone, back = happened(people.GONE), happened(people.BACK)
    place = people.places()[p.place(who, moves)]
    first = named(people.names()["first"], chance.whole("first name", 0, 59, who))
    last = named(people.names()["last"], chance.whole("last name", 0, 79, who))
    birth = np.datetime64("1945-01-01") + chance.whole("birth", 0, 365 * 60, who)
    tier = np.minimum(chance.pick("tier", (70, 20, 8, 2), who) + promotions, 3)
    has_birth, has_phone = (chance.happens(what, 0.6, who) for what in ("has birth", "has phone"))
    return pl.DataFrame(
        {
            DAY: rows[DAY],
            "customer_id": customer_ids(who),
            "first": first,
            "last": last,
            "number": who,
            "phone": pl.Series(chance.whole("phone", 10_000_000, 99_999_999, who)).cast(pl.String),
            "birth_on": birth,
            "country": place["country"],
            "region": place["region"],
            "city": place["city"],
            "postal_code": pl.Series(place["postal"])
            + pl.Series(chance.whole("postal", 10, 99, who, moves)).cast(pl.String),
            "segment": named(people.SEGMENTS, chance.pick("segment", (72, 20, 8), who)),
            "tier": named(people.TIERS, tier),
            "marketing_opt_in": (chance.happens("mail", 0.55, who).astype(np.int64) + mails) % 2,
            "created_at": instants(p.signed_up_at[who]),
            "updated_at": instants(rows["at"].to_numpy()),
            "is_deleted": (gone > back).astype(np.int64),
            "has_birth": has_birth,
            "has_phone": has_phone,
        }
    ).select(
        DAY,
        "customer_id",
        pl.concat_str(
            pl.col("first").str.to_lowercase(),
            pl.lit("."),
            pl.col("last").str.to_lowercase(),
            pl.col("number").cast(pl.String),
            pl.lit("@example.org"),
        ).alias("email"),
        pl.concat_str("first", "last", separator=" ").alias("full_name"),
        pl.when("has_phone").then("phone").alias("phone"),
        pl.when("has_birth").then("birth_on").alias("birth_on"),
        pl.col("country", "region", "city", "postal_code", "segment", "tier"),
        pl.col("marketing_opt_in"),
        "created_at",
        "updated_at",
        "is_deleted",
    )


def products(shop: Shop) -> pl.DataFrame:
    """The catalogue at launch, and every change of a price, a cost or the end of a product."""
    c, plan = shop.catalogue, shop.plan
    events = [(c.positions, c.launch_day)]
    for changes in (c.price_day, c.cost_day):
        which, number = np.nonzero(changes < plan.days)
        events.append((which, changes[which, number]))
    ended = np.flatnonzero(c.last_day < plan.days - 1)
    events.append((ended, c.last_day[ended] + 1))
    rows = (
        pl.DataFrame(
            {
                DAY: np.concatenate([day for _, day in events]),
                "product": np.concatenate([which for which, _ in events]),
            }
        )
        .unique()
        .sort(DAY, "product")
    )
    return _product_rows(shop, rows["product"].to_numpy(), rows[DAY].to_numpy())


def _product_rows(shop: Shop, which: Ints, day: Ints) -> pl.DataFrame:
    c, chance = shop.catalogue, shop.plan.chance
    names = list(CATEGORIES)
    subcategory = chance.whole("subcategory", 0, 3, which)
    flat = [sub for subs in CATEGORIES.values() for sub in subs]
    adjective = named(catalogue.ADJECTIVES, chance.whole("adjective", 0, 9, which))
    noun = named(catalogue.NOUNS, chance.whole("noun", 0, 11, which))
    brand = named(catalogue.BRANDS, chance.whole("brand", 0, 9, which))
    supplier = named(catalogue.SUPPLIERS, chance.whole("supplier", 0, 24, which))
    return pl.DataFrame(
        {
            DAY: day,
            "sku": skus(which),
            "name": brand + " " + adjective + " " + noun,
            "category": named(names, c.category[which]),
            "subcategory": named(flat, c.category[which] * 4 + subcategory),
            "brand": brand,
            "supplier": supplier,
            "unit_price": money(shop, c.price(which, day)),
            "unit_cost": money(shop, c.cost(which, day)),
            "reorder_point": np.where(c.stocked[which], 5, 0),
            "is_active": (c.last_day[which] >= day).astype(np.int64),
            "updated_at": instants(shop.plan.midnights[day]),
        }
    )


def campaigns(shop: Shop) -> pl.DataFrame:
    """Every campaign on the day on which it starts."""
    m = shop.marketing
    which, channel = m.positions, named(marketing.CHANNELS, m.channel)
    starts = np.datetime64(shop.plan.start) + m.first_day
    return pl.DataFrame(
        {
            DAY: m.first_day,
            "campaign_id": campaign_ids(which),
            "name": channel + " " + pl.Series(which + 1).cast(pl.String),
            "channel": channel,
            "starts_on": starts,
            "ends_on": starts + m.days - 1,
            "budget": money(shop, m.budget(which)),
        }
    )


def fx_rates(shop: Shop) -> pl.DataFrame:
    """The day's rate of the store's currency to the reporting currency."""
    plan = shop.plan
    days = np.arange(plan.days)
    walk = np.cumsum(plan.chance.whole("rate", -40, 40, days))
    rate = plan.rate * (1 + walk / 10_000)
    return pl.DataFrame(
        {
            DAY: days,
            "rate_on": np.datetime64(plan.start) + days,
            "currency": np.full(plan.days, plan.market.currency),
            "rate": pl.Series([f"{value:.8f}" for value in rate]),
        }
    )
