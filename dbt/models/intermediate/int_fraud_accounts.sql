{{ config(materialized='ephemeral') }}

-- Orders that are unlike the customer's earlier ones: `account_takeover` from another country and
-- another connection, `account_change` far dearer soon after a new e-mail or postal address. Orders
-- are read where they are wanted: what parts share is kept in memory before any of it is cut off.
with rules as (
    select * from {{ ref('fraud_rules') }}
),

-- customers with an order in the tail; where all are, those who could have been taken over
accounts as (
    select orders.store_id, orders.customer_id
    from ({{ placed_orders() }}) as orders
    {{ tail('orders', 'ordered_on', 'changed_on') }}
    where
        orders.customer_id is not null
        and orders.country is not null
        and orders.connection is not null
    group by orders.store_id, orders.customer_id
    {%- if from_the_beginning() %}
    having
        min(orders.country) <> max(orders.country)
        and min(orders.connection) <> max(orders.connection)
    {%- endif %}
),

known as (
    select
        orders.*,
        min(orders.ordered_at) over (partition by orders.store_id, orders.customer_id) as known_at,
        min(orders.ordered_at) over (
            partition by orders.store_id, orders.customer_id, orders.country
        ) as country_at,
        min(orders.ordered_at) over (
            partition by orders.store_id, orders.customer_id, orders.connection
        ) as connection_at,
        row_number() over (
            partition by orders.store_id, orders.customer_id, orders.country, orders.connection
            order by orders.ordered_at, orders.order_id
        ) as orders_since
    from ({{ placed_orders() }}) as orders
    inner join accounts
        on orders.store_id = accounts.store_id and orders.customer_id = accounts.customer_id
    where orders.country is not null and orders.connection is not null
),

taken_over as (
    select
        known.store_id,
        known.order_id,
        rules.rule,
        known.ordered_at as signal_at,
        known.ordered_on as signal_on,
        cast(known.orders_since as decimal(18, 4)) as evidence,
        least(known.country_at, known.connection_at) as evidence_from_at
    from known
    {{ tail('known', 'ordered_on', 'changed_on') }}
    inner join rules on rules.rule = 'account_takeover'
    where
        known.known_at < least(known.country_at, known.connection_at)
        and {{ minutes_before('known.ordered_at', 'rules.window_minutes') }}
        < least(known.country_at, known.connection_at)
        and known.orders_since >= rules.at_least
),

-- customers of whom something was told that an order of the tail may follow
told as (
    select versions.store_id, versions.customer_id
    from {{ ref('int_customer_versions') }} as versions
    inner join rules on rules.rule = 'account_change'
    inner join {{ ref('rebuild_from') }} as tail
        on
            versions.store_id = tail.store_id
            and versions.valid_from > {{ before_tail('rules.window_minutes') }}
    group by versions.store_id, versions.customer_id
),

versions as (
    select
        v.store_id, v.customer_id, v.valid_from,
        not v.is_deleted
        and row_number() over (partition by v.store_id, v.customer_id order by v.valid_from) > 1
        and (
            {%- for column in ['email', 'country_code', 'region', 'city', 'postal_code'] %}
            v.{{ column }} is distinct from lag(v.{{ column }}) over (
                partition by v.store_id, v.customer_id order by v.valid_from
            ){{ " or" if not loop.last }}
            {%- endfor %}
        ) as is_new_address
    from {{ ref('int_customer_versions') }} as v
    inner join told on v.store_id = told.store_id and v.customer_id = told.customer_id
),

counted as (
    select
        orders.store_id,
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.priced_amount,
        count(*) over earlier as earlier_orders,
        sum(orders.priced_amount) over earlier as earlier_amount
    from {{ ref('int_orders') }} as orders
    inner join told
        on orders.store_id = told.store_id and orders.customer_id = told.customer_id
    where orders.is_counting
    window earlier as (
        partition by orders.store_id, orders.customer_id
        order by orders.ordered_at, orders.order_id
        rows between unbounded preceding and 1 preceding
    )
),

valued as (
    select *, {{ ratio('earlier_amount', 'earlier_orders', 4) }} as usual_amount from counted
),

after_a_change as (
    select
        valued.store_id,
        valued.order_id,
        rules.rule,
        valued.ordered_at as signal_at,
        valued.ordered_on as signal_on,
        cast({{ ratio('valued.priced_amount', 'valued.usual_amount', 4) }} as decimal(18, 4))
            as evidence,
        versions.valid_from as evidence_from_at,
        row_number() over (
            partition by valued.store_id, valued.order_id order by versions.valid_from desc
        ) as recency,
        rules.at_least
    from valued
    {{ tail('valued', 'ordered_on', 'changed_on') }}
    inner join rules on rules.rule = 'account_change'
    inner join versions
        on
            valued.store_id = versions.store_id
            and valued.customer_id = versions.customer_id
            and valued.ordered_at >= versions.valid_from
            and {{ minutes_before('valued.ordered_at', 'rules.window_minutes') }}
            < versions.valid_from
    where versions.is_new_address and valued.earlier_orders >= rules.earlier_orders_at_least
),

final as (
    select * from taken_over
    union all
    select store_id, order_id, rule, signal_at, signal_on, evidence, evidence_from_at
    from after_a_change
    where recency = 1 and evidence >= at_least
)

select * from final
