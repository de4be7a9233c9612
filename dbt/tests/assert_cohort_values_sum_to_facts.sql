{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_cohort_value'}},
        'description':
            'Every cohort has its customers and its twelve ages; the net of a mature age,'
            ~ ' recomputed from the facts day by day; an immature one has no value.',
    },
) }}

with firsts as (
    select store_id, customer_id, cohort_month, ordered_on as first_on
    from {{ ref('int_customer_orders') }}
    where is_first_order
),

cohorts as (
    select store_id, cohort_month, count(*) as cohort_size
    from firsts
    group by store_id, cohort_month
),

-- cohorts of which a value is judged; one is mature for good after a year
judged_cohorts as (
    select distinct store_id, cohort_month
    from {{ unjudged(ref('kpi_cohort_value')) }} as judged_values
),

judged_firsts as (
    select firsts.* from firsts
    inner join judged_cohorts
        on
            firsts.store_id = judged_cohorts.store_id
            and firsts.cohort_month = judged_cohorts.cohort_month
),

events as (
    select store_id, customer_id, ordered_on as event_on, net_amount as amount
    from {{ ref('fact_sales') }}
    where not is_test and line_kind in ('product', 'discount')
    union all
    select store_id, customer_id, refunded_on as event_on, -amount as amount
    from {{ ref('fact_returns') }}
    where not is_test and line_kind in ('product', 'discount')
),

by_age as (
    select
        firsts.store_id,
        firsts.cohort_month,
        {{ days_between('firsts.first_on', 'events.event_on') }} as age,
        sum(events.amount) as amount
    from events
    inner join judged_firsts as firsts
        on events.store_id = firsts.store_id and events.customer_id = firsts.customer_id
    group by
        firsts.store_id, firsts.cohort_month,
        {{ days_between('firsts.first_on', 'events.event_on') }}
),

cells as (
    select cells.*, horizon.last_on
    from {{ ref('kpi_cohort_value') }} as cells
    left join {{ ref('store_horizon') }} as horizon on cells.store_id = horizon.store_id
),

summed as (
    select
        cells.store_id,
        cells.cohort_month,
        cells.age_days,
        cells.cohort_size,
        cells.net_amount,
        cells.is_complete,
        cells.is_complete is distinct from coalesce(cells.matures_on <= cells.last_on, false)
            as is_wrong,
        sum(case when by_age.age < cells.age_days then by_age.amount else 0 end) as amount
    from {{ unjudged(ref('kpi_cohort_value')) }} as judged_cells
    inner join cells
        on
            judged_cells.store_id = cells.store_id
            and judged_cells.cohort_month = cells.cohort_month
            and judged_cells.age_days = cells.age_days
    left join by_age
        on cells.store_id = by_age.store_id and cells.cohort_month = by_age.cohort_month
    group by
        cells.store_id, cells.cohort_month, cells.age_days, cells.cohort_size, cells.net_amount,
        cells.is_complete,
        cells.is_complete is distinct from coalesce(cells.matures_on <= cells.last_on, false)
),

ages as (
    select store_id, cohort_month, count(*) as cells, min(cohort_size) as least_size,
        max(cohort_size) as most_size
    from cells
    group by store_id, cohort_month
)

select store_id, cohort_month, age_days, net_amount, amount
from summed
where
    is_wrong
    or net_amount is distinct from case when is_complete then amount end
union all
select
    coalesce(cohorts.store_id, ages.store_id) as store_id,
    coalesce(cohorts.cohort_month, ages.cohort_month) as cohort_month,
    null as age_days, null as net_amount, null as amount
from cohorts
full outer join ages
    on cohorts.store_id = ages.store_id and cohorts.cohort_month = ages.cohort_month
where
    ages.cells is distinct from 12
    or ages.least_size is distinct from cohorts.cohort_size
    or ages.most_size is distinct from cohorts.cohort_size
