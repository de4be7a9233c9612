"""What the simulated shop knows of itself, to hold against a load; printed as JSON.

Usage: ``python -m benchmarks.truth HOME``, a home with the simulation of one store.
"""

import json
import sys
from decimal import Decimal
from pathlib import Path

import polars as pl

from benchmarks.work import (
    AMOUNTS,
    ATTEMPTS,
    CAPTURED,
    COUNTS,
    DISCOUNTS,
    EVENTS,
    GROSS,
    KEPT,
    LINES,
    ORDERS,
    PARCELS,
    RETURNS,
    SESSIONS,
    STOCK,
    VERSIONS,
    kept,
)
from ecom_assets.home import Home
from ecom_assets.simmart.batch import batch_of
from ecom_assets.simmart.columns import DAY
from ecom_assets.simmart.master_tables import customers
from ecom_assets.simmart.payment_truth import payment_truth
from ecom_assets.simmart.session_truth import session_truth
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.simulate import remembered


def truth(shop: Shop) -> dict[str, int]:
    """Returns figures by the names of ``work.py``, amounts in coins."""
    money, after, plan = shop.money, shop.aftermath, shop.plan
    order = shop.baskets.order
    counts = money.counts
    refunds = plan.day_of(after.refunded_at[order[after.refunded_lines]]) < plan.days
    is_off = (after.cancelled_at > 0) & (plan.day_of(after.cancelled_at) < plan.days)
    paid = payment_truth(shop)
    given_back = (money.goods - money.order_discount)[is_off & counts].sum()
    return {
        LINES: len(order),
        GROSS: int(money.gross[counts[order]].sum()),
        DISCOUNTS: int(
            money.line_discount[counts[order]].sum() + money.order_discount[counts].sum()
        ),
        RETURNS: int(after.refunded_amount[refunds].sum() + given_back),
        ORDERS: int((counts & ~is_off).sum()),
        STOCK: int(shop.walked.closing[-1].sum()),
        COUNTS: len(batch_of(shop, "simmart_inventory_counts").slot),
        VERSIONS: _customer_versions(shop),
        EVENTS: len(shop.web.events.session),
        SESSIONS: session_truth(shop).height,
        ATTEMPTS: int(paid["payments"].sum()),
        CAPTURED: int(paid["captured_coins"].sum()),
        PARCELS: len(batch_of(shop, "simmart_shipments").slot),
        **{kept(kind): len(batch_of(shop, f"simmart_{kind}").slot) for kind in KEPT},
    }


def _customer_versions(shop: Shop) -> int:
    """Returns how many changes of customers change something."""
    told = customers(shop).drop(DAY, "updated_at")
    attributes = pl.struct(pl.exclude("customer_id"))
    changed = (attributes != attributes.shift()).over("customer_id").fill_null(value=True)
    return told.filter(changed).height


def main() -> None:
    """Prints one JSON object.

    Raises:
        SystemExit: The home holds no simulation.
    """
    held = remembered(Home(Path(sys.argv[1])))
    if held is None:
        sys.exit(f"{sys.argv[1]} holds no simulation: run ecom simulate into it first")
    plan = held.plan(0)
    coins, found = 10**plan.market.minor_units, truth(Shop(plan))
    print(json.dumps({k: str(Decimal(v) / coins if k in AMOUNTS else v) for k, v in found.items()}))


if __name__ == "__main__":
    main()
