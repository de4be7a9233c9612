{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'customer_id'],
    changed='changed.raw_customers',
) }}

with versions as (
    select v.*
    from {{ ref('int_customer_versions') }} as v
    {{ only_changed('v', source('changed', 'raw_customers'), ['customer_id']) }}
),

final as (
    select
        customer_key,
        store_id,
        customer_id,
        email,
        full_name,
        phone,
        birth_on,
        country_code,
        country_name,
        region,
        city,
        postal_code,
        segment,
        tier,
        marketing_opt_in,
        created_at,
        is_deleted,
        valid_from,
        valid_to,
        is_current
    from versions
    union all
    select
        '0' as customer_key,
        '0' as store_id,
        null as customer_id,
        null as email,
        null as full_name,
        null as phone,
        null as birth_on,
        null as country_code,
        null as country_name,
        null as region,
        null as city,
        null as postal_code,
        null as segment,
        null as tier,
        null as marketing_opt_in,
        null as created_at,
        false as is_deleted,
        cast('1900-01-01 00:00:00' as timestamp) as valid_from,
        null as valid_to,
        true as is_current
    {{ unless_held('customer_key') }}
)

select * from final
