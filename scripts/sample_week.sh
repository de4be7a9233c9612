#!/usr/bin/env bash
# A week of a real shop through the whole graph, as an operator would run it: a new home, seven
# delivered files, one Dagster job, one query on what it published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
home="$work/home"
inbox="$home/inbox/online_retail/online_retail"
unset DAGSTER_HOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
export UV_FROZEN=1

uv=uv
uv --version >/dev/null 2>&1 || uv=.uv/bin/uv

"$uv" run ecom init "$home" --store online_retail --feed online_retail \
  --currency GBP --timezone Europe/London

mkdir -p "$inbox"
cp examples/online_retail/sample-week/*.csv "$inbox/"

months='{"dagster/asset_partition_range_start": "2011-08-01",
  "dagster/asset_partition_range_end": "2011-08-01"}'
ECOM_HOME="$home" "$uv" run dagster job execute -m ecom_assets.definitions -j daily --tags "$months"

"$uv" run ecom query --home "$home" \
  "select count(*) as lines, sum(gross_amount - discount_amount) as net from fact_sales"
