-- What we generate for a cancelled order is exactly what nobody refunded of it.
{{ config(meta={'dagster': {'ref': {'name': 'fact_returns'}}}) }}

with cancelled as (
    select store_id, order_id
    from {{ ref('stg_orders') }}
    where cancelled_on is not null and not is_test
),

sold as (
    select
        sales.store_id,
        sales.order_id,
        sum(sales.net_amount + sales.shipping_amount) as amount
    from {{ ref('fact_sales') }} as sales
    inner join cancelled
        on sales.store_id = cancelled.store_id and sales.order_id = cancelled.order_id
    group by sales.store_id, sales.order_id
),

given_back as (
    select
        store_id,
        order_id,
        sum(amount) as amount,
        sum(case when origin = 'cancellation' then amount else 0 end) as generated_amount
    from {{ ref('fact_returns') }}
    where order_id is not null
    group by store_id, order_id
)

-- refunds beyond what was sold leave nothing to generate
select sold.*, given_back.amount as given_back_amount, given_back.generated_amount
from sold
left join given_back
    on sold.store_id = given_back.store_id and sold.order_id = given_back.order_id
where
    sold.amount <> coalesce(given_back.amount, 0)
    and (sold.amount > coalesce(given_back.amount, 0) or given_back.generated_amount <> 0)
