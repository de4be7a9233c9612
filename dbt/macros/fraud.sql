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

{#- Orders of the tail and of the windows before it, and maybe older ones: what `tail` says of days, for
    the longest window of some rules. -#}
{% macro and_in_window(orders, rules) -%}
    {%- if execute and flags.WHICH == 'build' and model.resource_type == 'model' -%}
    {%- set minutes = run_query(
        'select max(window_minutes) from ' ~ ref('fraud_rules')
        ~ " where rule in ('" ~ rules | join("', '") ~ "')"
    ).columns[0][0] -%}
    {{ and_not_before(orders ~ '.ordered_on', 'changed_on', minutes // 1440 + 3) }}
    {%- endif -%}
{%- endmacro %}

{#- What is looked at for orders that come too fast: a guest is known by the connection; what is marked
    is, of a buyer, each order and, of a connection, each account on it. A subject is told by what its
    orders have in common too: their customer or their connection. -#}
{% macro order_subjects(orders) -%}
    select
        store_id,
        'velocity' as rule,
        case
            when customer_id is null then concat('guest ', connection)
            else concat('customer ', customer_id)
        end as subject,
        customer_id as of_customer,
        case when customer_id is null then connection end as of_connection,
        order_id as mark_id, order_id, ordered_at, ordered_on
    from {{ orders }}
    where coalesce(customer_id, connection) is not null
    union all
    select
        store_id, 'address_ring' as rule, connection as subject,
        null as of_customer, connection as of_connection,
        customer_id as mark_id, order_id, ordered_at, ordered_on
    from {{ orders }}
    where customer_id is not null and connection is not null
{%- endmacro %}
