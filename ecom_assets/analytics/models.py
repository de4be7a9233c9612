"""The models by the table they fill, and the queries whose rows they are given.

Importing this imports their libraries; without them it says what to install.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from ecom_assets.analytics.anomalies import compute_anomalies
from ecom_assets.analytics.computed import Computed
from ecom_assets.analytics.customer_value import compute_customer_value
from ecom_assets.analytics.forecast import compute_forecast


@dataclass(frozen=True)
class Model:
    """What computes a table.

    Attributes:
        queries: The names of queries in ``sql/``.
        compute: Given the rows of each, in this order.
    """

    queries: tuple[str, ...]
    compute: Callable[..., Computed]

    def computed(self, frames: Mapping[str, pl.DataFrame]) -> Computed:
        """Returns the table from the rows of all queries."""
        return self.compute(*(frames[name] for name in self.queries))


MODELS: dict[str, Model] = {
    "anomalies_daily": Model(("daily_metrics",), compute_anomalies),
    "forecast_sales_daily": Model(("daily_net_sales",), compute_forecast),
    "kpi_customer_value": Model(("customers", "customer_order_days"), compute_customer_value),
}
