/*
number: 21
title: Turnover and sell-through of the stock
definition: >
  By month and category of the product: cost of sales (of sale movements less return movements) over the
  sum of the products' average values of their days in the month, not made yearly; and units sold over
  units that were there or came in (opening + received), at most 1. A sum with an unknown cost is null.
  A month that is not over goes up to the last data day. The last `limit` months.
limit: 3
*/
with categories as (
    select
        store_id,
        stock_month,
        is_complete,
        coalesce(category, 'unknown') as category,
        currency_code,
        count(*) as products,
        sum(sold_quantity) as sold_quantity,
        sum(opening_quantity + received_quantity) as offered_quantity,
        sum(closing_quantity) as closing_quantity,
        case when count(*) = count(cost_of_sales_amount) then sum(cost_of_sales_amount) end
            as cost_of_sales_amount,
        case when count(*) = count(average_value_amount) then sum(average_value_amount) end
            as average_value_amount
    from kpi_inventory_turnover
    group by
        store_id, stock_month, is_complete, coalesce(category, 'unknown'), currency_code
)

select
    store_id,
    stock_month,
    is_complete,
    category,
    currency_code,
    products,
    cost_of_sales_amount,
    average_value_amount,
    case
        when average_value_amount > 0
            then cast(round(cost_of_sales_amount / average_value_amount, 6) as decimal(18, 6))
    end as turnover,
    sold_quantity,
    closing_quantity,
    case
        when offered_quantity > 0
            then least(
                greatest(cast(round(sold_quantity / offered_quantity, 6) as decimal(18, 6)), 0), 1
            )
    end as sell_through_rate
from categories
where store_id = coalesce($store, store_id)
qualify dense_rank() over (partition by store_id order by stock_month desc) <= $limit
order by store_id, stock_month, category
