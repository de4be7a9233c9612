"""Which function works out which table once more, and of which stores."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.integration.recomputed import (
    categories_cohorts_pairs,
    customers,
    fraud,
    marketing,
    operations,
    sales,
    stock,
)
from tests.integration.recomputed.facts import Facts, Table

ONLINE_RETAIL, SIMMART = "online_retail", "simmart"
BOTH = frozenset({ONLINE_RETAIL, SIMMART})
# What Online Retail delivers nothing of: payments, parcels, stock, web events, spend.
SIMULATED = frozenset({SIMMART})


@dataclass(frozen=True)
class Recomputation:
    """A function of the facts that gives a table's figures by its grain.

    Attributes:
        stores: The sample stores that have rows of it; of the other the table is empty.
    """

    function: Callable[[Facts], Table]
    stores: frozenset[str]


RECOMPUTED = {
    "kpi_sales_hourly": Recomputation(sales.hours, BOTH),
    "kpi_sales_daily": Recomputation(sales.days, BOTH),
    "kpi_sales_monthly": Recomputation(sales.months, BOTH),
    "kpi_product_performance": Recomputation(sales.products, BOTH),
    "kpi_category_performance": Recomputation(categories_cohorts_pairs.categories, BOTH),
    "kpi_geo_sales": Recomputation(sales.countries, BOTH),
    "kpi_basket_pairs": Recomputation(categories_cohorts_pairs.basket_pairs, BOTH),
    "kpi_customers_monthly": Recomputation(customers.by_month, BOTH),
    "kpi_customer_rfm": Recomputation(customers.rfm, BOTH),
    "kpi_cohort_retention": Recomputation(customers.retention, BOTH),
    "kpi_cohort_value": Recomputation(categories_cohorts_pairs.cohort_values, BOTH),
    "kpi_payment_mix": Recomputation(operations.payments, SIMULATED),
    "kpi_fraud_daily": Recomputation(fraud.days, BOTH),
    "kpi_fulfilment_monthly": Recomputation(operations.parcels, SIMULATED),
    "kpi_data_quality": Recomputation(operations.quality, BOTH),
    "kpi_inventory_status": Recomputation(stock.status, SIMULATED),
    "kpi_inventory_turnover": Recomputation(stock.turnover, SIMULATED),
    "kpi_funnel_daily": Recomputation(marketing.funnel, SIMULATED),
    "kpi_cart_abandonment": Recomputation(marketing.carts, SIMULATED),
    "kpi_attribution": Recomputation(marketing.attribution, BOTH),
    "kpi_campaign_performance": Recomputation(marketing.campaigns, SIMULATED),
}
