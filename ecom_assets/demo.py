"""The demonstration: a year of a real shop, shipped with the project, and a simulated shop."""

import zipfile
from datetime import date
from pathlib import Path

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.simulate import remembered, simulate, simulation
from ecom_assets.stores import load_stores

ARCHIVE = Path(__file__).resolve().parents[1] / "examples" / "online_retail" / "by-day.zip"
STORE = FEED = "online_retail"

# Fixed, so that everybody sees the same figures; `ecom simulate` goes on from there.
SIMULATED_DAYS = (date(2026, 3, 3), date(2026, 5, 31))

TITLES = {STORE: "Online Retail (GBP)", "simmart": "SimMart (EUR)"}
HEADLINES = {
    "gross sales": "sum(gross_amount) from kpi_sales_daily",
    "returns": "sum(returns_amount) from kpi_sales_daily",
    "orders": "sum(orders) from kpi_sales_daily",
    "customers who ordered": "sum(new_customers) from kpi_customers_monthly",
    "total of all lines": "sum(total_amount) from kpi_sales_daily",
}


def headline_sql(figure: str, store: str) -> str:
    """Returns the query for a figure of a store."""
    return f"select {HEADLINES[figure]} where store_id = '{store}'"


def prepare_online_retail(home: Home) -> None:
    """Adds the real shop to a home and puts its files into the inbox, unchanged.

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


def prepare_demo(home: Home) -> None:
    """Adds both shops to a home and puts their files into the inbox.

    A simulation that the home has already stays as it is.

    Raises:
        ConfigurationError: The archive is not there, or the home is that of another shop.
    """
    _refuse_another_shop(home)
    prepare_online_retail(home)
    if remembered(home) is None:
        simulate(home, simulation(home, days=SIMULATED_DAYS))


def _refuse_another_shop(home: Home) -> None:
    if not home.stores_file.is_file():
        return
    others = [store for store in load_stores(home).stores if not store.startswith(tuple(TITLES))]
    if others:
        raise ConfigurationError(
            f"{home.root} is the home of {', '.join(others)}: give the demo one of its own "
            "(--home, or unset ECOM_HOME)"
        )
