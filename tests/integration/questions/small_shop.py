"""A shop of ten orders in which everything goes wrong that can, small enough to reckon by hand.

A and B are c1's, of one instant. C was cancelled. D is c2's first that counts. E is nobody's. F is
a test, G free goods alone, H books an adjustment. I has a discount line. J is a fee that c5 paid.
Of A one mug came back; c1 was given 3.00 without an order; 1.00 of I's price was taken off later;
F's refund counts nowhere.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb

from tests.harness.hand_made import empty_tables, fill

STORE = "shop"
FIRST_ON, LAST_ON = date(2026, 1, 5), date(2026, 2, 28)
Row = dict[str, Any]


def sale(order: str, on: date, product: str | None, quantity: int, price: str, **more: Any) -> Row:
    """Returns a line of fact_sales; a unit costs 4.00 of MUG and 20.00 of POT."""
    gross, discount = float(price) * quantity, more.pop("discount_amount", 0)
    unit_cost = {"MUG": 4, "POT": 20}.get(product or "")
    return {
        "store_id": STORE,
        "order_id": order,
        "line_number": 1,
        "ordered_at": f"{on} 09:00:00",
        "ordered_on": on,
        "customer_id": None,
        "product_id": product,
        "campaign_key": "0",
        "geography_key": "berlin",
        "channel": "web",
        "line_kind": "product",
        "is_valid": True,
        "is_test": False,
        "is_adjustment": False,
        "quantity": quantity,
        "unit_price": price,
        "gross_amount": gross,
        "discount_amount": discount,
        "net_amount": gross - discount,
        "cost_amount": None if unit_cost is None else unit_cost * quantity,
        "currency_code": "EUR",
        **more,
    }


def given_back(refund: str, order: str | None, on: date, amount: int, **more: Any) -> Row:
    return {
        "store_id": STORE,
        "refund_id": refund,
        "line_number": 1,
        "line_kind": "product",
        "order_id": order,
        "product_id": "MUG",
        "customer_id": "c1",
        "geography_key": "berlin",
        "refunded_on": on,
        "ordered_on": on,
        "is_test": False,
        "quantity": 1,
        "amount": amount,
        "cost_amount": 0,
        "currency_code": "EUR",
        **more,
    }


A_DAY, D_DAY, I_DAY = date(2026, 1, 5), date(2026, 2, 10), date(2026, 2, 20)
C_DAY, TWELFTH = date(2026, 1, 20), date(2026, 2, 12)
SEARCHED: Row = {"customer_id": "c1", "campaign_key": "search"}
SALES = [
    sale("A", A_DAY, "MUG", 2, "10", discount_amount=2, coupon_code="SPRING", **SEARCHED),
    sale("A", A_DAY, None, 1, "5", line_number=2, line_kind="shipping", **SEARCHED),
    sale("B", A_DAY, "MUG", 1, "10", customer_id="c1"),
    sale("C", C_DAY, "POT", 1, "50", customer_id="c2", is_valid=False),
    sale("D", D_DAY, "POT", 1, "50", customer_id="c2", channel="app", geography_key="wien"),
    sale("E", date(2026, 2, 11), "MUG", 3, "10", channel=None, geography_key="0"),
    sale("F", TWELFTH, "MUG", 100, "10", customer_id="c1", is_test=True, is_valid=False),
    sale("G", TWELFTH, "MUG", 1, "0", customer_id="c3", channel=None),
    sale(
        "H", date(2026, 2, 13), None, 1, "100", line_kind="adjustment", is_adjustment=True,
        channel=None, geography_key="0",
    ),
    sale(
        "J", TWELFTH, None, 1, "7", line_kind="fee", customer_id="c5", channel=None,
        geography_key="0",
    ),
    sale("I", I_DAY, "MUG", 1, "10", customer_id="c1"),
    sale("I", I_DAY, None, 1, "-5", line_number=2, line_kind="discount", customer_id="c1"),
]  # fmt: skip
RETURNS = [
    given_back("1", "A", date(2026, 2, 1), 9, ordered_on=A_DAY, reason="damaged", cost_amount=4),
    given_back("2", None, date(2026, 2, 15), 3),
    given_back(
        "3", "I", date(2026, 2, 21), 1, ordered_on=I_DAY, line_kind="discount", product_id=None
    ),
    given_back("4", "F", date(2026, 2, 13), 1000, is_test=True),
    given_back(
        "5", "C", date(2026, 1, 22), 50, ordered_on=C_DAY, product_id="POT", customer_id="c2",
        reason="cancelled", cost_amount=20, origin="cancellation",
    ),
]  # fmt: skip
NOBODY: Row = {"store_id": "0", "is_current": True}
CUSTOMERS = [
    {"customer_key": "0", **NOBODY},
    *(
        {"store_id": STORE, "customer_key": f"{customer}{tier}", "customer_id": customer,
         "segment": segment, "tier": tier, "is_current": is_current}
        for customer, segment, tier, is_current in [
            ("c1", "consumer", "silver", False),
            ("c1", "consumer", "gold", True),
            ("c2", None, None, True),
            ("c3", "business", "bronze", True),
            ("c4", "consumer", "gold", True),
        ]
    ),
]  # fmt: skip
# The price of a mug changes at midnight of 1 February in Berlin, its cost ten days later.
PRODUCTS = [
    {"product_key": "0", **NOBODY},
    *(
        {"store_id": STORE, "product_key": key, "product_id": product, "name": product.lower(),
         "unit_price": price, "unit_cost": cost, "valid_from": valid_from, "is_current": is_current}
        for key, product, price, cost, valid_from, is_current in [
            ("m1", "MUG", 10, 4, "2025-12-01", False),
            ("m2", "MUG", 12, 4, "2026-01-31 23:00:00", False),
            ("m3", "MUG", 12, 5, "2026-02-10", True),
            ("p1", "POT", 50, 20, "2025-12-01", True),
        ]
    ),
]  # fmt: skip
CAMPAIGNS = [
    {"campaign_key": "0", **NOBODY},
    *(
        {"store_id": STORE, "campaign_key": key, "campaign_id": key, "name": key, "channel": key,
         "is_current": True}
        for key in ("search", "social")
    ),
]  # fmt: skip
PLACES = [
    {"geography_key": "0"},
    {"geography_key": "berlin", "country_name": "Germany", "region": "Berlin"},
    {"geography_key": "wien", "country_name": "Austria", "region": "Wien"},
]
PARCELS = [
    {"store_id": STORE, "shipment_id": number, "carrier": "dhl", "geography_key": "berlin",
     "ordered_on": A_DAY, "days_to_ship": ship, "days_to_deliver": deliver, "is_on_time": in_time,
     "is_test": is_test}
    for number, ship, deliver, in_time, is_test in [
        ("1", 1, 3, True, False),
        ("2", 2, None, False, False),
        ("3", 2, 6, None, False),
        ("4", 9, 9, False, True),
    ]
]  # fmt: skip

# Of c5 nothing but what was computed as of an earlier day.
VALUES = [
    {"store_id": STORE, "customer_id": customer, "as_of_on": as_of, "p_alive": p_alive,
     "predicted_value_amount": value}
    for customer, as_of, p_alive, value in [
        ("c1", LAST_ON, "0.4", "12"),
        ("c2", LAST_ON, "1", "30.5"),
        ("c5", LAST_ON - timedelta(days=1), "0.1", "99"),
    ]
]  # fmt: skip
FRAUD = [
    {"store_id": STORE, "day_on": day, "orders": orders, "flagged_orders": flagged,
     "fraud_score": score, "flagged_amount": amount, "refund_abuse_orders": abused,
     "refund_abuse_amount": given_back}
    for day, orders, flagged, score, amount, abused, given_back in [
        (A_DAY, 2, 0, 0, 0, 0, 0),
        (D_DAY, 1, 1, 150, 50, 0, 0),
        (I_DAY, 1, 1, 40, 5, 1, 9),
    ]
]  # fmt: skip
ANOMALIES = [
    {"store_id": STORE, "metric": metric, "metric_on": day, "value": value, "expected": 1,
     "robust_z": z, "is_anomaly": is_anomaly, "direction": direction}
    for metric, day, value, z, is_anomaly, direction in [
        ("orders", D_DAY, 9, "8.5", True, "high"),
        ("orders", I_DAY, 1, "0.1", False, None),
        ("net_sales", I_DAY, "0.5", "-4", True, "low"),
        ("aov", I_DAY, 1, None, None, None),
    ]
]  # fmt: skip


def small_shop() -> duckdb.DuckDBPyConnection:
    """Returns the published tables of the shop, with those KPI tables that are given by hand."""
    connection = empty_tables()
    for table, rows in _tables():
        fill(connection, table, rows)
    return connection


def _tables() -> Iterator[tuple[str, list[Row]]]:
    yield "fact_sales", SALES
    yield "fact_returns", RETURNS
    yield "fact_shipments", PARCELS
    yield "dim_customers", CUSTOMERS
    yield "dim_products", PRODUCTS
    yield "dim_campaigns", CAMPAIGNS
    yield "dim_geography", PLACES
    yield (
        "dim_stores",
        [
            {"store_id": "0"},
            {"store_id": STORE, "currency_code": "EUR", "timezone": "Europe/Berlin"},
        ],
    )
    yield "kpi_customer_value", VALUES
    yield "kpi_fraud_daily", FRAUD
    yield "anomalies_daily", ANOMALIES
    yield (
        "kpi_data_quality",
        [
            {"store_id": STORE, "delivered_on": I_DAY, "feed": "orders", "delivered_rows": 9,
             "quarantined_rows": 2, "files": 1, "set_aside_files": 0},
        ],
    )  # fmt: skip
    yield (
        "pending_rows",
        [
            {"store_id": STORE, "pending_since_on": D_DAY, "reason": "no order",
             "dataset": "refunds", "amount": amount}
            for amount in (3, 4)
        ],
    )  # fmt: skip
    yield "store_horizon", [{"store_id": STORE, "first_on": FIRST_ON, "last_on": LAST_ON}]
    spend = {"store_id": STORE, "spend_on": FIRST_ON - timedelta(days=1)}
    yield (
        "fact_campaign_daily",
        [
            {**spend, "campaign_key": "search", "campaign_id": "search", "spend_amount": 16},
            {**spend, "campaign_key": "social", "campaign_id": "social", "spend_amount": 5},
        ],
    )
    yield (
        "kpi_customers_monthly",
        [
            {"store_id": STORE, "sales_month": month, "as_of_on": end, "lapse_days": days}
            for month, end, days in [
                (date(2026, 1, 1), date(2026, 1, 31), 0),
                (date(2026, 2, 1), LAST_ON, 46),
            ]
        ],
    )
