{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_customer_rfm'}},
        'description':
            'Recency, frequency and money of the customers of a month add up to their orders to date, a '
            ~ 'better score is never that of a worse customer and names the segment; cohorts have the '
            ~ 'customers who first ordered then, and of them those who ordered again.',
    },
) }}


{%- set scores = {'recency': '-recency_days', 'frequency': 'frequency', 'monetary': 'monetary_amount'} %}

with judged as (
    select * from {{ unjudged(ref('kpi_customer_rfm')) }} as judged_customers
),

-- the days since each one's last order are those since its first less those between its orders
to_date as (
    select
        m.store_id, m.sales_month, m.as_of_on,
        count(*) as frequency,
        sum(o.priced_amount) as monetary_amount,
        sum(case
            when o.is_first_order then {{ days_between('o.ordered_on', 'm.as_of_on') }}
            else -o.days_since_previous
        end) as recency_days
    from {{ unjudged(ref('kpi_customers_monthly')) }} as m
    inner join {{ ref('int_customer_orders') }} as o on m.store_id = o.store_id and m.as_of_on >= o.ordered_on
    group by m.store_id, m.sales_month, m.as_of_on
),

scored as (
    select
        store_id, sales_month, as_of_on, sum(frequency) as frequency,
        sum(monetary_amount) as monetary_amount, sum(recency_days) as recency_days
    from judged
    group by store_id, sales_month, as_of_on
),

bounds as (
    {% for score, value in scores.items() -%}
    select
        '{{ score }}' as score_name, store_id, sales_month, {{ score }}_score as score,
        min({{ value }}) as least, max({{ value }}) as most
    from judged
    group by store_id, sales_month, {{ score }}_score
    {{ "union all" if not loop.last }}
    {% endfor %}
),

followed as (
    select
        *,
        lag(most) over (partition by score_name, store_id, sales_month order by score) as most_below
    from bounds
),

sizes as (
    select store_id, cohort_month, count(*) as cohort_size from {{ ref('int_customer_orders') }}
    where is_first_order
    group by store_id, cohort_month
),

active as (
    select o.store_id, o.cohort_month, o.order_month, count(distinct o.customer_id) as customers
    from {{ ref('int_customer_orders') }} as o
    {{ tail('o', 'order_month', 'changed_month') }}
    group by o.store_id, o.cohort_month, o.order_month
)

select store_id, sales_month, 'they do not add up to the orders to date' as fault
from (
    select * from to_date
    union all
    select store_id, sales_month, as_of_on, -frequency, -monetary_amount, -recency_days from scored
) as both_sides
group by store_id, sales_month, as_of_on
having sum(frequency) <> 0 or sum(monetary_amount) <> 0 or sum(recency_days) <> 0
union all
select store_id, sales_month, concat(score_name, ' is scored in another order') as fault
from followed
where most_below > least or score not between 1 and 5
union all
select j.store_id, j.sales_month, 'a segment is not that of its scores' as fault
from judged as j
left join {{ ref('rfm_segments') }} as s
    on
        j.recency_score = s.recency_score
        and j.frequency_score + j.monetary_score = s.frequency_monetary_score
where j.segment is distinct from s.segment
union all
select r.store_id, r.cohort_month, 'a cohort has other customers than ordered' as fault
from {{ unjudged(ref('kpi_cohort_retention')) }} as r
left join {{ ref('store_horizon') }} as h on r.store_id = h.store_id
left join sizes on r.store_id = sizes.store_id and r.cohort_month = sizes.cohort_month
left join active
    on
        r.store_id = active.store_id
        and r.cohort_month = active.cohort_month
        and r.activity_month = active.order_month
where
    r.activity_month is distinct from {{ add_months('r.cohort_month', 'r.period') }}
    or r.is_complete is distinct from (h.last_on >= {{ month_end('r.activity_month') }})
    or r.cohort_size is distinct from sizes.cohort_size
    or r.active_customers is distinct from
    case when r.period = 0 or r.is_complete then coalesce(active.customers, 0) end
