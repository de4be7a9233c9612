"""What both ways have to come to: the same figures, or they did not do the same work.

Pure names and SQL; the table and column names are those of both the published version and the
bare scripts.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from benchmarks.shops import ONLINE_RETAIL, BenchShop

LINES = "sale lines"
NET = "net of all lines"
GROSS, DISCOUNTS, RETURNS, ORDERS = "gross", "discounts", "returns", "orders"
VERSIONS = "customer versions"
STOCK = "stock at the end"
EVENTS, SESSIONS = "events", "sessions"
ATTEMPTS, CAPTURED, PARCELS = "payments", "captured", "parcels"
AMOUNTS = (GROSS, DISCOUNTS, RETURNS, CAPTURED)  # of those that truth.py tells
COUNTS = "counts of the stock"

TOTALS = {
    LINES: "select count(*) from fact_sales",
    NET: "select (select sum(net_amount) from fact_sales) - (select sum(amount) from fact_returns)",
    "return lines": "select count(*) from fact_returns",
    "movements": "select count(*) from fact_inventory_movements",
    STOCK: "select sum(quantity) from fact_inventory_movements",
    VERSIONS: "select count(*) from dim_customers where customer_key <> '0'",
    "product versions": "select count(*) from dim_products where product_key <> '0'",
    "days": "select count(*) from kpi_sales_daily",
    GROSS: "select sum(gross_amount) from kpi_sales_daily",
    DISCOUNTS: "select sum(discount_amount) from kpi_sales_daily",
    RETURNS: "select sum(returns_amount) from kpi_sales_daily",
    "shipping": "select sum(shipping_amount) from kpi_sales_daily",
    "tax": "select sum(tax_amount) from kpi_sales_daily",
    "cost": "select coalesce(sum(cost_amount), 0) from kpi_sales_daily",
    "margin": "select coalesce(sum(margin_amount), 0) from kpi_sales_daily",
    "total of the days": "select sum(total_amount) from kpi_sales_daily",
    "net by order date, weighed by day": (
        "select sum(net_by_order_date_amount * extract(day from sales_on)) from kpi_sales_daily"
    ),
    ORDERS: "select sum(orders) from kpi_sales_daily",
    "new orders": "select sum(new_orders) from kpi_sales_daily",
    "orders by month": "select sum(orders) from kpi_sales_monthly",
    "gross by hour": "select sum(gross_amount) from kpi_sales_hourly",
    "gross by product": "select sum(gross_amount) from kpi_product_performance",
    "class A products": "select count(*) from kpi_product_performance where abc_class = 'A'",
    "total by country": "select sum(total_amount) from kpi_geo_sales",
    "customers by month end": "select count(*) from kpi_customer_rfm",
    "champions": "select count(*) from kpi_customer_rfm where segment = 'champions'",
    "churned customers": "select sum(churned_customers) from kpi_customers_monthly",
    "returning customers": "select sum(returning_customers) from kpi_customers_monthly",
    "active by cohort": "select sum(active_customers) from kpi_cohort_retention",
    "gross by category": "select sum(gross_amount) from kpi_category_performance",
    "orders by category": "select sum(orders) from kpi_category_performance",
    "products by category": "select sum(products) from kpi_category_performance",
    "cohorts and ages": "select count(*) from kpi_cohort_value",
    "net by cohort and age": "select coalesce(sum(net_amount), 0) from kpi_cohort_value",
    "margin by cohort and age": "select coalesce(sum(margin_amount), 0) from kpi_cohort_value",
    "basket pairs": "select count(*) from kpi_basket_pairs",
    "orders of the pairs": "select coalesce(sum(pair_orders), 0) from kpi_basket_pairs",
    "orders of paired products": (
        "select coalesce(sum(product_orders + other_product_orders), 0) from kpi_basket_pairs"
    ),
}
# Of shops that deliver payments and parcels.
PAYMENTS = {
    ATTEMPTS: "select count(*) from fact_payments",
    CAPTURED: "select sum(amount) from fact_payments where status = 'captured'",
    PARCELS: "select count(*) from fact_shipments",
    "payments of known customers": "select count(*) from fact_payments where customer_key <> '0'",
    "days to deliver": "select sum(days_to_deliver) from fact_shipments",
    "captured by means, weighed": (
        "select sum(captured_amount * length(method)) from kpi_payment_mix"
    ),
    "declined by means, weighed": (
        "select sum(declined_payments * extract(month from paid_month)) from kpi_payment_mix"
    ),
    "orders by means of payment": "select sum(orders) from kpi_payment_mix",
    "late by carrier, weighed": (
        "select sum(late_shipments * length(carrier)) from kpi_fulfilment_monthly"
    ),
    "median days to ship": "select sum(median_days_to_ship) from kpi_fulfilment_monthly",
}
FRAUD = {  # of shops that tell devices, payments and refunds
    "signals of fraud": "select count(*) from fact_fraud_signals",
    "signals by rule, weighed": "select sum(score * length(rule)) from fact_fraud_signals",
    "orders under suspicion": (
        "select sum(flagged_orders * extract(day from day_on)) from kpi_fraud_daily"
    ),
    "net under suspicion": "select sum(flagged_amount) from kpi_fraud_daily",
    "refunds under suspicion": "select sum(refund_abuse_amount) from kpi_fraud_daily",
    "orders after a change of account": "select sum(account_change_orders) from kpi_fraud_daily",
}
INVENTORY = {  # of a shop that delivers receipts and counts
    COUNTS: "select count(counted_quantity) from fact_inventory_daily",
    "days with a movement or count": "select count(*) from fact_inventory_daily",
    "stock of all days, weighed": (
        "select sum(closing_quantity * extract(day from stock_on)) from fact_inventory_daily"
    ),
    "value of the stock": "select sum(value_amount) from kpi_inventory_status",
    "products to be ordered": "select count(*) from kpi_inventory_status where is_below_reorder",
    "days in stock": "select sum(in_stock_days) from kpi_inventory_status",
    "cost of sales from stock": "select sum(cost_of_sales_amount) from kpi_inventory_turnover",
    "opening stock of months": "select sum(opening_quantity) from kpi_inventory_turnover",
    "days out of stock": "select sum(stock_out_days) from kpi_inventory_turnover",
    "active days": "select sum(active_days) from kpi_inventory_turnover",
}
# Of shops that deliver campaigns and web events.
MARKETING = {
    "campaign days": "select count(*) from fact_campaign_daily",
    "spend": "select sum(spend_amount) from fact_campaign_daily",
    "clicks of known channels": (
        "select sum(clicks) from fact_campaign_daily where channel_key <> '0'"
    ),
    "campaign versions": "select count(*) from dim_campaigns where campaign_key <> '0'",
    "lines of campaigns": "select count(*) from fact_sales where campaign_key <> '0'",
    EVENTS: "select sum(events) from fact_sessions",
    SESSIONS: "select count(*) from fact_sessions",
    "sessions of campaigns": "select count(*) from fact_sessions where campaign_key <> '0'",
    "sessions of customers": "select count(*) from fact_sessions where customer_key <> '0'",
    "purchases by the funnel": "select sum(purchase_sessions) from kpi_funnel_daily",
    "checkouts, weighed by day": (
        "select sum(checkout_sessions * extract(day from started_on)) from kpi_funnel_daily"
    ),
    "abandoned carts": "select sum(abandoned_carts) from kpi_cart_abandonment",
    "open carts": "select sum(open_carts) from kpi_cart_abandonment",
    "orders credited by age": (
        "select sum(orders) from kpi_attribution "
        "where attribution_model = 'time_decay' and campaign_id <> '0'"
    ),
    "net credited by place": (
        "select sum(net_amount) from kpi_attribution "
        "where attribution_model = 'position_based' and campaign_id <> '0'"
    ),
    "orders of no session": (
        "select sum(orders) from kpi_attribution "
        "where attribution_model = 'linear' and not is_attributed"
    ),
    "new customers of campaigns": (
        "select sum(attributed_new_customers) from kpi_campaign_performance"
    ),
    "margin of campaigns": ("select sum(attributed_margin_amount) from kpi_campaign_performance"),
    "channels": "select count(*) from dim_channels where channel_key <> '0'",
}
KEPT = ("fx_rates",)
PUBLISHED = {LINES: Decimal(531_285), NET: Decimal("9747747.934")}

Ask = Callable[[str], Any]


def load_totals(shop: BenchShop, ask: Ask) -> dict[str, str]:
    """Returns every total of a published version as text; `ask` answers with one value."""
    return _totals(
        ask,
        totals_of(shop)
        | {
            kept(kind): "select sum(accepted_rows) from kpi_data_quality "
            f"where feed = '{shop.name}_{kind}'"
            for kind in kept_kinds(shop)
        },
    )


def bare_totals(shop: BenchShop, ask: Ask) -> dict[str, str]:
    """Returns every total of the bare scripts as text."""
    return _totals(
        ask,
        totals_of(shop)
        | {
            kept(kind): "select count(*) from "
            f"read_parquet(getvariable('output') || '/raw_{kind}.parquet')"
            for kind in kept_kinds(shop)
        },
    )


def totals_of(shop: BenchShop) -> dict[str, str]:
    """Returns the totals of the tables that a shop fills, by name."""
    return TOTALS if shop is ONLINE_RETAIL else TOTALS | PAYMENTS | FRAUD | INVENTORY | MARKETING


def kept(kind: str) -> str:
    """Returns the name of the total of a kind of rows that no table is made of yet."""
    return f"rows of {kind}"


def kept_kinds(shop: BenchShop) -> tuple[str, ...]:
    """Returns the kinds of rows of a shop that are kept and no table is made of yet."""
    return () if shop is ONLINE_RETAIL else KEPT


def differences(
    load: Mapping[str, str], bare: Mapping[str, str], known: Mapping[str, Decimal]
) -> list[str]:
    """Returns in words what keeps the two from being the same, known work."""
    found = [
        f"{name}: load {load[name]}, bare {bare[name]}" for name in load if load[name] != bare[name]
    ]
    return found + [
        f"{name}: load {load[name]}, known {value}"
        for name, value in known.items()
        if Decimal(load[name]) != value
    ]


def _totals(ask: Ask, questions: Mapping[str, str]) -> dict[str, str]:
    return {name: f"{Decimal(str(ask(sql))).normalize():f}" for name, sql in questions.items()}
