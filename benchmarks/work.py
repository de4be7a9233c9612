"""What both ways have to come to: the same figures, or they did not do the same work.

Pure names and SQL; the table and column names are those of both the published version and
``bare.sql``.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

LINES = "sale lines"
NET = "net of all lines"

TOTALS = {
    LINES: "select count(*) from fact_sales",
    NET: "select (select sum(net_amount) from fact_sales) - (select sum(amount) from fact_returns)",
    "return lines": "select count(*) from fact_returns",
    "write-offs": "select count(*) from fact_inventory_movements",
    "customer versions": "select count(*) from dim_customers where customer_key <> '0'",
    "product versions": "select count(*) from dim_products where product_key <> '0'",
    "days": "select count(*) from kpi_sales_daily",
    "total of the days": "select sum(total_amount) from kpi_sales_daily",
    "new orders": "select sum(new_orders) from kpi_sales_daily",
    "orders by month": "select sum(orders) from kpi_sales_monthly",
    "gross by hour": "select sum(gross_amount) from kpi_sales_hourly",
    "gross by product": "select sum(gross_amount) from kpi_product_performance",
    "class A products": "select count(*) from kpi_product_performance where abc_class = 'A'",
    "total by country": "select sum(total_amount) from kpi_geo_sales",
    "customers by month end": "select count(*) from kpi_customer_rfm",
    "champions": "select count(*) from kpi_customer_rfm where segment = 'champions'",
    "active by cohort": (
        "select sum(active_customers) from kpi_cohort_retention "
        "where activity_month < date '2011-12-01'"
    ),
}
KNOWN = {LINES: Decimal(531_285), NET: Decimal("9747747.934")}


def totals(ask: Callable[[str], Any]) -> dict[str, str]:
    """Returns every total as text; `ask` answers one question with one value."""
    return {name: str(Decimal(str(ask(sql))).normalize()) for name, sql in TOTALS.items()}


def differences(load: dict[str, str], bare: dict[str, str]) -> list[str]:
    """Returns in words what keeps the two from being the same, known work."""
    found = [
        f"{name}: load {load[name]}, bare {bare[name]}"
        for name in TOTALS
        if load[name] != bare[name]
    ]
    return found + [
        f"{name}: load {load[name]}, known {value}"
        for name, value in KNOWN.items()
        if Decimal(load[name]) != value
    ]
