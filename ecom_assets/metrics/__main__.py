"""Writes ``docs/metrics.md``: ``uv run python -m ecom_assets.metrics``."""

import sys
from pathlib import Path

from ecom_assets.errors import EcomError
from ecom_assets.metrics.dictionary import read_tables
from ecom_assets.metrics.faults import faults
from ecom_assets.metrics.page import page
from ecom_assets.warehouse.project import load_project

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def main() -> str | None:
    """Writes the page; returns what is to be mended first where something is."""
    try:
        tables = read_tables(load_project())
        found = faults(tables)
        if found:
            return "\n".join(found)
        PAGE.write_text(page(tables), "utf-8")
    except EcomError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
