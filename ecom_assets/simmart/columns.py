"""How the shop's values are written: ids, amounts, instants; and when a row is delivered."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from ecom_assets.simmart.chance import Ints
from ecom_assets.simmart.shop import Shop

DAY, HOUR = "delivery_day", "delivery_hour"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
FIRST_ORDER, FIRST_CUSTOMER = 100_001, 10_001


def is_told(shop: Shop, at: Ints) -> NDArray[np.bool_]:
    """Returns whether something has happened, and before the end."""
    return (at > 0) & (shop.plan.day_of(at) < shop.plan.days)


def ids(prefix: str, numbers: NDArray[np.int64] | NDArray[np.uint64]) -> pl.Series:
    """Returns numbers as ids."""
    return prefix + pl.Series(numbers).cast(pl.String)


def order_ids(orders: Ints, prefix: str = "") -> pl.Series:
    """Returns the ids of orders, or of what is named after them."""
    return ids(prefix, orders + FIRST_ORDER)


def parts_of(whole: pl.Series, numbers: Ints) -> pl.Series:
    """Returns the ids of numbered parts."""
    return whole + "-" + pl.Series(numbers).cast(pl.String)


def payment_ids(orders: Ints, attempts: Ints) -> pl.Series:
    """Returns the ids of attempts to pay."""
    return parts_of(order_ids(orders), attempts)


def refund_ids(orders: Ints) -> pl.Series:
    """Returns the ids of refunds."""
    return order_ids(orders, "R")


def customer_ids(customers: Ints) -> pl.Series:
    """Returns the ids of customers, null for -1."""
    return where(customers >= 0, ids("C", customers + FIRST_CUSTOMER))


def skus(products: Ints) -> pl.Series:
    """Returns the codes of products, null for -1."""
    return where(products >= 0, ids("P", products + 1))


def campaign_ids(campaigns: Ints) -> pl.Series:
    """Returns the ids of campaigns, null for -1."""
    return where(campaigns >= 0, ids("K", campaigns + 1))


def where(known: ArrayLike, values: ArrayLike | pl.Series) -> pl.Series:
    """Returns the values, null where they are not known."""
    both = pl.DataFrame({"known": known, "value": values})
    return both.select(pl.when("known").then("value")).to_series()


def named(names: Sequence[str] | NDArray[np.str_], which: Ints) -> pl.Series:
    """Returns the names at positions; numpy's own would be made into texts one by one."""
    return pl.Series(names).gather(which)


def money(shop: Shop, coins: Ints) -> pl.Series:
    """Returns coins as numbers of the currency; exact, for they are written with its decimals."""
    return pl.Series(coins / 10**shop.plan.market.minor_units)


def instants(seconds: Ints) -> pl.Series:
    """Returns seconds since 1970 as instants."""
    return pl.from_epoch(pl.Series(seconds), time_unit="s")


def instant_texts(seconds: Ints) -> pl.Series:
    """Returns seconds since 1970 as ISO 8601 text, which JSON lines hold."""
    return instants(seconds).dt.strftime(INSTANT)


def days(shop: Shop, numbers: Ints) -> pl.Series:
    """Returns simulated days as dates."""
    return pl.Series(np.datetime64(shop.plan.start) + numbers)


def texts(values: pl.Series, decimals: int) -> pl.Series:
    """Returns values as they are written into a CSV file, numbers with so many decimals."""
    if values.dtype == pl.Datetime:
        return values.dt.strftime(INSTANT)
    if values.dtype.is_float():
        return values.cast(pl.Decimal(38, decimals)).cast(pl.String)
    return values.cast(pl.String)
