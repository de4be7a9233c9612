{{ config(materialized='view', contract={'enforced': false}) }}
-- A view names no database: readers open a copy of this one, under whatever name. That is why dbt,
-- which looks the columns of a contract up from outside, cannot hold one here.

with rows_ as (
    select * from {{ ref('fact_inventory_daily').include(database=false) }}
),

horizon as (
    select * from {{ ref('store_horizon').include(database=false) }}
),

newest as (
    select store_id, max(stock_on) as last_on
    from rows_
    group by store_id
),

spans as (
    select
        rows_.*,
        coalesce(rows_.valid_until_on - 1, greatest(newest.last_on, horizon.last_on))
            as last_on
    from rows_
    inner join newest on rows_.store_id = newest.store_id
    left join horizon on rows_.store_id = horizon.store_id
),

days as (
    {{ date_series('spans', 'stock_on', 'last_on', 'day_on') }}
),

final as (
    select
        store_id,
        day_on,
        product_key,
        product_id,
        warehouse_key,
        warehouse_id,
        stock_on,
        case when day_on = stock_on then opening_quantity else closing_quantity end
            as opening_quantity,
        {% for column in ['received', 'sold', 'returned', 'adjusted'] -%}
        case when day_on = stock_on then {{ column }}_quantity else 0 end
            as {{ column }}_quantity,
        {% endfor -%}
        closing_quantity,
        unit_cost,
        currency_code,
        closing_value_amount,
        closing_value_base_amount
    from days
)

select * from final
