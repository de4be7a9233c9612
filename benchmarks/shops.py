"""The shops that are measured: whose files, over which months, and what a load may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ecom_assets.demo import STORE

SIMULATION = "simulation, s"
SIMULATION_RATIO = "simulation / bare writing"
TOTAL = "load, s"
WORK = "data work, s"
WORK_RATIO = "data work / bare"
WORK_GROWTH = "data work / that at s3"
LOAD_TREE = "load, memory of all processes, MB"


@dataclass(frozen=True)
class BenchShop:
    """A shop.

    Attributes:
        name: Its name on the command line, and of its script ``bare_<name>.sql``.
        title: Its name in the output.
        store: Its folder in the inbox.
        currency: Its own, which is that of the reports.
        days: First and last day of delivery.
    """

    name: str
    title: str
    store: str
    currency: str
    days: tuple[date, date]

    @property
    def months(self) -> tuple[str, str]:
        """First and last month as a load takes them."""
        return f"{self.days[0]:%Y-%m}", f"{self.days[1]:%Y-%m}"


@dataclass(frozen=True)
class Size:
    """A size of shop.

    Attributes:
        seconds: How long one of its processes may run at all.
        limits: The most that is wanted of a figure, by its name.
    """

    seconds: float
    limits: Mapping[str, float] = field(default_factory=dict[str, float])


ONLINE_RETAIL = BenchShop(
    "online_retail",
    "Online Retail, one year",
    STORE,
    "GBP",
    (date(2010, 12, 1), date(2011, 12, 31)),
)
SIMMART = BenchShop("simmart", "SimMart", "simmart", "EUR", (date(2025, 1, 1), date(2025, 12, 31)))
SHOPS = {shop.name: shop for shop in (ONLINE_RETAIL, SIMMART)}

YEAR = Size(600, {TOTAL: 25})
SCALES = {
    "demo": Size(600),
    "s3": Size(
        600, {SIMULATION: 10, SIMULATION_RATIO: 2, TOTAL: 50, WORK_RATIO: 2, LOAD_TREE: 2_000}
    ),
    "x10": Size(7_200, {SIMULATION_RATIO: 2, WORK_RATIO: 2, WORK_GROWTH: 10, LOAD_TREE: 6_000}),
}
