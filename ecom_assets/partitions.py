"""The one partition scheme: the month, for every asset, up to the present."""

from collections.abc import Mapping

import dagster as dg

from ecom_assets.months import FIRST_CLOCK, FIRST_MONTH, fault_of_range

months = dg.MonthlyPartitionsDefinition(
    start_date=f"{FIRST_MONTH}-01", end_offset=1, timezone=FIRST_CLOCK
)

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def range_tags(first_month: str, last_month: str) -> dict[str, str]:
    """Returns the run tags that select the months from first to last, both as ``2011-08``."""
    return {RANGE_START: f"{first_month}-01", RANGE_END: f"{last_month}-01"}


def refuse_odd_months(tags: Mapping[str, str]) -> None:
    """Refuses a range of months that Dagster lets pass: reversed, to come, or mid-month.

    What it does not take for a day at all, it refuses itself before there is a run. Every step
    calls this, for each of them may be the first of a run.

    Raises:
        dg.Failure: The tags name no range of months.
    """
    if not {RANGE_START, RANGE_END} <= tags.keys():
        return
    bounds = {tag: tags[tag] for tag in (RANGE_START, RANGE_END)}
    if fault := fault_of_range(bounds, day="-01"):
        raise dg.Failure(fault, allow_retries=False)


def months_of_run(context: dg.AssetExecutionContext) -> tuple[str, str]:
    """Returns the first and last month of a run as ``2011-08``.

    Raises:
        dg.Failure: The run names no partition.
    """
    if context.has_partition_key:
        return context.partition_key[:7], context.partition_key[:7]
    if not context.has_partition_key_range:
        raise dg.Failure(
            "this run names no month: choose partitions, or give the job the tags "
            f'--tags \'{{"{RANGE_START}": "2011-08-01", "{RANGE_END}": "2011-08-01"}}\'',
            allow_retries=False,
        )
    key_range = context.partition_key_range
    return key_range.start[:7], key_range.end[:7]
