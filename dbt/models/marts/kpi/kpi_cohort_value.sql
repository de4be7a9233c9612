{{ config(materialized='incremental', incremental_strategy='tail', tail_column='matures_on') }}

{%- set bucket_days = 30 %}
{%- set buckets = 12 %}

-- What a cohort has brought in up to an age of its customers. Why the tail reaches all changes: an
-- event of day e counts in a cell when e < first_on + age_days, and first_on is no later than the
-- last day of the cohort's month, so e < matures_on of every cell in which it counts. Where a first
-- order comes, goes or moves, the earlier of the old and the new day is noted; neither cohort ends
-- before it, so all cells of both mature after it. A last data day that moves notes the earlier,
-- and the cells that become mature or immature lie after it. So a change of day e touches only
-- cells that mature after e, and only cohorts with a cell from rebuild_on on are read.
with cohort_customers as (
    select
        orders.store_id,
        orders.customer_id,
        orders.cohort_month,
        orders.ordered_on as first_on
    from {{ ref('int_customer_orders') }} as orders
    inner join {{ ref('rebuild_from') }} as tail
        on
            orders.store_id = tail.store_id
            and {{ month_end('orders.cohort_month') }} + {{ bucket_days * buckets }}
            >= tail.rebuild_on
    where orders.is_first_order
),

cohorts as (
    select
        store_id,
        cohort_month,
        {{ month_end('cohort_month') }} as cohort_end_on,
        count(*) as cohort_size
    from cohort_customers
    group by store_id, cohort_month
),

ages as (
    {% for bucket in range(1, buckets + 1) -%}
    select {{ bucket * bucket_days }} as age_days{{ " union all" if not loop.last }}
    {% endfor %}
),

horizon as (
    select * from {{ ref('store_horizon') }}
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

aged as (
    select
        lines.*,
        customers.cohort_month,
        {{ days_between('customers.first_on', 'lines.event_on') }} as customer_age
    from {{ ref('int_ladder_lines') }} as lines
    inner join cohort_customers as customers
        on lines.store_id = customers.store_id and lines.customer_id = customers.customer_id
),

-- by the age of the first cell in which a line counts; what lies before the first counting order,
-- such as a cancelled order and its reversal, counts from the first cell on
brought_in as (
    select
        store_id,
        cohort_month,
        case
            {% for bucket in range(1, buckets + 1) -%}
            when customer_age < {{ bucket * bucket_days }} then {{ bucket * bucket_days }}
            {% endfor -%}
        end as counts_from_days,
        {{ total('gross_amount - discount_amount - returns_amount') }} as net_amount,
        sum(margin_amount) as margin_amount,
        count(cost_amount) as known_costs,
        sum(product_lines) as product_lines,
        sum(costed_lines) as costed_lines
    from aged
    where customer_age < {{ bucket_days * buckets }}
    group by store_id, cohort_month, counts_from_days
),

cells as (
    select
        cohorts.store_id,
        cohorts.cohort_month,
        cohorts.cohort_size,
        ages.age_days,
        cohorts.cohort_end_on + ages.age_days as matures_on
    from cohorts
    cross join ages
),

summed as (
    select
        cells.store_id,
        cells.cohort_month,
        cells.age_days,
        cells.matures_on,
        cells.cohort_size,
        {{ total('b.net_amount') }} as net_amount,
        case when sum(b.known_costs) > 0 then {{ total('b.margin_amount') }} end
            as margin_amount,
        sum(b.product_lines) as product_lines,
        sum(b.costed_lines) as costed_lines
    from cells
    {{ tail('cells', 'matures_on') }}
    left join brought_in as b
        on
            cells.store_id = b.store_id
            and cells.cohort_month = b.cohort_month
            and cells.age_days >= b.counts_from_days
    group by
        cells.store_id, cells.cohort_month, cells.age_days, cells.matures_on, cells.cohort_size
),

matured as (
    select
        summed.store_id,
        summed.cohort_month,
        summed.age_days,
        summed.matures_on,
        summed.cohort_size,
        horizon.last_on is not null and summed.matures_on <= horizon.last_on as is_complete,
        {% for value in ['net_amount', 'margin_amount', 'product_lines'] -%}
        case when summed.matures_on <= horizon.last_on then summed.{{ value }} end as {{ value }},
        {% endfor -%}
        summed.costed_lines
    from summed
    left join horizon on summed.store_id = horizon.store_id
),

final as (
    select
        m.store_id,
        m.cohort_month,
        m.age_days,
        m.matures_on,
        stores.currency_code,
        m.cohort_size,
        m.net_amount,
        m.margin_amount,
        {{ ratio('m.costed_lines', 'm.product_lines') }} as known_cost_rate,
        {{ ratio('m.net_amount', 'm.cohort_size', 4) }} as net_per_customer_amount,
        {{ ratio('m.margin_amount', 'm.cohort_size', 4) }} as margin_per_customer_amount,
        m.is_complete
    from matured as m
    inner join stores on m.store_id = stores.store_id
)

select * from final
