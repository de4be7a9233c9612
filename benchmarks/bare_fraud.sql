-- Orders under suspicion of fraud by the rules of dbt/seeds/fraud_rules.csv, and fraud by day, from what
-- bare_simmart.sql and bare_kpis.sql have left. Variable: fraud_rules.
create temp table fraud_rules as from read_csv(getvariable('fraud_rules'), header = true);

create temp macro rule_of(name) as (select r from fraud_rules as r where r.rule = name);
create temp macro window_of(name) as to_minutes(rule_of(name).window_minutes);

create temp table looked_at as
select order_id, customer_id, ordered_at, ordered_on, ship_country as country,
    coalesce(device, ip_address) as connection,
    coalesce('c' || customer_id, 'g' || connection) as buyer
from placed where not is_test;

create temp table suspicions as
with declined as (
    select o.order_id, p.paid_at, o.ordered_on,
        row_number() over of_order as evidence, min(p.paid_at) over of_order as began_at
    from raw_payments as p inner join looked_at as o using (order_id)
    where p.status = 'declined' and p.paid_at >= o.ordered_at
        and p.paid_at < o.ordered_at + window_of('card_testing')
    window of_order as (partition by order_id order by p.paid_at, p.payment_id)
),
fast as (
    select order_id, ordered_at, ordered_on, number,
        lag(ordered_at, rule_of('velocity').at_least - 1) over by_buyer as nth_at
    from (select *, row_number() over (partition by buyer order by ordered_at, order_id) as number
        from looked_at where buyer is not null)
    window by_buyer as (partition by buyer order by ordered_at, order_id)
),
first_uses as (
    select connection, ordered_at, order_id,
        row_number() over (partition by connection order by ordered_at, order_id) as number
    from (from looked_at where customer_id is not null and connection is not null
        qualify row_number() over (
            partition by connection, customer_id order by ordered_at, order_id) = 1)
),
rings as (
    select o.order_id, o.ordered_at, o.ordered_on, count(*) as evidence,
        min(f.ordered_at) as began_at
    from looked_at as o inner join first_uses as f
        on o.connection = f.connection and o.customer_id is not null
        and (f.ordered_at, f.order_id) <= (o.ordered_at, o.order_id)
        and f.ordered_at > o.ordered_at - window_of('address_ring')
    group by all having count(*) >= rule_of('address_ring').at_least
),
accounts as (
    select *, min(ordered_at) over (partition by customer_id) as known_at,
        min(ordered_at) over (partition by customer_id, country) as country_at,
        min(ordered_at) over (partition by customer_id, connection) as connection_at,
        row_number() over (partition by customer_id, country, connection
            order by ordered_at, order_id) as evidence
    from looked_at where customer_id is not null
),
changes as (
    from dim_customers
    window by_change as (partition by customer_id order by valid_from)
    qualify not is_deleted and row_number() over by_change > 1
        and lag(row(email, country_code, region, city, postal_code)) over by_change
        is distinct from row(email, country_code, region, city, postal_code)
),
usual as (
    select *, count(*) over earlier as earlier_orders,
        priced_amount / nullif(avg(priced_amount) over earlier, 0) as evidence
    from orders where customer_id is not null
    window earlier as (partition by customer_id order by ordered_at, order_id
        rows between unbounded preceding and 1 preceding)
),
refunds as (
    from (select order_id, customer_id, refunded_at, refunded_on, sum(amount) as amount,
            sum(base_amount) as base_amount
        from fact_returns where origin = 'delivered' and not is_test and amount > 0
            and customer_id is not null group by all)
    qualify row_number() over (partition by order_id order by refunded_at) = 1
),
events as (
    select *, sum(is_refund) over so_far as refunded, sum(1 - is_refund) over so_far as placed
    from (
        select customer_id, order_id, ordered_at as moment, 0 as is_refund from looked_at
        where customer_id is not null
        union all select customer_id, order_id, refunded_at, 1 from refunds)
    window so_far as (partition by customer_id order by moment, is_refund, order_id
        rows unbounded preceding)
),
abuses as (
    from (select *, lag(moment, rule_of('refund_abuse').at_least - 1) over (
            partition by customer_id order by moment, order_id) as nth_at
        from events where is_refund = 1)
    where nth_at > moment - window_of('refund_abuse')
        and refunded >= rule_of('refund_abuse').share_at_least * placed
)
select order_id, 'card_testing' as rule, paid_at as signal_at, evidence, began_at, null as evidence_rate
from declined where evidence = rule_of('card_testing').at_least
union all
select order_id, 'velocity', ordered_at,
    rule_of('velocity').at_least, nth_at, null
