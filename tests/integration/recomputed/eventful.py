"""What the simulated shop never does, made to happen in its facts and in what is staged of stock.

Lines of every kind, goods that are free, of unknown cost or of no product, tests, days without a
rate, fraud by every rule, payments of every status, parcels that have not left, spend that nobody
counted clicks of; several warehouses with transfers and returns, counts that find nothing, products
off sale.
"""

import duckdb

IN_FACTS = """
    update fact_sales set line_kind = list_extract(
        ['product', 'product', 'product', 'shipping', 'fee', 'discount', 'gift_card', 'adjustment'],
        cast(1 + hash(order_id, line_number) % 8 as bigint));
    update fact_sales set gross_amount = -gross_amount, net_amount = -net_amount,
        net_base_amount = -net_base_amount, unit_price = -unit_price,
        discount_amount = -discount_amount
    where line_kind in ('discount', 'adjustment');
    update fact_sales set unit_cost = null, cost_amount = null
    where hash(order_id) % 3 = 0 or line_kind <> 'product';
    update fact_sales set unit_price = 0, gross_amount = 0, discount_amount = 0, net_amount = 0,
        net_base_amount = 0
    where hash(order_id, line_number, 3) % 11 = 0;
    update fact_sales set product_id = null, product_key = '0'
    where hash(order_id, line_number, 2) % 17 = 0;
    update fact_sales set is_test = true where hash(order_id, 7) % 31 = 0;
    update fact_sales set fx_rate = null, net_base_amount = null
    where hash(ordered_on, 5) % 7 = 0 and currency_code <> 'EUR';
    update fact_returns set line_kind = list_extract(
        ['product', 'product', 'product', 'shipping', 'fee', 'discount', 'gift_card', 'adjustment'],
        cast(1 + hash(refund_id, line_number) % 8 as bigint));
    update fact_returns set cost_amount = null where hash(refund_id) % 3 = 0;
    update fact_returns set product_id = null, product_key = '0' where hash(refund_id, 3) % 5 = 0;
    update fact_returns set fx_rate = null, base_amount = null
    where hash(refunded_on, 5) % 7 = 0 and currency_code <> 'EUR';
    update fact_payments set status = list_extract(
        ['captured', 'captured', 'declined', 'refunded', 'authorised'],
        cast(1 + hash(payment_id) % 5 as bigint));
    update fact_payments set fx_rate = null, base_amount = null
    where hash(paid_on, 5) % 3 = 0 and currency_code <> 'EUR';
    delete from fact_fraud_signals;
    insert into fact_fraud_signals by name
    select o.store_id, o.order_id, r.rule, o.ordered_on, r.score, o.currency_code,
        case when r.rule = 'refund_abuse' then o.ordered_on + 3 else o.ordered_on end as signal_on,
        o.net_amount as amount,
        case when o.currency_code = 'EUR' or hash(o.ordered_on, 5) % 3 > 0 then o.net_amount * 2 end
            as base_amount
    from (
        select store_id, order_id, ordered_on, currency_code, abs(sum(net_amount)) as net_amount
        from fact_sales
        where not is_test
        group by all
    ) as o
    inner join staging.fraud_rules as r on hash(o.order_id, r.rule) % 5 = 0;
    update fact_shipments set delivered_on = null, delivered_at = null, days_to_deliver = null,
        is_on_time = case when promised_on < last_on then false end
    from store_horizon as h
    where fact_shipments.store_id = h.store_id and hash(shipment_id) % 5 = 0;
    update fact_shipments set shipped_on = null, shipped_at = null, days_to_ship = null
    where hash(shipment_id) % 10 = 0;
    update fact_shipments set promised_on = null, is_on_time = null
    where hash(shipment_id, 2) % 10 = 0;
    update fact_campaign_daily set impressions = null where hash(campaign_id, spend_on) % 5 = 0;
    update fact_campaign_daily set clicks = null where hash(campaign_id, spend_on, 2) % 5 = 0;
    update fact_campaign_daily set spend_base_amount = null
    where hash(spend_on, 2) % 5 = 0 and currency_code <> 'EUR';
"""
IN_STAGING = """
    update stg_orders set is_test = true where hash(order_id, 7) % 31 = 0;
    update stg_inventory_movements
    set warehouse_id = list_extract(['a', 'b', null], cast(1 + hash(movement_id) % 3 as bigint))
    where hash(product_id) % 2 = 0;
    update stg_inventory_movements set kind = 'transfer' where hash(movement_id, 1) % 6 = 0;
    update stg_inventory_movements set kind = 'return', quantity = -quantity
    where kind = 'sale' and hash(movement_id, 1) % 7 = 0;
    update stg_inventory_counts set warehouse_id = 'a' where hash(product_id) % 2 = 0;
    update stg_inventory_counts set quantity_on_hand = 0 where hash(product_id, counted_on) % 3 = 0;
    update int_product_versions set unit_cost = null where hash(product_id, product_key) % 5 = 0;
    update int_product_versions set is_active = false where hash(product_id, product_key) % 3 = 0;
    update int_product_versions set is_deleted = true where hash(product_id, product_key) % 13 = 0;
    update int_product_versions set reorder_point = null
    where hash(product_id, product_key) % 13 = 1;
    delete from stg_inventory_movements where kind = 'receipt' and hash(product_id) % 5 = 0;
    insert into staging.changed.raw_products
    select distinct store_id, product_id from int_product_versions;
"""
OF_STOCK = (
    "dim_products", "dim_warehouses", "int_stocked_stores", "int_inventory_daily",
    "fact_inventory_movements", "fact_inventory_daily",
)  # fmt: skip
OF_FACTS = ("int_orders", "int_customer_orders", "int_order_touches")


def let_it_happen(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Changes a built warehouse; returns the models to be built anew before the KPI tables."""
    for database, statements in (("warehouse", IN_FACTS), ("staging", IN_STAGING)):
        connection.execute(f"use {database}")
        connection.execute(statements)
    connection.execute("use memory")
    return OF_STOCK + OF_FACTS
