{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_customers_monthly'}},
        'description':
            'Active, new and returning customers of a month are those of its orders, the others those of '
            ~ 'the recency and frequency of each; the cohorts of a month add up to its customers.',
    },
) }}


with orders as (
    select * from {{ ref('int_customer_orders') }}
),

months as (
    select * from {{ ref('kpi_customers_monthly') }}
),

judged as (
    select * from {{ unjudged(ref('kpi_customers_monthly')) }} as judged_months
),

flows as (
    select
        m.store_id, m.sales_month,
        count(distinct o.customer_id) as active_customers,
        count(distinct case when o.cohort_month = o.order_month then o.customer_id end)
            as new_customers
    from judged as m
    inner join orders as o
        on
            m.store_id = o.store_id
            and m.sales_month = o.order_month
            and m.as_of_on >= o.ordered_on
    group by m.store_id, m.sales_month
),

lapses as (
    select
        m.store_id, m.sales_month,
        {{ percentile_disc(0.9, 'o.days_since_previous') }} as lapse_days
    from judged as m
    inner join orders as o on m.store_id = o.store_id and m.as_of_on >= o.ordered_on
    where o.days_since_previous is not null
    group by m.store_id, m.sales_month
),

stocks as (
    select
        m.store_id, m.sales_month,
        count(*) as customers_to_date,
        count(case when now.frequency >= 2 then 1 end) as repeat_customers,
        count(case when now.recency_days > m.lapse_days then 1 end) as lapsed_customers,
        count(case
            when
                now.recency_days > m.lapse_days
                and not coalesce(before.recency_days > last_month.lapse_days, false)
                then 1
        end) as churned_customers
    from judged as m
    inner join {{ ref('kpi_customer_rfm') }} as now
        on
            m.store_id = now.store_id
            and m.sales_month = now.sales_month
            {{- and_not_before('now.sales_month', 'changed_month') }}
    left join months as last_month
        on
            m.store_id = last_month.store_id
            and m.sales_month = {{ add_months('last_month.sales_month', 1) }}
    left join {{ ref('kpi_customer_rfm') }} as before
        on
            now.store_id = before.store_id
            and now.customer_id = before.customer_id
            and last_month.sales_month = before.sales_month
            {{- and_not_before('before.sales_month', 'changed_month', 31) }}
    group by m.store_id, m.sales_month
),

cohorts as (
    select
        store_id, activity_month,
        sum(active_customers) as active_customers,
        sum(cohort_size) as customers_to_date
    from {{ unjudged(ref('kpi_cohort_retention')) }} as judged_cohorts
    group by store_id, activity_month
)

select m.store_id, m.sales_month, 'all' as country_name
from judged as m
left join flows on m.store_id = flows.store_id and m.sales_month = flows.sales_month
left join lapses on m.store_id = lapses.store_id and m.sales_month = lapses.sales_month
left join stocks on m.store_id = stocks.store_id and m.sales_month = stocks.sales_month
left join cohorts on m.store_id = cohorts.store_id and m.sales_month = cohorts.activity_month
left join {{ ref('store_horizon') }} as horizon on m.store_id = horizon.store_id
where
    m.as_of_on is distinct from least({{ month_end('m.sales_month') }}, horizon.last_on)
    or m.is_complete is distinct from (horizon.last_on >= {{ month_end('m.sales_month') }})
    or m.active_customers is distinct from coalesce(flows.active_customers, 0)
    or m.new_customers is distinct from coalesce(flows.new_customers, 0)
    or m.returning_customers is distinct from m.active_customers - m.new_customers
    or m.lapse_days is distinct from lapses.lapse_days
    {%- for stock in ['customers_to_date', 'repeat_customers', 'lapsed_customers', 'churned_customers'] %}
    or m.{{ stock }} is distinct from coalesce(stocks.{{ stock }}, 0)
    {%- endfor %}
    or (
        m.is_complete
        and (
            m.active_customers is distinct from coalesce(cohorts.active_customers, 0)
            or m.customers_to_date is distinct from coalesce(cohorts.customers_to_date, 0)
        )
    )
union all
select g.store_id, g.sales_month, g.country_name
from {{ unjudged(ref('kpi_geo_sales')) }} as g
left join (
    select
        store_id, order_month, coalesce(ship_country_name, 'unknown') as country_name,
        count(*) as orders, count(distinct customer_id) as customers
    from {{ unjudged(ref('int_orders'), from='changed_month') }} as judged_orders
    where is_counting
    group by store_id, order_month, coalesce(ship_country_name, 'unknown')
) as o
    on
        g.store_id = o.store_id
        and g.sales_month = o.order_month
        and g.country_name = o.country_name
left join (
    select distinct country_code, country_name from {{ ref('dim_geography') }}
) as d on g.country_name = d.country_name and g.country_code = d.country_code
where
    g.orders is distinct from coalesce(o.orders, 0)
    or g.customers is distinct from coalesce(o.customers, 0)
    or (g.country_code is not null and d.country_name is null)
