"""How dbt nodes appear in Dagster: asset key = table name, groups by layer."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from ecom_assets.freshness import freshness
from ecom_assets.partitions import months

BOOKKEEPING = {"documents", "changes"}


class Translator(DagsterDbtTranslator):
    """Names, groups, owners and freshness of dbt nodes."""

    def __init__(self) -> None:
        """Lets several dbt sources stand for one asset: the rows of a dataset, its changed keys."""
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Returns the table's name, for sources too: raw assets carry the names of their views.

        The bookkeeping of change is made from the deliveries.
        """
        name = dbt_resource_props["name"]
        return dg.AssetKey("deliveries" if name in BOOKKEEPING else name)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Returns the dbt group; seeds and intermediate models belong to staging."""
        return dbt_resource_props["config"].get("group")

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Adds owner, layer, freshness and partitions to dagster-dbt's specification."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = {**manifest["nodes"], **manifest["sources"]}[unique_id]
        owner = node["config"].get("meta", {}).get("owner", "team:data-platform")
        return spec.replace_attributes(
            owners=[owner],
            tags={"layer": node["config"].get("group") or "raw"},
            freshness_policy=freshness(),
            partitions_def=months,
        )
