"""Superstore: returns that name nothing but an order."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.stores.warehouses import Loader, Published, one, rows

pytestmark = pytest.mark.integration


HEADER = (
    "\ufeffRow ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,"
    "Country,City,State,Postal Code,Region,Product ID,Category,Sub-Category,Product Name,"
    "Sales,Quantity,Discount,Profit"
)
CLAIRE = "Second Class,CG-1,Claire,Consumer,United States,Henderson,Kentucky,42420,South"
SUPERSTORE = f"""\
{HEADER}
1,CA-1,11/8/2018,11/11/2018,{CLAIRE},FUR-1,Furniture,Chairs,Chair,80.00,2,0.2,10
2,CA-1,11/8/2018,11/11/2018,{CLAIRE},FUR-2,Furniture,Tables,Table,33.33,3,0.15,1
3,CA-2,12/1/2018,12/2/2018,{CLAIRE},FUR-1,Furniture,Chairs,Chair,50.00,1,0,5
"""


def test_a_returned_order_comes_back_as_a_whole_on_the_day_it_was_told(load_store: Loader) -> None:
    """A return names its order only; joined to the lines by hand it doubles, or is lost."""
    returns = {"returns.csv": "Returned,Order ID\nYes,CA-1\nYes,CA-1\nNo,CA-2\n"}
    orders = {"superstore.csv": SUPERSTORE}
    shop = load_store({"superstore_orders": orders, "superstore_returns": returns})
    assert rows(
        shop,
        "select refund_id, line_number, product_id, quantity, amount, origin, ordered_on::varchar "
        "from fact_returns order by 2",
    ) == [
        ("returned-CA-1", 1, "FUR-1", 2, Decimal("80"), "whole_order", "2018-11-08"),
        ("returned-CA-1", 2, "FUR-2", 3, Decimal("33.33"), "whole_order", "2018-11-08"),
    ]
    days = "select distinct refunded_on = current_date from fact_returns"
    assert rows(shop, days) == [(True,)]
    assert one(shop, "select reason from staging.raw.quarantined_rows") == (
        "Returned does not say Yes"
    )
    assert one(shop, "select sum(net_by_order_date_amount) from kpi_sales_daily") == 50


@pytest.mark.external_data
def test_superstore_has_its_sales_and_what_was_returned_of_them(
    load_store: Loader, test_data: Path, published: Published
) -> None:
    folder = test_data / "superstore"
    orders = {"orders.csv": (folder / "superstore_9994_mdY_bom.csv").read_bytes()}
    returns = {"returns.csv": (folder / "returns_9994.csv").read_bytes()}
    shop = load_store({"superstore_orders": orders, "superstore_returns": returns})
    for metric, sql in {
        "rows": "count(*)",
        "quantity": "sum(quantity)",
        "orders": "count(distinct order_id)",
        "customers": "count(distinct customer_id)",
        "products": "count(distinct product_id)",
    }.items():
        assert one(shop, f"select {sql} from fact_sales") == published("superstore", metric), metric
    sales = one(shop, "select sum(net_amount) from fact_sales")
    assert abs(sales - published("superstore", "sales")) <= Decimal("0.01")
    returned = one(shop, "select sum(amount) from fact_returns")
    assert abs(returned - published("superstore", "returned_sales")) <= Decimal("0.01")
    assert one(shop, "select count(distinct order_id) from fact_returns") == published(
        "superstore", "returned_orders"
    )
    assert one(shop, "select sum(quarantined_rows) from staging.raw.deliveries") == 0


@pytest.mark.external_data
def test_returns_of_orders_that_nobody_knows_wait_instead_of_vanishing(
    load_store: Loader, test_data: Path
) -> None:
    """The ids are those of another edition; a join finds nothing and shows a return rate of 0 %."""
    folder = test_data / "superstore"
    orders = {"orders.csv": (folder / "superstore_9994_mdY_bom.csv").read_bytes()}
    returns = {"returns.csv": (folder / "returns_9994_other_edition_ids.csv").read_bytes()}
    shop = load_store({"superstore_orders": orders, "superstore_returns": returns})
    assert one(shop, "select count(*) from fact_returns") == 0
    assert rows(shop, "select reason, count(*) from pending_rows group by all") == [
        ("order_missing", 296)
    ]
