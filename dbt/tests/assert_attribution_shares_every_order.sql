{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_attribution'}},
        'description':
            'In each model the touches of an order weigh one whole, none below nothing; '
            ~ 'attributed and unattributed orders and amounts of a month are all its counting '
            ~ 'orders.',
    },
) }}

with weights as (
    select store_id, order_id
    from {{ unjudged(ref('int_order_touches'), from='changed_month') }} as judged_touches
    group by store_id, order_id
    having
        {% for model in attribution_models() -%}
        sum({{ model }}_weight) <> 1 or min({{ model }}_weight) < 0
        {{ "or " if not loop.last }}
        {%- endfor %}
),

months as (
    select
        store_id,
        order_month,
        count(*) as orders,
        coalesce(sum(net_amount), 0) as net_amount,
        coalesce(sum(net_base_amount), 0) as net_base_amount,
        coalesce(sum(margin_amount), 0) as margin_amount
    from {{ unjudged(ref('int_orders'), from='changed_month') }} as judged_orders
    where is_counting
    group by store_id, order_month
),

models as (
    {% for model in attribution_models() -%}
    select '{{ model }}' as attribution_model {{ "union all" if not loop.last }}
    {% endfor %}
),

expected as (
    select months.*, models.attribution_model
    from months
    cross join models
),

shared as (
    select
        store_id,
        order_month,
        attribution_model,
        sum(orders) as orders,
        coalesce(sum(net_amount), 0) as net_amount,
        coalesce(sum(net_base_amount), 0) as net_base_amount,
        coalesce(sum(margin_amount), 0) as margin_amount
    from {{ unjudged(ref('kpi_attribution')) }} as judged_shares
    group by store_id, order_month, attribution_model
)

select
    coalesce(expected.store_id, shared.store_id) as store_id,
    coalesce(expected.order_month, shared.order_month) as order_month,
    coalesce(expected.attribution_model, shared.attribution_model) as what
from expected
full outer join shared
    on
        expected.store_id = shared.store_id
        and expected.order_month = shared.order_month
        and expected.attribution_model = shared.attribution_model
where
    expected.orders is distinct from shared.orders
    or expected.net_amount is distinct from shared.net_amount
    or expected.net_base_amount is distinct from shared.net_base_amount
    or expected.margin_amount is distinct from shared.margin_amount
union all
select store_id, null as order_month, order_id as what from weights
