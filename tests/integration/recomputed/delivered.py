"""What the files of Online Retail deliver, by the data model's definitions alone: no feed, no SQL.

Of each line the first of these decides: an invoice that begins with C is a credit note, one that
begins with A an adjustment; quantity and price above 0 is a sale, price 0 is free goods or, with a
quantity below 0, a stock write-off.
"""

import io
import zipfile
from pathlib import Path

import polars as pl

KINDS = {
    **dict.fromkeys(("POST", "DOT", "C2"), "shipping"),
    **dict.fromkeys(("BANK CHARGES", "AMAZONFEE", "CRUK", "S"), "fee"),
    "D": "discount",
    "M": "adjustment",
}
MONEY = pl.Decimal(38, 4)


def lines(archive: Path) -> pl.DataFrame:
    """Returns all lines; each has the earliest local time of its document."""
    with zipfile.ZipFile(archive) as files:
        names = [name for name in files.namelist() if name.endswith(".csv")]
        told = pl.concat(
            pl.read_csv(io.BytesIO(files.read(name)), infer_schema=False) for name in names
        )
    code = pl.col("StockCode").str.strip_chars().str.to_uppercase()
    kind = pl.when(code.str.starts_with("GIFT_0001_")).then(pl.lit("gift_card"))
    return told.select(
        document="InvoiceNo",
        product_id=code,
        line_kind=kind.otherwise(code.replace_strict(KINDS, default="product")),
        quantity=pl.col("Quantity").cast(MONEY),
        unit_price=pl.col("UnitPrice").cast(MONEY),
        customer_id=pl.col("CustomerID").str.split(".").list.first(),
        country_name=pl.col("Country").str.strip_chars(),
        at=pl.col("InvoiceDate").str.to_datetime("%Y-%m-%d %H:%M:%S"),
    ).with_columns(at=pl.col("at").min().over("document"))


def sales(told: pl.DataFrame) -> pl.DataFrame:
    """Returns the lines of orders: sales, free goods and adjustments."""
    is_order = ~pl.col("document").str.starts_with("C")
    is_adjustment = pl.col("document").str.starts_with("A")
    is_given = (pl.col("quantity") > 0) & (pl.col("unit_price") >= 0)
    return told.filter(is_order & (is_adjustment | is_given)).select(
        order_id="document",
        product_id="product_id",
        line_kind=pl.when(is_adjustment).then(pl.lit("adjustment")).otherwise("line_kind"),
        quantity="quantity",
        unit_price="unit_price",
        gross_amount=(pl.col("quantity") * pl.col("unit_price")).cast(MONEY),
        customer_id="customer_id",
        country_name="country_name",
        ordered_on=pl.col("at").dt.date(),
        ordered_hour=pl.col("at").dt.hour(),
    )


def returns(told: pl.DataFrame) -> pl.DataFrame:
    """Returns the lines of credit notes; what is given back is positive."""
    back = -pl.col("quantity")
    return told.filter(pl.col("document").str.starts_with("C")).select(
        refund_id="document",
        product_id="product_id",
        line_kind="line_kind",
        quantity=back.cast(MONEY),
        amount=(back * pl.col("unit_price")).cast(MONEY),
        customer_id="customer_id",
        country_name="country_name",
        refunded_on=pl.col("at").dt.date(),
        refunded_hour=pl.col("at").dt.hour(),
    )
