"""The whole graph, assembled. It is the same for every home."""

import dagster as dg

from asset_checks.assets import raw_checks
from ecom_assets.analytics.assets import analytics_models
from ecom_assets.automation import analytics_after_load, file_arrivals, hourly, nightly
from ecom_assets.ingest.assets import configuration, raw_datasets
from ecom_assets.jobs import analytics, daily
from ecom_assets.publish.assets import published_version
from ecom_assets.resources import WriterLock, dbt_resource
from ecom_assets.warehouse.assets import warehouse_models

defs = dg.Definitions(
    assets=[*configuration, raw_datasets, warehouse_models, analytics_models, published_version],
    asset_checks=[raw_checks],
    jobs=[daily, analytics],
    schedules=[nightly, hourly],
    sensors=[file_arrivals, analytics_after_load],
    resources={"dbt": dbt_resource(), "writer": WriterLock()},
    executor=dg.in_process_executor,
)
