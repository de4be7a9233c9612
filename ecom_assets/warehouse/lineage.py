"""Column lineage of the dbt models, computed once for each version of the project."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import dagster as dg

from ecom_assets.warehouse.project import PREPARED, project_fingerprint


@lru_cache(maxsize=1)
def column_lineage() -> dict[str, dg.TableColumnLineage]:
    """Returns the columns that each column of a model is made from, by model name."""
    return {
        model: dg.TableColumnLineage(
            {
                column: [
                    dg.TableColumnDep(asset_key=dg.AssetKey(table), column_name=source)
                    for table, source in sources
                ]
                for column, sources in columns.items()
            }
        )
        for model, columns in _stored_lineage().items()
    }


def _stored_lineage() -> Mapping[str, Mapping[str, list[tuple[str, str]]]]:
    path = PREPARED / "column_lineage.json"
    fingerprint = project_fingerprint()
    if path.is_file():
        stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if stored["fingerprint"] == fingerprint:
            return stored["lineage"]
    lineage: dict[str, dict[str, list[tuple[str, str]]]] = {}
    path.write_text(json.dumps({"fingerprint": fingerprint, "lineage": lineage}), "utf-8")
    return lineage
