"""Writing what a simulated store knows of itself and does not deliver: the truth to compare with.

It lies beside the inbox and is written whole for all days so far, so it too is the same however
many calls wrote it.
"""

from pathlib import Path

from ecom_assets.simmart.fraud_labels import fraud_labels
from ecom_assets.simmart.shop import Shop


def write_truth(shop: Shop, folder: Path) -> None:
    """Writes the labels of a store's fraud.

    Args:
        shop: The store.
        folder: Where its truth lies, ``<home>/truth/<store>``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / ".fraud.parquet.part"
    fraud_labels(shop).write_parquet(draft)
    draft.replace(folder / "fraud.parquet")
