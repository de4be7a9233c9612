"""The whole graph, assembled. It is the same for every home."""

import dagster as dg

from asset_checks.assets import raw_checks
from ecom_assets.automation import file_arrivals, hourly, nightly
from ecom_assets.ingest.assets import configuration, raw_datasets
from ecom_assets.jobs import daily
from ecom_assets.publish.assets import published_version
from ecom_assets.resources import WriterLock, dbt_resource
from ecom_assets.warehouse.assets import warehouse_models

defs = dg.Definitions(
    assets=[*configuration, raw_datasets, warehouse_models, published_version],
    asset_checks=[raw_checks],
    jobs=[daily],
    schedules=[nightly, hourly],
    sensors=[file_arrivals],
    resources={"dbt": dbt_resource(), "writer": WriterLock()},
    executor=dg.in_process_executor,
)
