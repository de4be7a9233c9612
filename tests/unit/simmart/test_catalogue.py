"""What products cost, in the money of every market."""

from datetime import date

import numpy as np
import pytest

from ecom_assets.simmart.plan import MARKETS, Market, Plan, Scale
from ecom_assets.simmart.shop import Shop

SMALL = Scale(customers=200, products=60, stocked=40, orders=400, campaigns=10, visits=200, days=20)


@pytest.mark.parametrize("market", MARKETS, ids=[market.currency for market in MARKETS])
def test_a_product_costs_about_half_of_its_price(market: Market) -> None:
    """Where there are no cents it cost a hundredth of that."""
    catalogue = Shop(Plan("shop", 3, SMALL, date(2026, 3, 20), 20, market, "EUR")).catalogue
    share = catalogue.costs[:, 0] / catalogue.prices[:, 0]
    assert 0.3 < np.median(share) < 0.7
