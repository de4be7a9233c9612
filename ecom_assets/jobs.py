"""The one job: from the inbox to a published version."""

import dagster as dg

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
    description="Pulls from databases, lands what lies in the inbox, loads the months of the run, "
    "builds and tests all models, publishes if every blocking check is green.",
    tags={"ecom/load": "true"},
)
