{{ config(meta={
    'dagster': {'ref': {'name': 'kpi_sales_monthly'}},
    'description': 'The spend of each month of sales is that of its campaigns\' days.',
}) }}

with days as (
    select
        store_id,
        {{ month_of('spend_on') }} as sales_month,
        sum(spend_amount) as spend_amount,
        sum(spend_base_amount) as spend_base_amount
    from {{ ref('fact_campaign_daily') }}
    group by store_id, {{ month_of('spend_on') }}
)

select
    months.store_id,
    months.sales_month,
    months.spend_amount,
    days.spend_amount as days_amount
from {{ ref('kpi_sales_monthly') }} as months
left join days on months.store_id = days.store_id and months.sales_month = days.sales_month
where
    months.spend_amount <> coalesce(days.spend_amount, 0)
    or case when days.store_id is null then 0 else days.spend_base_amount end
    is distinct from months.spend_base_amount
