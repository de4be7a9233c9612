{#- What the rules about fraud have in common. -#}

{#- The rules that an order breaks when it is placed or paid; refund_abuse is of a later day. -#}
{% macro order_rules() -%}
    {{ return(['card_testing', 'velocity', 'address_ring', 'account_takeover', 'account_change']) }}
{%- endmacro %}

{#- The orders that rules look at: all that buyers placed, whatever became of them. -#}
{% macro placed_orders() -%}
    select
        store_id,
        order_id,
        customer_id,
        ordered_at,
        ordered_on,
        coalesce(ship_country_code, ship_country_name) as country,
        coalesce(device_id, ip_address) as connection
    from {{ ref('stg_orders') }}
    where not is_test and not is_adjustment
{%- endmacro %}

{#- A moment so many minutes before the tail begins, and a day, for the store's days begin less than
    a day before those of UTC. -#}
{% macro before_tail(minutes) -%}
    {{ minutes_before('cast(tail.changed_on - 1 as timestamp)', minutes) }}
{%- endmacro %}
