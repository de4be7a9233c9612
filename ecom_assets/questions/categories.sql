/*
number: 18
title: Share and growth of categories
definition: >
  Net sales of a month (gross less discounts and returns, each on its own day; all orders but tests) by the
  category the product had when it was sold, their share of the store's month, and their growth on the
  month before: null where either month is not over or the earlier one did not bring in anything. The last
  `limit` months.
limit: 3
*/
with months as (
    select
        c.*,
        s.is_complete,
        sum(c.net_amount) over (partition by c.store_id, c.sales_month) as month_amount
    from kpi_category_performance as c
    inner join kpi_sales_monthly as s
        on c.store_id = s.store_id and c.sales_month = s.sales_month
)

select
    m.store_id,
    m.sales_month,
    m.is_complete,
    m.category,
    m.currency_code,
    m.orders,
    m.net_amount,
    cast(round(m.net_amount / nullif(m.month_amount, 0), 6) as decimal(18, 6)) as share_rate,
    case
        when m.is_complete and before.is_complete and before.net_amount > 0
            then cast(round(
                (m.net_amount - before.net_amount) / before.net_amount, 6
            ) as decimal(18, 6))
    end as growth_on_month_rate
from months as m
left join months as before
    on
        m.store_id = before.store_id
        and m.category = before.category
        and m.sales_month = before.sales_month + interval '1' month
where m.store_id = coalesce($store, m.store_id)
qualify dense_rank() over (partition by m.store_id order by m.sales_month desc) <= $limit
order by m.store_id, m.sales_month, m.net_amount desc, m.category
