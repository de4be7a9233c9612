{#- What the pages of a store record. -#}

{#- After how long without an event a visitor's session is over. -#}
{% macro session_gap() -%}
    interval '30' minute
{%- endmacro %}

{#- The place of a kind of event in the funnel: of events at one instant the earlier step is first. -#}
{% macro funnel_step(kind) -%}
    case {{ kind }}
        when 'page_view' then 0
        when 'product_view' then 1
        when 'add_to_cart' then 2
        when 'remove_from_cart' then 3
        when 'checkout_start' then 4
        when 'purchase' then 5
    end
{%- endmacro %}

{#- One letter for each step of the funnel, null for other kinds of events. -#}
{% macro step_letter(kind) -%}
    case {{ kind }}
        when 'product_view' then 'v'
        when 'add_to_cart' then 'a'
        when 'checkout_start' then 'c'
        when 'purchase' then 'p'
    end
{%- endmacro %}

{#- Texts of a group joined in an order, without the nulls. -#}
{% macro joined_text(text, order) -%}
    {{ return(adapter.dispatch('joined_text', 'ecom')(text, order)) }}
{%- endmacro %}

{% macro default__joined_text(text, order) -%}
    listagg({{ text }}, '') within group (order by {{ order }})
{%- endmacro %}

{% macro duckdb__joined_text(text, order) -%}
    string_agg({{ text }}, '' order by {{ order }}) filter (where {{ text }} is not null)
{%- endmacro %}

{#- The path of an address, without host, query and fragment. -#}
{% macro url_path(url) -%}
    case
        when {{ url }} is not null
            then coalesce(
                nullif(
                    regexp_extract(
                        {{ url }}, '^([A-Za-z][A-Za-z0-9+.-]*:)?(//[^/?#]*)?([^?#]*)', 3
                    ), ''
                ), '/'
            )
    end
{%- endmacro %}

{#- The channel of a session whose campaign tells none: what its link says of itself, direct where
    no tagged link led there, null where the link names a campaign alone. -#}
{% macro session_channel(alias) -%}
    case
        when coalesce({{ alias }}.utm_medium, {{ alias }}.utm_source, {{ alias }}.utm_campaign) is null
            then 'direct'
        else coalesce({{ alias }}.utm_medium, {{ alias }}.utm_source)
    end
{%- endmacro %}

{#- For how many hours after something was first put into it a cart may still lead to a purchase. -#}
{% macro cart_hours() -%}
    interval '24' hour
{%- endmacro %}
