"""What a model of the analytics returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Computed:
    """The rows of a table, and what is told of how they came about.

    Attributes:
        frame: One row per row of the table, with its columns in any order.
        told: By store: figures and words for the report of a run.
    """

    frame: "pl.DataFrame"
    told: Mapping[str, Mapping[str, object]]
