/*
number: 24
title: Price changes, and what they did to units
definition: >
  Changes of a product's list price, and the units sold on so many days before and after them: priced
  product lines of all orders but tests. A day is the store's; on the day of the change, sales before its
  instant count before it. Told are changes with all these days in the data and without another change of
  the price of the product in them. `elasticity` is the change of units over the change of the price; null
  where nothing was sold before. The newest first.
parameters:
  days: {description: how many days before and after, default: 14}
*/
with versions as (
    select
        store_id,
        product_id,
        name,
        unit_price,
        valid_from,
        lag(unit_price) over (partition by store_id, product_id order by valid_from)
            as price_before
    from dim_products
    where store_id <> '0'
),

changes as (
    select
        v.store_id,
        v.product_id,
        v.name as product_name,
        s.currency_code,
        v.price_before,
        v.unit_price as price_after,
        v.valid_from as changed_at,
        cast(v.valid_from at time zone 'UTC' at time zone s.timezone as date) as changed_on
    from versions as v
    inner join dim_stores as s on v.store_id = s.store_id
    where v.price_before <> v.unit_price
),

neighbours as (
    select
        *,
        lag(changed_on) over (partition by store_id, product_id order by changed_at)
            as earlier_on,
        lead(changed_on) over (partition by store_id, product_id order by changed_at)
            as later_on
    from changes
),

alone as (
    select n.*
    from neighbours as n
    inner join store_horizon as h on n.store_id = h.store_id
    where
        date_diff('day', h.first_on, n.changed_on) >= $days
        and date_diff('day', n.changed_on, h.last_on) >= $days - 1
        and coalesce(date_diff('day', n.earlier_on, n.changed_on) >= $days, true)
        and coalesce(date_diff('day', n.changed_on, n.later_on) >= $days, true)
),

sold as (
    select
        a.store_id,
        a.product_id,
        a.changed_at,
        sum(case when f.ordered_at < a.changed_at then f.quantity else 0 end) as units_before,
        sum(case when f.ordered_at >= a.changed_at then f.quantity else 0 end) as units_after
    from alone as a
    inner join fact_sales as f on a.store_id = f.store_id and a.product_id = f.product_id
    where
        not f.is_test and f.line_kind = 'product' and f.unit_price > 0
        and date_diff('day', f.ordered_on, a.changed_on) <= $days
        and date_diff('day', a.changed_on, f.ordered_on) < $days
    group by a.store_id, a.product_id, a.changed_at
),

final as (
    select
        a.*,
        coalesce(s.units_before, 0) as units_before,
        coalesce(s.units_after, 0) as units_after
    from alone as a
    left join sold as s
        on
            a.store_id = s.store_id
            and a.product_id = s.product_id
            and a.changed_at = s.changed_at
)

select
    store_id,
    product_id,
    product_name,
    changed_on,
    changed_at,
    currency_code,
    price_before,
    price_after,
    cast(round((price_after - price_before) / nullif(price_before, 0), 6) as decimal(18, 6))
        as price_change_rate,
    units_before,
    units_after,
    cast(round((units_after - units_before) / nullif(units_before, 0), 6) as decimal(18, 6))
        as units_change_rate,
    cast(round(
        (units_after - units_before) * price_before
        / nullif(units_before * (price_after - price_before), 0), 6
    ) as decimal(18, 6)) as elasticity
from final
where store_id = coalesce($store, store_id)
qualify
    row_number() over (
        partition by store_id order by changed_on desc, product_id, changed_at
    ) <= $limit
order by store_id, changed_on desc, product_id, changed_at
