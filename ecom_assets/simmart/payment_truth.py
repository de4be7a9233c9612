"""What was paid of each order, and at how many attempts, as the shop knows it.

A function of the attempts themselves: no delivered row is read.
"""

import numpy as np
import polars as pl

from ecom_assets.simmart.columns import order_ids
from ecom_assets.simmart.shop import Shop


def payment_truth(shop: Shop) -> pl.DataFrame:
    """Returns one row per order: what is owed and, of attempts made so far, what came of them.

    Money is in the currency's smallest coin. An attempt after the last simulated day is not told
    yet.
    """
    attempts, orders = shop.attempts, len(shop.demand.positions)
    is_told = shop.plan.day_of(attempts.at) < shop.plan.days
    is_captured = is_told & ~attempts.is_declined
    captured = np.zeros(orders, dtype=np.int64)
    np.add.at(captured, attempts.order[is_captured], attempts.amount[is_captured])
    return pl.DataFrame(
        {
            "order_id": order_ids(shop.demand.positions),
            "owed_coins": shop.money.to_pay,
            "captured_coins": captured,
            "payments": np.bincount(attempts.order[is_told], minlength=orders),
            "declined": np.bincount(
                attempts.order[is_told & attempts.is_declined], minlength=orders
            ),
        }
    )
