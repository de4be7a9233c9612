"""Delivered files that tests share."""

from ecom_assets.warehouse.project import PROJECT_DIR

WEEK = PROJECT_DIR.parent / "examples" / "online_retail" / "sample-week"

SAMPLE_WEEK: dict[str, bytes] = {
    path.name: path.read_bytes() for path in sorted(WEEK.glob("*.csv"))
}
