{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_campaign_daily'}},
        'description':
            'Identities 2 and 3, per store and day: the spend that staging holds and that does not '
            ~ 'wait for a rate is in the fact, with its impressions and clicks.',
    },
) }}

with staged as (
    select
        spend.store_id,
        spend.spend_on,
        count(*) as campaigns,
        sum(spend.spend_amount) as spend_amount,
        sum(spend.impressions) as impressions,
        sum(spend.clicks) as clicks
    from {{ ref('stg_campaign_spend') }} as spend
    left join {{ ref('pending_rows') }} as pending
        on
            spend.store_id = pending.store_id
            and pending.dataset = 'raw_campaign_spend'
            and concat(spend.campaign_id, '-', cast(spend.spend_on as varchar(10)))
            = pending.row_id
    where pending.row_id is null
    group by spend.store_id, spend.spend_on
),

facts as (
    select
        store_id,
        spend_on,
        count(*) as campaigns,
        sum(spend_amount) as spend_amount,
        sum(impressions) as impressions,
        sum(clicks) as clicks
    from {{ ref('fact_campaign_daily') }}
    group by store_id, spend_on
)

select
    coalesce(staged.store_id, facts.store_id) as store_id,
    coalesce(staged.spend_on, facts.spend_on) as spend_on,
    staged.campaigns,
    facts.campaigns as fact_campaigns,
    staged.spend_amount,
    facts.spend_amount as fact_spend_amount
from staged
full outer join facts
    on staged.store_id = facts.store_id and staged.spend_on = facts.spend_on
where
    staged.campaigns is distinct from facts.campaigns
    or staged.spend_amount is distinct from facts.spend_amount
    or staged.impressions is distinct from facts.impressions
    or staged.clicks is distinct from facts.clicks
