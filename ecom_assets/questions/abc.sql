/*
number: 19
title: ABC classes of products
definition: >
  Products of a month by class: A are the largest by gross sales that together make 80 % of the month's,
  B those up to 95 %, C the rest, also those with returns alone. How many they are, what they make of the
  month's products and of its gross sales. The last `limit` months.
limit: 3
*/
with classes as (
    select
        store_id,
        sales_month,
        abc_class,
        currency_code,
        count(*) as products,
        sum(gross_amount) as gross_amount,
        sum(net_amount) as net_amount,
        sum(count(*)) over (partition by store_id, sales_month) as month_products,
        sum(sum(gross_amount)) over (partition by store_id, sales_month) as month_amount
    from kpi_product_performance
    group by store_id, sales_month, abc_class, currency_code
)

select
    store_id,
    sales_month,
    abc_class,
    currency_code,
    products,
    cast(round(products / month_products, 6) as decimal(18, 6)) as products_rate,
    gross_amount,
    cast(round(gross_amount / nullif(month_amount, 0), 6) as decimal(18, 6))
        as gross_rate,
    net_amount
from classes
where store_id = coalesce($store, store_id)
qualify dense_rank() over (partition by store_id order by sales_month desc) <= $limit
order by store_id, sales_month, abc_class
