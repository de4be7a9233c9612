"""The two jobs: from the inbox to a published version, and from there to its analytics."""

import dagster as dg

COMPUTED = dg.AssetSelection.groups("analytics")
PUBLISHED = dg.AssetSelection.assets("published_version")

# With assets come their checks.
daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all() - COMPUTED,
    description="Pulls from databases, lands what lies in the inbox, loads the months of the run, "
    "builds and tests all models, publishes if every blocking check is green.",
    tags={"ecom/load": "true"},
)

analytics = dg.define_asset_job(
    "analytics",
    selection=COMPUTED | PUBLISHED,
    description="Computes forecast, customer value and anomalies from the finished warehouse, "
    "and publishes it with them. A job of its own: its libraries take seconds to import.",
)