from fast where nth_at > ordered_at - window_of('velocity')
union all select order_id, 'address_ring', ordered_at, evidence, began_at, null from rings
union all
select order_id, 'account_takeover', ordered_at, evidence, least(country_at, connection_at), null
from accounts where known_at < least(country_at, connection_at)
    and least(country_at, connection_at) > ordered_at - window_of('account_takeover')
union all
select o.order_id, 'account_change', o.ordered_at, any_value(o.evidence), max(c.valid_from), null
from usual as o inner join changes as c on o.customer_id = c.customer_id
    and c.valid_from <= o.ordered_at and c.valid_from > o.ordered_at - window_of('account_change')
where earlier_orders >= rule_of('account_change').earlier_orders_at_least
    and evidence >= rule_of('account_change').at_least
group by all
union all
select order_id, 'refund_abuse', moment, refunded, nth_at, refunded / placed from abuses;

create table fact_fraud_signals as
with worth as (
    select order_id, sum(net_amount) as net_amount, sum(net_base_amount) as net_base_amount
    from fact_sales where line_kind in ('product', 'discount') group by order_id
),
returned as (
    select order_id, refunded_at, sum(amount) as amount, sum(base_amount) as base_amount
    from fact_returns where origin = 'delivered' and amount > 0 group by all
)
select getvariable('store') as store_id, s.order_id, s.rule, s.signal_at,
    cast(local_time(s.signal_at) as date) as signal_on, o.ordered_on, o.customer_id, s.evidence,
    s.evidence_rate, s.began_at as evidence_from_at, r.at_least, r.window_minutes, r.score,
    getvariable('currency') as currency_code,
    if(s.rule = 'refund_abuse', b.amount, w.net_amount) as amount,
    if(s.rule = 'refund_abuse', b.base_amount, w.net_base_amount) as base_amount
from suspicions as s inner join fraud_rules as r using (rule) inner join looked_at as o using (order_id)
left join worth as w using (order_id)
left join returned as b on s.order_id = b.order_id and s.signal_at = b.refunded_at;

create table kpi_fraud_daily as
with days as (
    select cast(unnest(generate_series(first_on, last_on, interval 1 day)) as date) as day_on from horizon
),
ordered as (select ordered_on as day_on, count(*) as orders from looked_at group by all),
by_order as (
    select order_id, ordered_on as day_on, max(amount) as amount, max(base_amount) as base_amount,
        sum(score) as score, list(rule) as rules
    from fact_fraud_signals where rule <> 'refund_abuse' group by all
),
flagged as (
    select day_on, count(*) as flagged_orders, sum(amount) as flagged_amount,
        sum(base_amount) as flagged_base_amount, sum(score) as fraud_score,
        count_if(list_contains(rules, 'card_testing')) as card_testing_orders,
        count_if(list_contains(rules, 'velocity')) as velocity_orders,
        count_if(list_contains(rules, 'address_ring')) as address_ring_orders,
        count_if(list_contains(rules, 'account_takeover')) as account_takeover_orders,
        count_if(list_contains(rules, 'account_change')) as account_change_orders
    from by_order group by all
),
refunded as (
    select signal_on as day_on, count(*) as refund_abuse_orders, sum(amount) as refund_abuse_amount,
        sum(base_amount) as refund_abuse_base_amount
    from fact_fraud_signals where rule = 'refund_abuse' group by all
)
select getvariable('store') as store_id, getvariable('currency') as currency_code, days.day_on,
    coalesce(columns(* exclude (day_on)), 0), flagged_orders / orders as flagged_rate,
    coalesce(fraud_score, 0) / orders as avg_fraud_score
from days left join ordered using (day_on) left join flagged using (day_on)
left join refunded using (day_on);
