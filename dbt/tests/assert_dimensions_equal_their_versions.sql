{{ config(
    meta={
        'dagster': {'ref': {'name': 'dim_customers'}},
        'description':
            'Every version stands in its dimension as it was made, and applies from its beginning, the '
            ~ 'first of its id from ever, until its end; stores are those of stores.yaml and keys of places '
            ~ 'and channels those of what they name.',
    },
) }}


{%- set calendar = {
    'month_on': month_of('date_on'),
    'year_number': 'extract(year from date_on)',
    'quarter_number': 'extract(quarter from date_on)',
    'month_number': 'extract(month from date_on)',
    'day_of_month': 'extract(day from date_on)',
    'day_of_year': 'extract(doy from date_on)',
    'iso_year': iso_year('date_on'),
    'iso_week': iso_week('date_on'),
    'iso_weekday': iso_weekday('date_on'),
    'is_weekend': '(' ~ iso_weekday('date_on') ~ ' >= 6)',
    'is_holiday': '(holiday_on is not null)',
    'holiday_name': 'h.holiday_name',
    'fiscal_year': 'extract(year from ' ~ fiscal('date_on', 'fiscal_year_start_month') ~ ')',
    'fiscal_quarter': 'extract(quarter from ' ~ fiscal('date_on', 'fiscal_year_start_month') ~ ')',
    'fiscal_month': 'extract(month from ' ~ fiscal('date_on', 'fiscal_year_start_month') ~ ')',
    'fiscal_week': '1 + (fiscal_days - fiscal_days % 7) / 7',
} %}
{%- set copied = {
    'dim_customers': [ref('int_customer_versions'), 'customer'],
    'dim_products': [ref('int_product_versions'), 'product'],
    'dim_campaigns': [ref('int_campaign_versions'), 'campaign'],
} %}

with both_tables as (
    {% for dimension, versions in copied.items() -%}
    {%- set columns = contract_columns(ref(dimension)) -%}
    select
        '{{ dimension }}' as dimension, store_id, count(*) as row_count,
        {{ rows_digest(columns) }} as digest
    from {{ ref(dimension) }}
    where {{ versions[1] }}_key <> '0'
    group by store_id
    union all
    select '{{ dimension }}', store_id, -count(*), -{{ rows_digest(columns) }}
    from {{ versions[0] }}
    group by store_id
    union all
    {% endfor -%}
    {%- set columns = contract_columns(ref('dim_stores'))
        | reject('in', ['store_key', 'minor_units']) | list -%}
    select 'dim_stores', store_id, count(*), {{ rows_digest(columns) }}
    from {{ ref('dim_stores') }}
    where store_key <> '0' and store_key = store_id and minor_units >= 0
    group by store_id
    union all
    select 'dim_stores', store_id, -count(*), -{{ rows_digest(columns) }}
    from {{ source('raw', 'stores') }}
    group by store_id
)

select dimension, store_id, 'it is not what it is made of' as fault
from both_tables
group by dimension, store_id
having sum(row_count) <> 0 or sum(digest) <> 0
{%- for dimension, versions in copied.items() %}
union all
select distinct '{{ dimension }}', store_id, 'a version applies at another time than it is valid'
from {{ versions[0] }}
where
    applies_from is distinct from
    case when is_first then cast('0001-01-01 00:00:00' as timestamp) else valid_from end
    or applies_to is distinct from coalesce(valid_to, cast('9999-12-31 00:00:00' as timestamp))
union all
select '{{ dimension }}', store_id, 'another version than the earliest is its first'
from {{ versions[0] }}
group by store_id, {{ versions[1] }}_id
having
    min(valid_from) is distinct from min(case when is_first then valid_from end)
    or count(case when is_first then 1 end) <> 1
{%- endfor %}
union all
select 'dim_geography', '0', 'a key is not that of its place'
from {{ ref('dim_geography') }}
where
    geography_key <> '0'
    and geography_key
    <> {{ geography_key('country_code', 'country_name', 'region', 'city') }}
union all
select 'dim_channels', store_id, 'a key is not that of its channel'
from {{ ref('dim_channels') }}
where channel_key <> '0' and channel_key <> {{ channel_key('store_id', 'channel') }}
union all
select 'dim_stores', d.store_id, 'its currency has other coins'
from {{ ref('dim_stores') }} as d
left join {{ ref('currencies') }} as c on d.currency_code = c.currency_code
where d.store_key <> '0' and d.minor_units is distinct from coalesce(c.minor_units, 2)
union all
select 'store_horizon', h.store_id, 'the data begin or end on another day'
from {{ ref('int_horizon') }} as i
left join {{ ref('store_horizon') }} as h on i.store_id = h.store_id
where i.bound_on is distinct from case i.bound when 'first' then h.first_on else h.last_on end
union all
select 'dim_payment_methods', d.store_id, 'a key is not that of its means of payment'
from {{ ref('dim_payment_methods') }} as d
left join {{ ref('int_payment_methods') }} as m
    on d.payment_method_key = m.payment_method_key and d.method = m.method
where
    d.payment_method_key <> '0'
    and (d.store_id is distinct from m.store_id or d.method_code is distinct from m.method_code)
union all
select 'dim_date', d.store_id, 'a day is not what the calendar says'
from (
    select
        days.*,
        {{ days_between(fiscal_year_start('date_on', 'fiscal_year_start_month'), 'date_on') }}
            as fiscal_days
    from {{ ref('dim_date') }} as days
    left join {{ source('raw', 'stores') }} as stores on days.store_id = stores.store_id
) as d
left join {{ source('raw', 'stores') }} as s on d.store_id = s.store_id
left join {{ source('raw', 'holidays') }} as h
    on s.country_code = h.country_code and d.date_on = h.holiday_on
where
    d.date_key <> '0'
    and (
        d.date_key is distinct from concat(d.store_id, '-', cast(d.date_on as varchar(10)))
        {%- for column, value in calendar.items() %}
        or d.{{ column }} is distinct from {{ value }}
        {%- endfor %}
    )
