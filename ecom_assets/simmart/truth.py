"""Writing what a simulated store knows of itself and does not deliver: the truth to compare with.

It lies beside the inbox and is written whole for all days so far, so it too is the same however
many calls wrote it.
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from ecom_assets.simmart.activity_tables import stock_levels
from ecom_assets.simmart.delivery import Delivered
from ecom_assets.simmart.fraud_labels import fraud_labels
from ecom_assets.simmart.payment_truth import payment_truth
from ecom_assets.simmart.session_truth import session_truth
from ecom_assets.simmart.shop import Shop


def write_truth(shop: Shop, delivered: Iterable[Delivered], folder: Path) -> None:
    """Writes a store's labels of fraud, payments, levels of stock, sessions and places of dirt.

    Args:
        shop: The store.
        delivered: What was written of it.
        folder: Where its truth lies, ``<home>/truth/<store>``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(fraud_labels(shop), folder / "fraud.parquet")
    _write(payment_truth(shop), folder / "payments.parquet")
    _write(stock_levels(shop), folder / "stock.parquet")
    _write(session_truth(shop), folder / "sessions.parquet")
    if shop.plan.dirt:
        _write(pl.concat(kind.dirt for kind in delivered), folder / "dirt.parquet")


def _write(table: pl.DataFrame, target: Path) -> None:
    draft = target.with_name(f".{target.name}.part")
    table.write_parquet(draft)
    draft.replace(target)
