{{ config(materialized='ephemeral') }}

-- Orders that come too fast: `velocity` of one buyer, `address_ring` of one connection after
-- another account on it. The mark that is so many before decides: no order is compared with all
-- others of its buyer, however many a shop without devices books on one address.
with orders as (
    {{ placed_orders() }}
),

rules as (
    select * from {{ ref('fraud_rules') }}
),

shared as (
    select store_id, connection
    from orders
    where customer_id is not null and connection is not null
    group by store_id, connection
    having min(customer_id) <> max(customer_id)
),

-- a guest is known by the connection; of a ring the first order of each account on it is a mark
marked as (
    select
        store_id,
        'velocity' as rule,
        case
            when customer_id is null then concat('guest ', connection)
            else concat('customer ', customer_id)
        end as subject,
        order_id,
        ordered_at,
        ordered_on,
        1 as is_mark
    from orders
    where coalesce(customer_id, connection) is not null
    union all
    select
        orders.store_id,
        'address_ring' as rule,
        orders.connection as subject,
        orders.order_id,
        orders.ordered_at,
        orders.ordered_on,
        case
            when row_number() over (
                partition by orders.store_id, orders.connection, orders.customer_id
                order by orders.ordered_at, orders.order_id
            ) = 1 then 1
            else 0
        end as is_mark
    from orders
    inner join shared
        on orders.store_id = shared.store_id and orders.connection = shared.connection
    where orders.customer_id is not null
),

touched as (
    select marked.store_id, marked.rule, marked.subject
    from marked
    {{ tail('marked', 'ordered_on') }}
    group by marked.store_id, marked.rule, marked.subject
),

numbered as (
    select
        marked.*,
        row_number() over (
            partition by marked.store_id, marked.rule, marked.subject
            order by marked.ordered_at, marked.order_id
        ) as order_number,
        sum(marked.is_mark) over (
            partition by marked.store_id, marked.rule, marked.subject
            order by marked.ordered_at, marked.order_id
            rows between unbounded preceding and current row
        ) as marks
    from marked
    inner join touched
        on
            marked.store_id = touched.store_id
            and marked.rule = touched.rule
            and marked.subject = touched.subject
),

-- the mark that decides, and from when on
sought as (
    select
        numbered.*,
        rules.at_least,
        numbered.marks - rules.at_least + 1 as sought_mark,
        {{ minutes_before('numbered.ordered_at', 'rules.window_minutes') }} as sought_from_at
    from numbered
    inner join rules on numbered.rule = rules.rule
),

reached as (
    select
        sought.*,
        earlier.ordered_at as first_at,
        sought.order_number - row_number() over (
            partition by sought.store_id, sought.rule, sought.subject
            order by sought.order_number
        ) as run_id
    from sought
    inner join numbered as earlier
        on
            sought.store_id = earlier.store_id
            and sought.rule = earlier.rule
            and sought.subject = earlier.subject
            and sought.sought_mark = earlier.marks
    where earlier.is_mark = 1 and earlier.ordered_at > sought.sought_from_at
),

-- what is counted began with the first order of the unbroken run
counted as (
    select
        store_id,
        order_id,
        rule,
        ordered_at,
        ordered_on,
        at_least + marks
        - min(marks) over (partition by store_id, rule, subject, run_id) as evidence,
        min(first_at) over (partition by store_id, rule, subject, run_id) as evidence_from_at
    from reached
),

final as (
    select
        counted.store_id,
        counted.order_id,
        counted.rule,
        counted.ordered_at as signal_at,
        counted.ordered_on as signal_on,
        cast(counted.evidence as decimal(18, 4)) as evidence,
        counted.evidence_from_at
    from counted
    {{ tail('counted', 'ordered_on') }}
)

select * from final
