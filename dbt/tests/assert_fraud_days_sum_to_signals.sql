{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_fraud_daily'}},
        'description':
            'The days of fraud add up to the orders placed and to their signals: orders under suspicion, each '
            ~ 'once, by rule, with scores and money; refunds on their own day.',
    },
) }}

{%- set measures = ['orders', 'flagged_orders', 'fraud_score', 'flagged_amount', 'flagged_base_amount',
    'refund_abuse_orders', 'refund_abuse_amount', 'refund_abuse_base_amount'] %}
{%- for rule in order_rules() %}{% do measures.append(rule ~ '_orders') %}{% endfor %}

with placed as (
    select o.store_id, o.ordered_on from {{ ref('stg_orders') }} as o
    {{ tail('o', 'ordered_on', look_ahead_days=1) }}
    where not o.is_test and not o.is_adjustment
),

suspected as (
    select f.* from {{ ref('fact_fraud_signals') }} as f
    {{ tail('f', 'ordered_on', look_ahead_days=1) }}
    where f.rule <> 'refund_abuse'
),

abused as (
    select f.* from {{ ref('fact_fraud_signals') }} as f
    {{ tail('f', 'signal_on', look_ahead_days=1) }}
    where f.rule = 'refund_abuse'
),

told as (
    select store_id, ordered_on as day_on, 1 as orders, 0 as flagged_orders, 0 as fraud_score,
        0 as flagged_amount, 0 as flagged_base_amount, 0 as refund_abuse_orders,
        0 as refund_abuse_amount, 0 as refund_abuse_base_amount
        {%- for rule in order_rules() %}, 0 as {{ rule }}_orders{% endfor %}
    from placed
    union all
    select store_id, ordered_on, 0,
        case when rule = min(rule) over (partition by store_id, order_id) then 1 else 0 end,
        score,
        case when rule = min(rule) over (partition by store_id, order_id) then amount else 0 end,
        case when rule = min(rule) over (partition by store_id, order_id) then base_amount else 0 end,
        0, 0, 0
        {%- for rule in order_rules() %}, case when rule = '{{ rule }}' then 1 else 0 end{% endfor %}
    from suspected
    union all
    select store_id, signal_on, 0, 0, 0, 0, 0, 1, amount, base_amount
        {%- for rule in order_rules() %}, 0{% endfor %}
    from abused
),

both_sides as (
    select store_id, day_on
        {%- for measure in measures %}, cast({{ measure }} as decimal(38, 4)) as {{ measure }}{% endfor %}
    from told
    union all
    select store_id, day_on
        {%- for measure in measures %}, -cast({{ measure }} as decimal(38, 4)){% endfor %}
    from {{ unjudged(ref('kpi_fraud_daily')) }} as judged_days
)

select
    store_id,
    day_on
    {%- for measure in measures %}, sum({{ measure }}) as {{ measure }}_difference{% endfor %}
from both_sides
group by store_id, day_on
having
    {% for measure in measures -%}
    sum(coalesce({{ measure }}, 0)) <> 0 {{ "or " if not loop.last }}
    {%- endfor %}
union all
select f.store_id, f.signal_on
    {%- for measure in measures %}, null as {{ measure }}_difference{% endfor %}
from {{ unjudged(ref('fact_fraud_signals')) }} as f
inner join {{ ref('stg_orders') }} as o on f.store_id = o.store_id and f.order_id = o.order_id
left join {{ ref('fraud_rules') }} as r on f.rule = r.rule
where
    f.ordered_on is distinct from o.ordered_on
    or f.customer_id is distinct from o.customer_id
    or f.score is distinct from r.score
    or f.at_least is distinct from r.at_least
    or f.window_minutes is distinct from r.window_minutes
    or f.evidence is null
    or f.evidence < f.at_least
    or f.evidence_from_at > f.signal_at
    or abs({{ days_between('cast(f.signal_at as date)', 'f.signal_on') }}) > 1
