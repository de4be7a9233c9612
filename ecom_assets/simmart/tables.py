"""What the shop tells of itself: one table per kind of file, with the day each row is delivered.

A row is delivered in the file of the day on which it came about; a row that came about after the
end is not delivered. Amounts are numbers of the currency; instants are in UTC.
"""

from collections.abc import Callable

import polars as pl

from ecom_assets.simmart import activity_tables, master_tables, order_tables
from ecom_assets.simmart.shop import Shop

TABLES: dict[str, Callable[[Shop], pl.DataFrame]] = {
    "simmart_customers": master_tables.customers,
    "simmart_products": master_tables.products,
    "simmart_orders": order_tables.orders,
    "simmart_order_items": order_tables.order_items,
    "simmart_payments": order_tables.payments,
    "simmart_refunds": order_tables.refunds,
    "simmart_shipments": order_tables.shipments,
    "simmart_inventory_movements": activity_tables.inventory_movements,
    "simmart_inventory_counts": activity_tables.inventory_counts,
    "simmart_campaigns": master_tables.campaigns,
    "simmart_campaign_spend": activity_tables.campaign_spend,
    "simmart_events": activity_tables.events,
    "simmart_fx_rates": master_tables.fx_rates,
}
