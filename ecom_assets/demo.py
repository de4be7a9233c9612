"""The demonstration: one year of a real shop, shipped with the project."""

import zipfile
from pathlib import Path

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.setup_home import add_store

ARCHIVE = Path(__file__).resolve().parents[1] / "examples" / "online_retail" / "by-day.zip"
STORE = FEED = "online_retail"

_FIGURES = {
    "gross sales (GBP)": "sum(gross_amount) from kpi_sales_daily",
    "returns (GBP)": "sum(returns_amount) from kpi_sales_daily",
    "orders": "sum(orders) from kpi_sales_daily",
    "customers who ordered": "sum(new_customers) from kpi_customers_monthly",
    "total of all lines (GBP)": "sum(total_amount) from kpi_sales_daily",
}
HEADLINES = {
    name: f"select {figure} where store_id = '{STORE}'" for name, figure in _FIGURES.items()
}


def prepare_demo(home: Home) -> None:
    """Adds the demo's store to a home and puts its files into the inbox, unchanged.

    Raises:
        ConfigurationError: The archive is not there.
    """
    if not ARCHIVE.is_file():
        raise ConfigurationError(f"{ARCHIVE} is missing: the demo needs a checkout of the project")
    inbox = add_store(home, STORE, FEED, "GBP", "Europe/London", "GB").inbox
    with zipfile.ZipFile(ARCHIVE) as archive:
        for member in archive.infolist():
            target = inbox / Path(member.filename).name
            if member.is_dir() or (target.is_file() and target.stat().st_size == member.file_size):
                continue
            target.write_bytes(archive.read(member))
