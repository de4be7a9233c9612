{{ config(materialized='table') }}

{%- set clocks = [
    ('stg_orders', 'ordered_on'),
    ('stg_orders', 'cancelled_on'),
    ('stg_refunds', 'refunded_on'),
    ('stg_inventory_movements', 'moved_on'),
    ('stg_inventory_counts', 'counted_on'),
    ('stg_campaign_spend', 'spend_on'),
    ('stg_payments', 'paid_on'),
    ('stg_shipments', 'shipped_on'),
    ('stg_shipments', 'arrived_on'),
    ('int_sessions', 'started_on'),
] %}

-- Every day of every year that the store's data touch.
with days_seen as (
    select store_id, min(first_on) as first_on, max(last_on) as last_on
    from (
        select store_id, first_on, last_on from {{ ref('store_horizon') }}
        {% for table, day in clocks -%}
        union all
        select store_id, min({{ day }}) as first_on, max({{ day }}) as last_on
        from {{ ref(table) }}
        group by store_id
        {% endfor -%}
    ) as seen
    where first_on is not null
    group by store_id
),

years as (
    select
        store_id,
        cast(date_trunc('year', first_on) as date) as first_day,
        {{ add_months("cast(date_trunc('year', last_on) as date)", 12) }} - 1 as last_day
    from days_seen
),

days as (
    {{ date_series('years', 'first_day', 'last_day', 'date_on') }}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

holidays as (
    select * from {{ source('raw', 'holidays') }}
),

final as (
    select
        concat(days.store_id, '-', cast(days.date_on as varchar(10))) as date_key,
        days.store_id,
        days.date_on,
        cast(extract(year from days.date_on) as integer) as year_number,
        cast(extract(quarter from days.date_on) as integer) as quarter_number,
        cast(extract(month from days.date_on) as integer) as month_number,
        {{ month_of('days.date_on') }} as month_on,
        cast(extract(day from days.date_on) as integer) as day_of_month,
        cast(extract(doy from days.date_on) as integer) as day_of_year,
        {{ iso_weekday('days.date_on') }} as iso_weekday,
        {{ iso_weekday('days.date_on') }} >= 6 as is_weekend,
        {{ iso_year('days.date_on') }} as iso_year,
        {{ iso_week('days.date_on') }} as iso_week,
        cast(
            extract(year from {{ fiscal('days.date_on', 'stores.fiscal_year_start_month') }})
            as integer
        ) as fiscal_year,
        cast(
            extract(quarter from {{ fiscal('days.date_on', 'stores.fiscal_year_start_month') }})
            as integer
        ) as fiscal_quarter,
        cast(
            extract(month from {{ fiscal('days.date_on', 'stores.fiscal_year_start_month') }})
            as integer
        ) as fiscal_month,
        cast(
            1 + ({{ days_between(
                fiscal_year_start('days.date_on', 'stores.fiscal_year_start_month'), 'days.date_on'
            ) }} - {{ days_between(
                fiscal_year_start('days.date_on', 'stores.fiscal_year_start_month'), 'days.date_on'
            ) }} % 7) / 7 as integer
        ) as fiscal_week,
        holidays.holiday_on is not null as is_holiday,
        holidays.holiday_name
    from days
    inner join stores on days.store_id = stores.store_id
    left join holidays
        on stores.country_code = holidays.country_code and days.date_on = holidays.holiday_on
    union all
    select
        '0' as date_key, '0' as store_id, null as date_on, null as year_number,
        null as quarter_number, null as month_number, null as month_on, null as day_of_month,
        null as day_of_year, null as iso_weekday, null as is_weekend, null as iso_year,
        null as iso_week, null as fiscal_year, null as fiscal_quarter, null as fiscal_month,
        null as fiscal_week, null as is_holiday, null as holiday_name
)

select * from final
