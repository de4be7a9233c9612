"""Which function works out which table once more, and of which stores."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.integration.recomputed import (
    anomalies,
    categories_cohorts_pairs,
    customer_value,
    customers,
    forecast,
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

# The tables of the analytics, whose figures are computed in floating point from frames.
OF_FRAMES = {
    "anomalies_daily": Recomputation(anomalies.days, BOTH),
    "forecast_sales_daily": Recomputation(forecast.days, BOTH),
    "kpi_customer_value": Recomputation(customer_value.customers, BOTH),
}
OF_BG_NBD = "tests/unit/analytics/test_buy_till_you_die.py::test_"
OF_FORECAST = "tests/unit/analytics/test_forecast.py::test_"
EXPECTED = f"{OF_BG_NBD}expected_purchases_are_what_integration_gives"
CHOICE = f"{OF_FORECAST}the_choice_is_what_a_loop_over_windows_finds"
INTERVALS = f"{OF_FORECAST}intervals_hold_the_forecast_and_about_as_many_days_as_they_say"
PREDICTIONS = (
    "tests/integration/test_recomputed_kpis.py"
    "::test_predictions_are_what_the_formulas_of_the_papers_give"
)
# What follows from a fitted model, with the test that works it out by another way.
FITTED: dict[str, dict[str, str]] = {
    "anomalies_daily": {},
    "forecast_sales_daily": {
        "net_amount": CHOICE,
        "backtest_smape": CHOICE,
        "backtest_relative": CHOICE,
        "backtest_mase": f"{OF_FORECAST}mase_is_by_the_error_of_seasonal_naive_within_the_past",
        **{f"{side}_{level}_amount": INTERVALS for side in ("lo", "hi") for level in (80, 95)},
    },
    "kpi_customer_value": {
        "p_alive": f"{OF_BG_NBD}p_alive_is_what_integration_gives",
        "expected_orders_90_days": EXPECTED,
        "expected_orders_365_days": EXPECTED,
        "holdout_expected_orders": EXPECTED,
        "expected_order_value_amount": PREDICTIONS,
        "predicted_value_amount": PREDICTIONS,
    },
}
