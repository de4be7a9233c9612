{{ config(materialized='ephemeral') }}

-- Orders that come too fast: `velocity` of one buyer, `address_ring` of one connection after
-- another account on it. The mark that is so many before decides: no order is compared with all
-- others of its buyer, however many a shop without devices books on one address.
with rules as (
    select * from {{ ref('fraud_rules') }}
),

recent_orders as (
    select o.*
    from ({{ placed_orders() }}) as o
    inner join {{ ref('rebuild_from') }} as tail
        on
            o.store_id = tail.store_id
            {{- and_in_window('o', ['velocity', 'address_ring']) }}
),

recent as (
    {{ order_subjects('recent_orders') }}
),

followed as (
    select
        recent.store_id, recent.rule, recent.subject, recent.of_customer, recent.of_connection,
        rules.at_least,
        {{ minutes_before('recent.ordered_at', 'rules.window_minutes') }} as sought_from_at,
        lag(recent.ordered_at) over (
            partition by recent.store_id, recent.rule, recent.subject
            order by recent.ordered_at
        ) as previous_at
    from recent
    inner join rules on recent.rule = rules.rule
    inner join {{ ref('rebuild_from') }} as tail
        on
            recent.store_id = tail.store_id
            and recent.ordered_at > {{ before_tail('rules.window_minutes') }}
),

-- only where two orders follow each other that fast can there be as many as a rule asks for
touched as (
    select store_id, rule, subject, of_customer, of_connection
    from followed
    where previous_at > sought_from_at or at_least = 1
    group by store_id, rule, subject, of_customer, of_connection
),

customers as (
    select distinct store_id, of_customer as customer_id from touched
),

connections as (
    select distinct store_id, of_connection as connection from touched
),

-- of one and of the other: so few are looked for while all are read, not afterwards
orders as (
    select o.*
    from ({{ placed_orders() }}) as o
    inner join customers as c on o.store_id = c.store_id and o.customer_id = c.customer_id
    union
    select o.*
    from ({{ placed_orders() }}) as o
    inner join connections as c on o.store_id = c.store_id and o.connection = c.connection
),

subjects as (
    {{ order_subjects('orders') }}
),

-- the first order of an account is a mark
marked as (
    select
        subjects.*,
        case
            when row_number() over (
                partition by
                    subjects.store_id, subjects.rule, subjects.subject, subjects.mark_id
                order by subjects.ordered_at, subjects.order_id
            ) = 1 then 1
            else 0
        end as is_mark
    from subjects
    inner join touched
        on
            subjects.store_id = touched.store_id
            and subjects.rule = touched.rule
            and subjects.subject = touched.subject
),

numbered as (
    select
        *,
        row_number() over (
            partition by store_id, rule, subject order by ordered_at, order_id
        ) as order_number,
        sum(is_mark) over (
            partition by store_id, rule, subject order by ordered_at, order_id
            rows between unbounded preceding and current row
        ) as marks
    from marked
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
    {{ tail('counted', 'ordered_on', 'changed_on') }}
)

select * from final
