"""A small simulated shop: quick to make, and with everything in it that a large one has."""

from datetime import date

from ecom_assets.simmart.plan import MARKETS, Plan, Scale
from ecom_assets.simmart.shop import Shop

SMALL = Scale(
    customers=400, products=120, stocked=80, orders=2_000, campaigns=20, visits=600, days=60
)
# Over the start of summer time in Europe and America.
START = date(2026, 2, 20)


def small_shop(number: int = 0, days: int = SMALL.days) -> Shop:
    """Returns the shop of a market over some days."""
    market = MARKETS[number]
    return Shop(Plan(f"shop_{number}", 3, SMALL, START, days, market, reporting="EUR"))
