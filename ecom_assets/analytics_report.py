"""The analytics from the command line, as they are seen: progress, and what came of them."""

from datetime import UTC, datetime
from decimal import Decimal

from rich.table import Table

from ecom_assets.console import err, out, plain, shown
from ecom_assets.home import Home
from ecom_assets.last_run import INTERRUPTED
from ecom_assets.load_run import execute_job, timed
from ecom_assets.months import present_month
from ecom_assets.progress_bars import progress_bars
from ecom_assets.publish.gate import read_gate
from ecom_assets.publish.query import ask
from ecom_assets.publish.versions import current_folder, version_in_place
from ecom_assets.stores import load_stores
from ecom_assets.wording import counted

STAGES = {
    "start": "start up",
    "import": "import the libraries",
    "compute": "compute the tables",
    "forecast": "forecast the series",
    "publish": "publish",
}

REPORTS = {
    "Forecast of net sales": """
        with series as (
            select store_id, level, category, any_value(as_of_on) as as_of_on,
                any_value(model) as model, sum(net_amount) as net_amount,
                any_value(backtest_mase) as mase, any_value(naive_mase) as naive_mase
            from forecast_sales_daily group by store_id, level, category
        )
        select store_id as store, as_of_on as "as of", count(*) as series,
            count(*) filter (where model = 'ets') as ets,
            count(*) filter (where model = 'theta') as theta,
            count(*) filter (where model = 'seasonal_naive') as "seasonal naive",
            round(avg(mase), 3) as "MASE in the backtest", round(avg(naive_mase), 3) as "naive",
            round(sum(net_amount) filter (where level = 'store')) as "net of the next 28 days"
        from series group by store_id, as_of_on order by 1
    """,
    "Customer value": """
        select store_id as store, as_of_on as "as of", count(*) as customers,
            round(sum(predicted_value_amount)) as "value of the next 365 days",
            sum(holdout_orders) as "orders held out",
            round(sum(holdout_expected_orders)) as "expected of them",
            coalesce(max(prediction_note), '') as note
        from kpi_customer_value group by store_id, as_of_on order by 1
    """,
    "Anomalies": """
        select store_id as store, metric, count(is_anomaly) as "tested days",
            count(*) filter (where is_anomaly) as anomalies,
            count(*) filter (where is_anomaly and metric_on > as_of_on - 28)
                as "in the last 28 days",
            coalesce(cast(max(metric_on) filter (where is_anomaly) as varchar), '') as newest
        from anomalies_daily group by store_id, metric order by 1, 2
    """,
}

# Stores with a customer who has ordered, and none computed as of their last data day.
NOT_COMPUTED = """
    select count(*) from store_horizon as h
    where exists (from kpi_customer_rfm as r where r.store_id = h.store_id)
        and not exists (
            from kpi_customer_value as v where v.store_id = h.store_id and v.as_of_on = h.last_on
        )
"""


def are_computed(home: Home) -> bool:
    """Whether the published analytics are those of the last data day of every store."""
    return ask(home, NOT_COMPUTED).rows[0][0] == 0


def compute_and_tell(home: Home) -> bool:
    """Runs the job ``analytics`` with progress, prints the result, and says whether it is seen."""
    load_stores(home)  # a folder that is no home says so
    current_folder(home)
    month = present_month(datetime.now(UTC))
    with progress_bars(STAGES) as show, timed(show) as times:
        run_id, error = execute_job(home, "analytics", (month, month))
    if error:
        _tell_failure(home, error)
        return False
    _tell_tables(home)
    seconds = ", ".join(f"{stage} {time:.1f} s" for stage, time in times.seconds.items())
    out.print(f"Time: {seconds}; total {times.total:.1f} s")
    _tell_warnings(home)
    version = version_in_place(home)
    if version:
        is_new = "Published version" if version.run_id == run_id else "Nothing has changed in"
        rows = counted(sum(version.rows.values()), "row")
        tables = counted(len(version.rows), "table")
        out.print(f"{is_new} {version.version}: {tables}, {rows}")
    return True


def _tell_failure(home: Home, error: str) -> None:
    version = version_in_place(home)
    kept = version.version if version else "nothing"
    err.print(f"[red]Not computed.[/red] Readers keep: {kept}")
    err.print(shown(f"  {error}"), markup=False, soft_wrap=True)
    if error == INTERRUPTED:
        return
    _tell_warnings(home)


def _tell_tables(home: Home) -> None:
    for title, sql in REPORTS.items():
        answer = ask(home, sql)
        table = Table(*answer.columns, title=title, title_justify="left")
        for row in answer.rows:
            table.add_row(*("" if value is None else plain(_figure(value)) for value in row))
        out.print(table)


def _figure(value: object) -> object:
    return f"{value:,}" if isinstance(value, int | float | Decimal) else value


def _tell_warnings(home: Home) -> None:
    from asset_checks.analytics import CHECKS  # noqa: PLC0415 - with DuckDB, only after a run

    verdicts = read_gate(home).verdicts
    for check in CHECKS:
        verdict = verdicts.get(check.name)
        if verdict and not verdict.passed:
            out.print(shown(f"Warning: {check.name}: {verdict.message}"), markup=False)
