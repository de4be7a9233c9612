{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_cart_abandonment'}},
        'description':
            'Every session in which something was put into the cart is one cart, open, ordered or '
            ~ 'abandoned.',
    },
) }}

with carts as (
    select
        store_id,
        sum(carts) as carts,
        sum(open_carts + ordered_carts + abandoned_carts) as judged_carts,
        sum(open_carts + closed_carts) as aged_carts
    from {{ ref('kpi_cart_abandonment') }}
    group by store_id
),

facts as (
    select store_id, count(*) as carts
    from {{ ref('fact_sessions') }}
    where cart_at is not null
    group by store_id
)

select coalesce(carts.store_id, facts.store_id) as store_id, carts.carts, facts.carts as fact_carts
from carts
full outer join facts on carts.store_id = facts.store_id
where
    carts.carts is distinct from facts.carts
    or carts.judged_carts is distinct from facts.carts
    or carts.aged_carts is distinct from facts.carts
