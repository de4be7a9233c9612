-- One row per store and day: the metrics that are watched, null where they do not exist. A day
-- without sessions or payments between days with some has 0 of them.
with sessions as (
    select store_id, started_on as on_day, sum(sessions) as sessions
    from warehouse.main.kpi_funnel_daily
    group by store_id, started_on
),

session_days as (
    select store_id, min(on_day) as first_on, max(on_day) as last_on
    from sessions
    group by store_id
),

payments as (
    select
        store_id,
        paid_on as on_day,
        count(*) as payments,
        count(*) filter (where status = 'declined') as declined
    from warehouse.main.fact_payments
    where not is_test
    group by store_id, paid_on
)

select
    d.store_id,
    h.last_on as as_of_on,
    d.sales_on as metric_on,
    d.currency_code,
    cast(d.net_amount as double) as net_sales,
    cast(d.orders as double) as orders,
    cast(d.new_orders as double) as new_orders,
    cast(d.aov as double) as aov,
    cast(d.returns_amount as double) as returns,
    case when d.gross_amount > 0 then cast(d.returns_amount as double) / cast(d.gross_amount as double) end
        as returns_share,
    case
        when d.sales_on between session_days.first_on and session_days.last_on
            then cast(coalesce(sessions.sessions, 0) as double)
    end as sessions,
    cast(payments.declined as double) / payments.payments as declined_share
from warehouse.main.kpi_sales_daily as d
inner join warehouse.main.store_horizon as h on d.store_id = h.store_id
left join sessions on d.store_id = sessions.store_id and d.sales_on = sessions.on_day
left join session_days on d.store_id = session_days.store_id
left join payments on d.store_id = payments.store_id and d.sales_on = payments.on_day
where d.sales_on between h.first_on and h.last_on
order by d.store_id, d.sales_on
