{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_sales_monthly'}},
        'description':
            'What a row of a KPI table works out of its own figures is what they come to: ratios, what '
            ~ 'orders are worth on average, and growth on the month and the year before.',
    },
) }}


{%- set parts = {
    'kpi_sales_daily': [
        is_ratio('aov', 'net_by_order_date_amount', 'orders', 4),
        is_ratio('aov_base', 'net_by_order_date_base_amount', 'orders', 4),
    ],
    'kpi_sales_monthly': [
        is_ratio('aov', 'net_by_order_date_amount', 'orders', 4),
        is_ratio('aov_base', 'net_by_order_date_base_amount', 'orders', 4),
        is_ratio('mer', 'net_amount', 'spend_amount', 10),
    ],
    'kpi_basket_pairs': [
        is_ratio('support_rate', 'pair_orders', 'month_orders'),
        is_ratio('confidence_rate', 'pair_orders', 'product_orders'),
        is_ratio('other_confidence_rate', 'pair_orders', 'other_product_orders'),
        is_ratio('lift', 'pair_orders * month_orders', 'product_orders * other_product_orders'),
    ],
    'kpi_campaign_performance': [
        is_ratio('cac_amount', 'spend_amount', 'attributed_new_customers', 4),
        is_ratio('roas', 'attributed_net_amount', 'spend_amount', 10),
        is_ratio('roi', 'attributed_margin_amount - spend_amount', 'spend_amount', 10),
    ],
    'kpi_cart_abandonment': [is_ratio('abandonment_rate', 'abandoned_carts', 'closed_carts', 10)],
    'kpi_cohort_retention': [is_ratio('retention_rate', 'active_customers', 'cohort_size')],
    'kpi_cohort_value': [
        is_ratio('net_per_customer_amount', 'net_amount', 'cohort_size', 4),
        is_ratio('margin_per_customer_amount', 'margin_amount', 'cohort_size', 4),
        'matures_on is not distinct from ' ~ month_end('cohort_month') ~ ' + age_days',
    ],
    'kpi_customers_monthly': [is_ratio('repeat_rate', 'repeat_customers', 'customers_to_date')],
    'kpi_fraud_daily': [
        is_ratio('flagged_rate', 'flagged_orders', 'orders'),
        is_ratio('avg_fraud_score', 'fraud_score', 'orders'),
    ],
    'kpi_fulfilment_monthly': [
        is_ratio('on_time_rate', 'on_time_shipments', 'on_time_shipments + late_shipments'),
    ],
    'kpi_funnel_daily': [
        is_ratio('product_view_rate', 'product_view_sessions', 'sessions', 10),
        is_ratio('cart_rate', 'cart_sessions', 'product_view_sessions', 10),
        is_ratio('checkout_rate', 'checkout_sessions', 'cart_sessions', 10),
        is_ratio('purchase_rate', 'purchase_sessions', 'checkout_sessions', 10),
        is_ratio('conversion_rate', 'purchase_sessions', 'sessions', 10),
    ],
    'kpi_payment_mix': [
        is_ratio('success_rate', 'captured_payments + refunded_payments', 'payments'),
        is_ratio('decline_rate', 'declined_payments', 'payments'),
    ],
    'kpi_inventory_status': [
        'available_quantity is not distinct from greatest(on_hand_quantity, 0)',
        'is_below_reorder is not distinct from (available_quantity <= reorder_point)',
        'is_supply_infinite is not distinct from'
        ~ ' (available_quantity > 0 and days_of_supply is null)',
        is_ratio('stock_out_rate', 'stock_out_days', 'in_stock_days + stock_out_days'),
        'coalesce(abs(days_of_supply * mean_daily_units - available_quantity)'
        ~ ' <= 0.000001 * (days_of_supply + mean_daily_units + 1), true)',
    ],
    'kpi_inventory_turnover': [
        is_ratio('stock_out_rate', 'stock_out_days', 'active_days'),
        'coalesce(abs(turnover * average_value_amount - cost_of_sales_amount)'
        ~ ' <= 0.0001 * (abs(turnover) + average_value_amount + 1), true)',
        'active_days <= stocked_days',
        '(sell_through_rate is null) = (opening_quantity + received_quantity <= 0)',
        'coalesce(abs(sell_through_rate - least(1, greatest(0, cast(sold_quantity as double)'
        ~ ' / nullif(opening_quantity + received_quantity, 0)))) <= 0.000001, true)',
    ],
} %}

with growth as (
    select
        m.*,
        {%- for other, months in {'month': 1, 'year': 12}.items() %}
        {%- for figure, column in {'net': 'net_amount', 'orders': 'orders'}.items() %}
        case when m.is_complete and last_{{ other }}.is_complete and last_{{ other }}.{{ column }} > 0
            then {{ ratio('m.' ~ column ~ ' - last_' ~ other ~ '.' ~ column, 'last_' ~ other ~ '.' ~ column) }}
        end as {{ figure }}_on_{{ other }}
        {{- "," if not loop.last }}
        {%- endfor %}
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ unjudged(ref('kpi_sales_monthly')) }} as m
    {%- for other, months in {'month': 1, 'year': 12}.items() %}
    left join {{ ref('kpi_sales_monthly') }} as last_{{ other }}
        on
            m.store_id = last_{{ other }}.store_id
            and m.sales_month = {{ add_months('last_' ~ other ~ '.sales_month', months) }}
    {%- endfor %}
)

{% for table, figures in parts.items() -%}
select distinct '{{ table }}' as table_name, store_id
from {{ unjudged(ref(table)) }} as judged_{{ table }}
where
    {%- for is_right in figures %}
    {{ "or " if not loop.first }}not ({{ is_right }})
    {%- endfor %}
union all
{% endfor -%}
select 'kpi_sales_monthly', store_id
from growth
where
    {%- for other in ['month', 'year'] %}
    {%- for figure in ['net', 'orders'] %}
    {{ "or " if not (loop.first and other == 'month') -}}
    {{ figure }}_growth_on_{{ other }}_rate is distinct from {{ figure }}_on_{{ other }}
    {%- endfor %}
    {%- endfor %}
