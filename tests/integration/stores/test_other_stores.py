"""Stores of other kinds, from their exports to facts: small samples of our own, and real exports
with published figures (marker ``external_data``)."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.warehouses import Loader, Published, one, rows

pytestmark = pytest.mark.integration


# CDNOW


CDNOW = """\
 customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  3   20.00
 00002 19970112  1   12.00
 00003 19970102  2    0.00
 00004 1997010x  2   29.33
"""


def test_cdnow_purchases_are_orders_of_their_own(load_store: Loader) -> None:
    shop = load_store({"cdnow": {"CDNOW.txt": CDNOW}})
    assert rows(shop, "select order_id, quantity, net_amount from fact_sales order by 1") == [
        ("00001-19970101-1", 1, Decimal("11.77")),
        ("00002-19970112-1", 1, Decimal("12.00")),
        ("00002-19970112-2", 3, Decimal("20.00")),
        ("00002-19970112-3", 1, Decimal("12.00")),
        ("00003-19970102-1", 2, Decimal("0.00")),
    ]
    assert one(shop, "select reason from staging.raw.quarantined_rows") == (
        "date: 1997010x is no local time of the format %Y%m%d"
    )


def test_an_export_of_the_past_is_delivered_on_its_newest_day(load_store: Loader) -> None:
    """As of the day of landing, 29 years without a sale followed the last one."""
    shop = load_store({"cdnow": {"CDNOW.txt": CDNOW}})
    assert rows(shop, "select min(sales_on), max(sales_on) from kpi_sales_daily") == [
        (date(1997, 1, 1), date(1997, 1, 12))
    ]


# The jaffle shop


JAFFLE = {
    "jaffle_shop_customers": {"raw_customers.csv": "id,first_name,last_name\n1,Ada,L.\n2,Bob,M.\n"},
    "jaffle_shop_orders": {
        "raw_orders.csv": "id,user_id,order_date,status\n"
        "1,1,2018-01-01,returned\n2,1,2018-01-02,placed\n"
    },
    "jaffle_shop_payments": {
        "raw_payments.csv": "id,order_id,payment_method,amount\n"
        "1,1,credit_card,1000\n2,2,coupon,150\n3,2,gift_card,1\n"
    },
}


def test_jaffle_shop_payments_in_cents_are_lines_of_their_orders(load_store: Loader) -> None:
    shop = load_store(JAFFLE)
    assert rows(shop, "select order_id, sum(net_amount) from fact_sales group by 1 order by 1") == [
        ("1", Decimal("10.00")),
        ("2", Decimal("1.51")),
    ]
    assert one(shop, "select count(*) from dim_customers where full_name = 'Ada L.'") == 1
    assert one(shop, "select sum(amount) from staging.raw.raw_payments") == Decimal("11.51")


# The dirty cafe


@pytest.mark.parametrize(
    "amounts", ["999999999999999999999999999,99999999999999,", ",0.0001,99999999999999"]
)
def test_a_line_that_cannot_be_computed_is_rejected_alone(load_store: Loader, amounts: str) -> None:
    """One such line stopped every load of all stores."""
    good = "T2,Tea,1,1.5,1.5,Cash,In-store,2023-09-08\n"
    text = CAFE["iso"] + f"T1,Tea,{amounts},Cash,In-store,2023-09-08\n" + good
    shop = load_store({"dirty_cafe_iso": {"cafe.csv": text}})
    assert rows(shop, "select order_id from fact_sales") == [("T2",)]
    assert one(shop, "select source_row from staging.raw.quarantined_rows") == 2


CAFE = {
    "us": "transaction_id,item,quantity,price_per_unit,total_spent,payment_method,location,"
    "transaction_date\n",
    "uk": "Transaction ID,Item,Quantity,Price Per Unit,Total Spent,Payment Method,Location,"
    "Transaction Date\n",
}
CAFE["iso"] = CAFE["uk"]
CAFE_DAYS = {"us": "9/8/2023", "uk": "08/09/2023", "iso": "2023-09-08"}


@pytest.mark.parametrize("locale", ["us", "uk", "iso"])
def test_a_cafe_sale_is_repaired_from_what_it_tells(load_store: Loader, locale: str) -> None:
    day = CAFE_DAYS[locale]
    lines = [
        f"T1,Coffee,2,2.0,4.0,Cash,In-store,{day}",
        f"T1,Coffee,2,2.0,4.0,Cash,In-store,{day}",
        f"T2,UNKNOWN,4,3,ERROR,,Takeaway,{day}",
        f"T3,Cake,UNKNOWN,3,12,ERROR,UNKNOWN,{day}",
        f"T4,Tea,2,ERROR,UNKNOWN,Cash,In-store,{day}",
        *(f"T{no},Tea,1,1.5,1.5,Cash,In-store,{day}" for no in range(5, 30)),
        "T30,Tea,1,1.5,1.5,Cash,In-store,ERROR",
    ]
    text = CAFE[locale] + "\n".join(lines) + "\n"
    shop = load_store({f"dirty_cafe_{locale}": {"cafe.csv": text}})
    wanted = (
        "select order_id, product_id, quantity, net_amount, ordered_on, channel from fact_sales"
    )
    found = rows(shop, f"{wanted} where order_id in ('T1', 'T2', 'T3') order by 1")
    on = date(2023, 9, 8)
    assert found == [
        ("T1", "COFFEE", 2, 4, on, "shop"),
        ("T2", None, 4, 12, on, "takeaway"),
        ("T3", "CAKE", 4, 12, on, None),
    ]
    rejected = "select source_row, rule from staging.raw.quarantined_rows order by 1"
    assert rows(shop, rejected) == [(6, "amount_unknown"), (32, "required")]


# Shopify


SHOPIFY_ORDERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,"
    "Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem sku,Lineitem requires shipping,Billing Name,Shipping City,Shipping Province,"
    "Shipping Country,Cancelled at,Payment Method,Payment ID,Refunded Amount,Outstanding Balance,"
    "Source,Lineitem discount,Brand new\n"
)


def shopify_line(name: str, **values: object) -> str:
    columns = SHOPIFY_ORDERS.strip().split(",")
    given = {"Name": name, "Created at": "2025-05-11 20:30:00 -0400", **values}
    return ",".join(str(given.get(column, "")) for column in columns)


def test_shopify_totals_count_once_however_many_lines_an_order_has(load_store: Loader) -> None:
    head = {"Financial Status": "paid", "Total": 45, "Shipping": 5, "Email": "A@x.com"}
    lines = [
        shopify_line("#1", **head, **{"Lineitem quantity": 1, "Lineitem name": "Ski"},
                     **{"Lineitem price": "30.00", "Lineitem requires shipping": "true"}),
        shopify_line("#1", **{"Lineitem quantity": 2, "Lineitem name": "Wax"},
                     **{"Lineitem price": "5.00", "Lineitem requires shipping": "true"}),
        shopify_line("#2", **{"Financial Status": "pending", "Total": 10, "Shipping": 0},
                     **{"Outstanding Balance": 10, "Lineitem quantity": 1},
                     **{"Lineitem name": "Gift Card - $10", "Lineitem price": "10.00"},
                     **{"Lineitem requires shipping": "false"}),
    ]  # fmt: skip
    text = SHOPIFY_ORDERS + "\n".join(lines) + "\n"
    shop = load_store({"shopify_orders": {"orders_export_1.csv": text}}, "EUR", "America/New_York")
    assert rows(
        shop,
        "select order_id, line_kind, product_id, net_amount, shipping_amount, ordered_on, "
        "order_status, customer_id from fact_sales order by 1, 3",
    ) == [
        ("#1", "product", "SKI", 30, Decimal("3.75"), DAY, "paid", "a@x.com"),
        ("#1", "product", "WAX", 10, Decimal("1.25"), DAY, "paid", "a@x.com"),
        ("#2", "gift_card", "GIFT CARD - $10", 10, 0, DAY, "created", None),
    ]
    assert one(shop, "select sum(amount) from staging.raw.raw_payments") == 45
    assert one(shop, "select sum(extra_columns) from staging.raw.deliveries") == 1


def test_a_shopify_order_given_back_whole_nets_to_zero(load_store: Loader) -> None:
    """Refunded Amount holds tax and shipping, which counted as given back for products."""
    item = {"Lineitem quantity": 1, "Lineitem name": "Ski", "Lineitem price": "100.00"}
    head = {"Subtotal": 100, "Shipping": 10, "Taxes": 8, "Total": 118, "Refunded Amount": 118}
    cancelled = {"Financial Status": "refunded", "Cancelled at": "2025-05-12 10:00:00 -0400"}
    lines = [
        shopify_line("#1", **item, **head, **cancelled),
        shopify_line("#2", **item, **head, **{"Financial Status": "refunded"}),
    ]
    text = SHOPIFY_ORDERS + "\n".join(lines) + "\n"
    shop = load_store({"shopify_orders": {"orders_export_1.csv": text}}, "EUR", "America/New_York")
    totals = "sum(net_amount), sum(tax_amount), sum(shipping_amount), sum(total_amount)"
    assert rows(shop, f"select {totals} from kpi_sales_daily") == [(0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        ({"Currency": "USD"}, "other_currency"),
        ({"Subtotal": 119, "Taxes": 19, "Total": 119}, "tax_in_prices"),
        ({"Shipping": "1,0"}, "type"),
    ],
)
def test_a_shopify_order_that_cannot_be_right_is_rejected_whole(
    load_store: Loader, head: dict[str, object], rule: str
) -> None:
    """Its other lines waited for its head, and shut the gate days later."""
    item = {"Lineitem quantity": 1, "Lineitem name": "Ski", "Lineitem price": "119.00"}
    quoted = {name: f'"{value}"' for name, value in head.items()}
    lines = [
        shopify_line("#1", **item, **{"Financial Status": "paid"}, **quoted),
        shopify_line("#1", **item),
        shopify_line("#2", **item, **{"Financial Status": "paid"}),
    ]
    text = SHOPIFY_ORDERS + "\n".join(lines) + "\n"
    shop = load_store({"shopify_orders": {"orders_export_1.csv": text}}, "EUR", "America/New_York")
    assert rows(shop, "select distinct order_id from fact_sales") == [("#2",)]
    rules = "select rule from staging.raw.quarantined_rows order by source_row"
    assert rows(shop, rules) == [(rule,), ("document_rejected",)]


DAY = date(2025, 5, 11)

SHOPIFY_PRODUCTS = (
    "Handle,Title,Vendor,Type,Published,Option1 Value,Option2 Value,Option3 Value,Variant SKU,"
    "Variant Price,Image Src\n"
    "cap,Warm Cap,Acme,Hats,true,Red,,,CAP-R,10.00,one.png\n"
    "cap,,,,,Blue,,,,12.00,\n"
    "cap,,,,,,,,,,two.png\n"
)


def test_shopify_variants_are_products_with_what_their_first_line_says(load_store: Loader) -> None:
    shop = load_store({"shopify_products": {"apparel.csv": SHOPIFY_PRODUCTS}})
    found = "select product_id, name, category, brand, unit_price from dim_products"
    assert rows(shop, f"{found} where product_key <> '0' order by 1") == [
        ("CAP-R", "Warm Cap Red", "Hats", "Acme", 10),
        ("CAP/BLUE", "Warm Cap Blue", "Hats", "Acme", 12),
    ]


# WooCommerce


WOO = (
    "ID,Type,SKU,Name,Published,Low stock amount,Sale price,Regular price,Categories,Parent\n"
    '1,variable,tee,T-Shirt,1,,,,"Clothing > Tshirts, Sale",\n'
    "2,variation,tee-red,T-Shirt - Red,1,3,40,45,,tee\n"
    '3,simple,,Album,0,,,15,"Music",\n'
)


def test_woocommerce_categories_are_paths(load_store: Loader) -> None:
    shop = load_store({"woocommerce_products": {"products.csv": WOO}})
    found = "select product_id, category, subcategory, unit_price, reorder_point, is_active"
    assert rows(shop, f"{found} from dim_products where product_key <> '0' order by 1") == [
        ("3", "Music", None, 15, None, False),
        ("TEE", "Clothing", "Tshirts", None, None, True),
        ("TEE-RED", None, None, 40, 3, True),
    ]


# Published figures


@pytest.mark.external_data
def test_cdnow_has_the_published_purchases_and_customers(
    load_store: Loader, test_data: Path
) -> None:
    name = "CDNOW_master.txt"
    shop = load_store({"cdnow": {name: (test_data / "cdnow" / name).read_bytes()}})
    totals = "select count(*), count(distinct customer_id), sum(net_amount), sum(quantity)"
    assert rows(shop, f"{totals} from fact_sales") == [
        (69_659, 23_570, Decimal("2500315.63"), 167_881)
    ]


@pytest.mark.external_data
def test_the_shopify_export_gives_its_total_and_not_the_filled_down_one(
    load_store: Loader, test_data: Path, published: Published
) -> None:
    name = "orders_export.csv"
    content = (test_data / "shopify_order_export" / name).read_bytes()
    shop = load_store({"shopify_orders": {name: content}}, "EUR", "America/New_York")
    figures = {
        "total": "sum(net_amount + shipping_amount + tax_amount)",
        "orders": "count(distinct order_id)",
        "paid_total": "sum(net_amount) filter (order_status <> 'created')",
        "gift_card_value": "sum(net_amount) filter (line_kind = 'gift_card')",
    }
    for metric, sql in figures.items():
        value = one(shop, f"select {sql} from fact_sales")
        assert value == published("shopify_order_export", metric), metric
    assert one(shop, "select sum(extra_columns) from staging.raw.deliveries") == 0


@pytest.mark.external_data
@pytest.mark.parametrize("name", ["apparel", "snowdevil"])
def test_shopify_products_have_their_variants(
    load_store: Loader, test_data: Path, published: Published, name: str
) -> None:
    content = (test_data / "shopify_product_export" / f"{name}.csv").read_bytes()
    shop = load_store({"shopify_products": {f"{name}.csv": content}})
    told = "from staging.raw.raw_products where not is_inferred"
    assert one(shop, f"select count(*) {told}") == published(
        "shopify_product_export", f"{name}_variants"
    )
    assert one(shop, f"select count(distinct document_id) {told}") == published(
        "shopify_product_export", f"{name}_products"
    )
    assert one(shop, "select sum(quarantined_rows) from staging.raw.deliveries") == 0


@pytest.mark.external_data
def test_woocommerce_has_its_products(load_store: Loader, test_data: Path) -> None:
    content = (test_data / "woocommerce_sample" / "sample_products.csv").read_bytes()
    shop = load_store({"woocommerce_products": {"sample_products.csv": content}})
    assert one(shop, "select count(*) from dim_products where product_key <> '0'") == 24


@pytest.mark.external_data
def test_the_jaffle_shop_earned_what_was_published(
    load_store: Loader, test_data: Path, published: Published
) -> None:
    folder = test_data / "jaffle_shop_classic"
    kinds = ("customers", "orders", "payments")
    shop = load_store(
        {
            f"jaffle_shop_{kind}": {f"raw_{kind}.csv": (folder / f"raw_{kind}.csv").read_bytes()}
            for kind in kinds
        }
    )
    figures = {
        "customers": "select count(*) from dim_customers where customer_key <> '0'",
        "orders": "select count(distinct order_id) from fact_sales",
        "customers_with_orders": "select count(distinct customer_id) from fact_sales",
        "payments_total_dollars": "select sum(net_amount) from fact_sales",
        "payments": "select count(*) from staging.raw.raw_payments",
        "payments_coupon_dollars": "select sum(amount) from staging.raw.raw_payments "
        "where method = 'coupon'",
    }
    for metric, sql in figures.items():
        assert one(shop, sql) == published("jaffle_shop_classic", metric), metric


@pytest.mark.external_data
def test_the_cafe_has_the_same_days_in_all_locales(
    load_store: Loader, test_data: Path, published: Published
) -> None:
    names = {
        "us": "dirty_cafe_US_dates.csv",
        "uk": "dirty_cafe_UK_dates.csv",
        "iso": "dirty_cafe_ISO_dates_2dups.csv",
    }
    found: dict[str, list[tuple[Any, ...]]] = {}
    for locale, name in names.items():
        content = (test_data / "dirty_cafe" / name).read_bytes()
        shop = load_store({f"dirty_cafe_{locale}": {name: content}})
        sql = "select order_id, ordered_on, net_amount, quantity from fact_sales order by 1"
        found[locale] = rows(shop, sql)
        without_day = "select count(*) from staging.raw.quarantined_rows where rule = 'required'"
        assert one(shop, without_day) == published("dirty_cafe", "bad_transaction_date")
        unknown = "select count(*) from staging.raw.quarantined_rows where rule <> 'required'"
        assert len(found[locale]) + one(shop, unknown) == published("dirty_cafe", "valid_dates")
    assert found["us"] == found["uk"] == found["iso"]
