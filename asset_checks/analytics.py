"""Checks over the tables of the analytics, judged before they replace what readers have.

A check is SQL that returns the rows which break its claim, over ``{rows}``, the table as it was
computed. Where a blocking one is red, nothing of that run is written. In the gate all of them are
warnings: yesterday's forecast keeps no load from being published.
"""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from ecom_assets.analytics.stored import DRAFT
from ecom_assets.analytics.tables import AnalyticsTable, analytics_tables
from ecom_assets.publish.gate import EXAMPLE_ROWS, Verdict


@dataclass(frozen=True)
class AnalyticsCheck:
    """A check: the table it belongs to, its claim, what finds the offending rows."""

    name: str
    table: str
    claim: str
    sql: str
    blocking: bool = True


def _unique(table: AnalyticsTable) -> AnalyticsCheck:
    grain = ", ".join(table.grain)
    return AnalyticsCheck(
        f"grain_{table.table}",
        table.table,
        f"Each ({grain}) has one row.",
        f"select {grain}, count(*) as rows from {{rows}} group by {grain} having count(*) > 1",
    )


CHECKS: tuple[AnalyticsCheck, ...] = (
    *(_unique(table) for table in analytics_tables().values()),
    AnalyticsCheck(
        "customer_value_counts_every_order",
        "kpi_customer_value",
        "Every customer with a counting order has a row, and each of these orders counts once.",
        """
        select store_id, customer_id, counted.orders, found.orders as found_orders
        from (
            select o.store_id, o.customer_id, count(*) as orders
            from staging.main.int_customer_orders as o
            inner join warehouse.main.store_horizon as h
                on o.store_id = h.store_id and o.ordered_on <= h.last_on
            group by all
        ) as counted
        full join (select store_id, customer_id, orders from {rows}) as found
            using (store_id, customer_id)
        where counted.orders is distinct from found.orders
        """,
    ),
    AnalyticsCheck(
        "customer_value_is_within_bounds",
        "kpi_customer_value",
        "Probabilities are 0 to 1, a customer's days are in their order, what is expected is not "
        "negative and grows with time, and what is not predicted says why.",
        """
        select store_id, customer_id, frequency, recency_days, age_days, p_alive,
            expected_orders_90_days, expected_orders_365_days, expected_order_value_amount,
            prediction_note
        from {rows}
        where not (frequency between 0 and orders - 1)
            or not (recency_days between 0 and age_days)
            or (frequency = 0) <> (recency_days = 0)
            or (frequency = 0) <> (mean_repeat_amount is null)
            or not (p_alive between 0 and 1)
            or not (expected_orders_90_days between 0 and expected_orders_365_days)
            or expected_order_value_amount < 0
            or predicted_value_amount < 0
            or (predicted_value_amount is null) <> (prediction_note is not null)
            or (p_alive is null) <> (predicted_value_amount is null)
        """,
    ),
    AnalyticsCheck(
        # CDNOW, the data set of the literature, has 0.88; SimMart 0.9 to 1.1 (2026-11-26)
        "customer_value_holds_out",
        "kpi_customer_value",
        "The orders of the hold-out are between half and twice what a model of the days before "
        "expects, where it expects 50 or more (warns).",
        """
        select store_id, min(holdout_from_on) as holdout_from_on,
            sum(holdout_orders) as holdout_orders,
            sum(holdout_expected_orders) as holdout_expected_orders
        from {rows}
        group by store_id
        having sum(holdout_expected_orders) >= 50
            and not (sum(holdout_orders)
                between sum(holdout_expected_orders) / 2 and sum(holdout_expected_orders) * 2)
        """,
        blocking=False,
    ),
    AnalyticsCheck(
        "anomalies_hold_every_day",
        "anomalies_daily",
        "Every day of kpi_sales_daily up to the last data day has a row with its orders and net "
        "sales.",
        """
        select d.store_id, d.sales_on, d.orders, d.net_amount, held.orders as held_orders,
            held.net_amount as held_net_amount
        from warehouse.main.kpi_sales_daily as d
        inner join warehouse.main.store_horizon as h
            on d.store_id = h.store_id and d.sales_on between h.first_on and h.last_on
        left join (
            select store_id, metric_on, max(value) filter (where metric = 'orders') as orders,
                max(value) filter (where metric = 'net_sales') as net_amount
            from {rows} group by store_id, metric_on
        ) as held on d.store_id = held.store_id and d.sales_on = held.metric_on
        where held.orders is distinct from d.orders
            or held.net_amount is null
            -- a double tells fifteen digits
            or abs(held.net_amount - d.net_amount) > abs(d.net_amount) / 1e12
        """,
    ),
    AnalyticsCheck(
        "anomalies_follow_from_z",
        "anomalies_daily",
        "A day is an anomaly if and only if its z is beyond the threshold, says whether high or "
        "low, and is tested only against 28 days or more.",
        """
        select store_id, metric, metric_on, robust_z, threshold, is_anomaly, direction,
            baseline_days
        from {rows}
        where is_anomaly is distinct from abs(robust_z) > threshold
            or (robust_z is null) <> (expected is null)
            or (robust_z is not null and baseline_days < 28)
            or direction is distinct from
                case when is_anomaly then case when robust_z > 0 then 'high' else 'low' end end
            or (robust_z > 0 and value < expected)
            or (robust_z < 0 and value > expected)
        """,
    ),
    AnalyticsCheck(
        # of the real year 6 % of tested days, a third of them bank holidays (2026-11-26)
        "anomalies_are_rare",
        "anomalies_daily",
        "No more than one day in five of a store's metric is an anomaly, of 60 tested or more "
        "(warns): else the metric follows no week.",
        """
        select store_id, metric, count(*) filter (where is_anomaly) as anomalies,
            count(*) as tested
        from {rows}
        where is_anomaly is not null
        group by store_id, metric
        having count(*) >= 60 and count(*) filter (where is_anomaly) > count(*) / 5
        """,
        blocking=False,
    ),
    AnalyticsCheck(
        "forecast_holds_every_store",
        "forecast_sales_daily",
        "Every store with two weeks of sales has a row for each of the 28 days after its last data "
        "day, and so has each of its series.",
        """
        select store_id, level, category, count(f.forecast_on) as days,
            min(f.forecast_on) as first_on, max(f.forecast_on) as last_on, any_value(h.last_on)
        from (
            select d.store_id, 'store' as level, 'all' as category
            from warehouse.main.kpi_sales_daily as d
            inner join warehouse.main.store_horizon as h
                on d.store_id = h.store_id and d.sales_on between h.first_on and h.last_on
            where d.net_amount <> 0
            group by d.store_id
            having max(h.last_on) - min(d.sales_on) >= 13
        ) as wanted
        full join {rows} as f using (store_id, level, category)
        left join warehouse.main.store_horizon as h using (store_id)
        group by store_id, level, category
        having count(f.forecast_on) <> 28
            or min(f.forecast_on) <> any_value(h.last_on) + 1
            or max(f.forecast_on) <> any_value(h.last_on) + 28
            or min(f.as_of_on) <> any_value(h.last_on)
            or max(f.as_of_on) <> any_value(h.last_on)
        """,
    ),
    AnalyticsCheck(
        "forecast_intervals_are_ordered",
        "forecast_sales_daily",
        "The interval of 80 % holds the forecast and lies within that of 95 %.",
        """
        select store_id, level, category, forecast_on, lo_95_amount, lo_80_amount, net_amount,
            hi_80_amount, hi_95_amount
        from {rows}
        where not (lo_95_amount <= lo_80_amount and lo_80_amount <= net_amount
            and net_amount <= hi_80_amount and hi_80_amount <= hi_95_amount)
        """,
    ),
    AnalyticsCheck(
        "forecast_beats_seasonal_naive",
        "forecast_sales_daily",
        "A model other than seasonal naive had at most 95 % of its errors in the backtest.",
        """
        select store_id, level, category, model, backtest_relative
        from {rows}
        where (model in ('ets', 'theta') and coalesce(backtest_relative > 0.95, true))
            or (model = 'seasonal_naive' and backtest_relative <> 1)
            or model not in ('seasonal_naive', 'ets', 'theta')
        """,
    ),
    AnalyticsCheck(
        "forecast_is_of_the_size_of_sales",
        "forecast_sales_daily",
        "What is expected of a store in 28 days lies between a quarter and four times what its "
        "last 28 days brought, where these brought something (warns).",
        """
        select f.store_id, f.net_amount as forecast_amount, held.net_amount as last_amount
        from (
            select store_id, sum(net_amount) as net_amount from {rows}
            where level = 'store' group by store_id
        ) as f
        inner join (
            select d.store_id, sum(d.net_amount) as net_amount
            from warehouse.main.kpi_sales_daily as d
            inner join warehouse.main.store_horizon as h on d.store_id = h.store_id
            where d.sales_on between h.last_on - 27 and h.last_on
            group by d.store_id
        ) as held on f.store_id = held.store_id
        where held.net_amount > 0
            and not (f.net_amount between held.net_amount / 4 and held.net_amount * 4)
        """,
        blocking=False,
    ),
)


def judged(
    connection: duckdb.DuckDBPyConnection, tables: Collection[str]
) -> list[tuple[AnalyticsCheck, Verdict]]:
    """Judges the drafts of tables.

    Args:
        connection: Where the drafts are, with ``warehouse`` and ``staging`` attached.
        tables: The names of the tables.

    Returns:
        Each check of them with its verdict, which never keeps a load from being published.
    """
    return [(check, _verdict(connection, check)) for check in CHECKS if check.table in tables]


def _verdict(connection: duckdb.DuckDBPyConnection, check: AnalyticsCheck) -> Verdict:
    found = connection.sql(check.sql.format(rows=f"{DRAFT}{check.table}"))
    rows = found.limit(EXAMPLE_ROWS).fetchall()
    counted = found.aggregate("count(*)").fetchall()[0][0] if rows else 0
    return Verdict(
        name=check.name,
        passed=not rows,
        blocking=False,
        message=f"{check.claim} Rows that break this: {counted}." if rows else "",
        rows=tuple(
            {name: str(value) for name, value in zip(found.columns, row, strict=True)}
            for row in rows
        ),
        found=counted,
    )
