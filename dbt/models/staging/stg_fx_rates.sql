{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'rate_on', 'currency_code'],
    changed='changed.raw_fx_rates',
    changed_on=['c.rate_on'],
) }}

with delivered as (
    {{ delivered('raw_fx_rates', ['rate_on', 'currency_code']) }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by store_id, rate_on, currency_code
            order by {{ version_order('desc', updated_at=false) }}
        ) as recency
    from delivered
    where is_live
),

final as (
    select
        store_id,
        rate_on,
        currency_code,
        rate_to_base,
        feed,
        delivered_on,
        source_file,
        source_row
    from ranked
    where recency = 1
)

select * from final
