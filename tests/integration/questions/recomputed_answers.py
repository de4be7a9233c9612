"""Answers from the facts in Python, written from the questions' definitions and not from their SQL.

Each function returns the rows of a question by their key: the columns that it recomputes, by name.
"""

from collections.abc import Callable

from tests.integration.questions import (
    answers_of_customers,
    answers_of_sales,
    answers_of_suspicions,
)
from tests.integration.questions.answered_facts import Answer, Facts

# Of each question the columns that are its key, and what recomputes it.
RECOMPUTED: dict[str, tuple[str, Callable[[Facts], Answer]]] = {
    "rush_hours": ("iso_weekday sales_hour", answers_of_sales.rush_hours),
    "places": ("country_name region", answers_of_sales.places),
    "channels": ("channel", answers_of_sales.channels),
    "discounts": ("sales_month coupon_code", answers_of_sales.discounts),
    "refunds": ("product_id reason", answers_of_sales.refunds),
    "segments": ("segment tier", answers_of_customers.segments),
    "rfm": ("segment segment_before", answers_of_customers.rfm),
    "repeat_orders": ("sales_month", answers_of_customers.repeat_orders),
    "lifetime_value": ("cohort_month channel", answers_of_customers.lifetime_value),
    "new_and_returning": ("sales_month kind", answers_of_customers.new_and_returning),
    "top_customers": ("place", answers_of_customers.top_customers),
    "leaving": ("customer_id", answers_of_customers.leaving),
    "abc": ("sales_month abc_class", answers_of_sales.abc),
    "price_changes": ("product_id changed_on", answers_of_sales.price_changes),
    "acquisition": ("channel", answers_of_customers.acquisition),
    "funnel": ("month_on", answers_of_sales.funnel),
    "delivery": ("carrier country_name region", answers_of_sales.delivery),
    "payments": ("paid_month method", answers_of_sales.payments),
    "suspicious": ("day_on what origin", answers_of_suspicions.suspicious),
}
