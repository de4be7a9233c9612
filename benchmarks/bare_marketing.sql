-- Channels, spend and web sessions of a shop that delivers campaigns, and the KPI tables of them, as
-- bare_simmart.sql makes the rest: no contracts, no tests, no history of deliveries.
create table dim_channels as
with channels as (
    select distinct channel, true as is_sales, false as is_marketing from raw_orders
    union all select distinct channel, false, true from dim_campaigns
)
select md5(channel) as channel_key, getvariable('store') as store_id, channel,
    bool_or(is_sales) as is_sales_channel, bool_or(is_marketing) as is_marketing_channel
from channels where channel is not null group by channel;

create table fact_campaign_daily as
select getvariable('store') as store_id, s.campaign_id, s.spend_on,
    coalesce(k.campaign_key, '0') as campaign_key, coalesce(k.channel_key, '0') as channel_key,
    s.impressions, s.clicks, s.spend as spend_amount, getvariable('currency') as currency_code,
    cast(1 as decimal(18, 8)) as fx_rate, in_reports(s.spend, 1) as spend_base_amount
from raw_campaign_spend as s
left join dim_campaigns as k
    on s.campaign_id = k.campaign_id
    and timezone('UTC', timezone('Europe/Berlin', s.spend_on::timestamp)) >= k.applies_from
    and timezone('UTC', timezone('Europe/Berlin', s.spend_on::timestamp)) < k.applies_to;
